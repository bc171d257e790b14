import { constants, crc32, zstdCompressSync } from 'node:zlib';
import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { inflated, joined } from './delta.ts';

/** Bytes that are stored: compressed, and with a checksum over what is stored. `crc32 · raw length · zstd frame` */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const CHECKSUM_BYTES = 4;
/** No one block, index or manifest comes near it; a damaged length reserves no more. */
const MAX_RAW_BYTES = 512 * 1024 * 1024;

export function seal(raw: Uint8Array): Uint8Array {
  const head = new ByteWriter(16);
  for (let i = 0; i < CHECKSUM_BYTES; i++) head.byte(0);
  head.varint(raw.length);
  const sealed = joined(head, zstdCompressSync(raw, LEVEL));
  new DataView(sealed.buffer).setUint32(0, crc32(sealed.subarray(CHECKSUM_BYTES)), true);
  return sealed;
}

/** @throws CorruptBytesError where they are damaged or cut short; `what` names them */
export function unseal(sealed: Uint8Array, what: string): Uint8Array {
  if (sealed.length < 6) throw new CorruptBytesError(`${what} is cut short`);
  const body = sealed.subarray(CHECKSUM_BYTES);
  const expected = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0, true);
  if (crc32(body) !== expected) throw new CorruptBytesError(`${what} does not have its checksum: it is damaged`);
  const from = new ByteReader(body);
  const length = from.varint();
  if (length > MAX_RAW_BYTES) throw new CorruptBytesError(`${what} claims ${length} bytes`);
  return inflated(body.subarray(from.place), length);
}
