import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { readError, shortenedError } from './file-error.ts';
import type { Compression } from './file-format.ts';
import type { ReadableFile } from './file-system.ts';

/** Bytes in order, pulled into buffers that the puller owns. */
export interface ByteReader {
  /** Fills `target` from `at`, in part or whole; gives the number of bytes, 0 at the end only. */
  fill(target: Uint8Array, at: number): Promise<number>;
  close(): Promise<void>;
}

/** Compressed bytes read at once. */
const COMPRESSED_CHUNK_BYTES = 65_536;

/** The bytes of a file from `from` on. */
export function fileReader(file: ReadableFile, path: string, from: number): ByteReader {
  let position = from;
  let reading: Promise<unknown> = Promise.resolve();
  return {
    async fill(target, at) {
      const under = read(file, path, target, at, position);
      reading = under.catch(() => undefined);
      const count = await under;
      if (count === 0 && position < file.size) throw shortenedError(path, file.size, position);
      position += count;
      return count;
    },
    async close() {
      await reading;
      await file.close();
    },
  };
}

/** The bytes that a compressed file holds, from byte `from` of the uncompressed on, which it has to read up to. */
export function decompressedReader(
  file: ReadableFile,
  path: string,
  compression: Exclude<Compression, 'none'>,
  from: number,
): ByteReader {
  const chunks = decompressed(file, path, compression);
  const reader = chunkReader(chunks, from);
  return {
    fill: reader.fill,
    async close() {
      // A generator ends its reads before it returns.
      await chunks.return(undefined);
      await file.close();
    },
  };
}

/** Chunks as they come, without the first `skip` bytes. To close it leaves the chunks alone: they may never come. */
export function chunkReader(chunks: AsyncIterable<Uint8Array>, skip = 0): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let toSkip = skip;
  return {
    async fill(target, at) {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return 0;
        const dropped = Math.min(toSkip, next.value.length);
        toSkip -= dropped;
        rest = next.value.subarray(dropped);
      }
      const count = Math.min(rest.length, target.length - at);
      target.set(rest.subarray(0, count), at);
      rest = rest.subarray(count);
      return count;
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A compressed file may be several that were joined. Node reads on over the members of gzip, but stops after one frame of
 * zstd and says how far that went.
 */
async function* decompressed(
  file: ReadableFile,
  path: string,
  compression: 'gzip' | 'zstd',
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < file.size; ) {
    const engine: Transform & { readonly bytesWritten: number } =
      compression === 'gzip' ? createGunzip() : createZstdDecompress();
    pipeline(Readable.from(compressedChunks(file, path, start)), engine, () => undefined);
    try {
      yield* engine as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw error instanceof Error && error.name === 'RetryableError' ? error : readError(path, error);
    }
    if (compression === 'gzip' || engine.bytesWritten === 0) return;
    start += engine.bytesWritten;
  }
}

async function* compressedChunks(file: ReadableFile, path: string, from: number): AsyncGenerator<Uint8Array> {
  for (let position = from; position < file.size; ) {
    const chunk = new Uint8Array(COMPRESSED_CHUNK_BYTES);
    const count = await read(file, path, chunk, 0, position);
    if (count === 0) throw shortenedError(path, file.size, position);
    position += count;
    yield chunk.subarray(0, count);
  }
}

async function read(file: ReadableFile, path: string, target: Uint8Array, at: number, position: number) {
  try {
    return await file.read(target, at, position);
  } catch (error) {
    throw readError(path, error);
  }
}
