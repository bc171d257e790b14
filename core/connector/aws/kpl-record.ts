import { createHash } from 'node:crypto';
import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';

/**
 * Records that the Kinesis Producer Library packed into one (its published aggregation format): a magic number, a protobuf
 * message `AggregatedRecord` and the MD5 of the message. What has not the right MD5 is no aggregate, whatever it begins with.
 */
const MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);
const DIGEST_BYTES = 16;

/** Fields of the messages, each with the wire type that it must have. */
const RECORDS = 3;
const DATA = 3;
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

export function isAggregate(bytes: Uint8Array): boolean {
  if (bytes.length < MAGIC.length + DIGEST_BYTES || !MAGIC.every((byte, place) => bytes[place] === byte)) return false;
  const end = bytes.length - DIGEST_BYTES;
  const digest = createHash('md5').update(bytes.subarray(MAGIC.length, end)).digest();
  return digest.equals(bytes.subarray(end));
}

/**
 * The data of the records in an aggregate, in their order: views, not copies.
 *
 * @throws CorruptBytesError where the message is none
 */
export function recordsOfAggregate(bytes: Uint8Array): readonly Uint8Array[] {
  const message = new ByteReader(bytes.subarray(MAGIC.length, bytes.length - DIGEST_BYTES));
  return fieldsOf(message, RECORDS).map((record) => {
    const data = fieldsOf(new ByteReader(record), DATA).at(-1);
    if (data === undefined) throw new CorruptBytesError('a record of an aggregate has no data');
    return data;
  });
}

/** The values of one field, which holds bytes; other fields are passed over. */
function fieldsOf(message: ByteReader, wanted: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  while (message.left > 0) {
    const tag = message.varint();
    const type = tag % 8;
    const value = skip(message, type);
    if (Math.floor(tag / 8) !== wanted) continue;
    if (value === undefined) throw new CorruptBytesError(`field ${wanted} of an aggregate holds no bytes`);
    found.push(value);
  }
  return found;
}

function skip(message: ByteReader, type: number): Uint8Array | undefined {
  switch (type) {
    case VARINT:
      // Ten bytes at most, of which the value is not wanted.
      for (let length = 1; message.byte() >= 0x80; length++) {
        if (length === 10) throw new CorruptBytesError('a number of an aggregate has no end');
      }
      return undefined;
    case FIXED_64:
      message.fixed(8);
      return undefined;
    case BYTES:
      return message.bytes();
    case FIXED_32:
      message.fixed(4);
      return undefined;
    default:
      throw new CorruptBytesError(`${type} is no type of a field`);
  }
}
