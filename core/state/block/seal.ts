import { constants, crc32, zstdCompressSync } from 'node:zlib';
import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { inflated } from './delta.ts';

/** Bytes that are stored: compressed, and with a checksum over what is stored. `crc32 · raw length · zstd frame` */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** No one block, index or manifest comes near it; a damaged length reserves no more. */
const MAX_RAW_BYTES = 512 * 1024 * 1024;

export function seal(raw: Uint8Array): Uint8Array {
  const out = new ByteWriter(raw.length + 16);
  out.varint(raw.length);
  out.bytes(zstdCompressSync(raw, LEVEL));
  const body = out.take();
  const sealed = new Uint8Array(4 + body.length);
  new DataView(sealed.buffer).setUint32(0, crc32(body), true);
  sealed.set(body, 4);
  return sealed;
}

/** @throws CorruptBytesError where they are damaged or cut short; `what` names them */
export function unseal(sealed: Uint8Array, what: string): Uint8Array {
  if (sealed.length < 6) throw new CorruptBytesError(`${what} is cut short`);
  const body = sealed.subarray(4);
  const expected = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0, true);
  if (crc32(body) !== expected) throw new CorruptBytesError(`${what} does not have its checksum: it is damaged`);
  const from = new ByteReader(body);
  const length = from.varint();
  if (length > MAX_RAW_BYTES) throw new CorruptBytesError(`${what} claims ${length} bytes`);
  return inflated(body.subarray(from.place), length);
}
