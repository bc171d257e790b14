import { createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from './file-format.ts';

/** Compresses the bytes of one file, piece by piece. */
export interface Compressor {
  /** Takes a piece; gives what the compression has ready, which may be nothing. */
  add(bytes: Uint8Array): Promise<Uint8Array>;
  end(): Promise<Uint8Array>;
}

export function compressorOf(compression: Compression): Compressor {
  if (compression === 'none') return { add: (bytes) => Promise.resolve(bytes), end: async () => new Uint8Array(0) };
  const engine = compression === 'gzip' ? createGzip() : createZstdCompress();
  let ready: Uint8Array[] = [];
  engine.on('data', (bytes: Uint8Array) => ready.push(bytes));
  const failed = new Promise<never>((_resolve, reject) => engine.on('error', reject));
  failed.catch(() => undefined);
  const ended = new Promise<void>((resolve) => engine.on('end', resolve));
  const taken = () => {
    const bytes = Buffer.concat(ready);
    ready = [];
    return bytes;
  };
  return {
    async add(bytes) {
      await Promise.race([new Promise<void>((resolve) => engine.write(bytes, () => resolve())), failed]);
      return taken();
    },
    async end() {
      engine.end();
      await Promise.race([ended, failed]);
      return taken();
    },
  };
}
