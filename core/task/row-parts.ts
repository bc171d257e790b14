import { type ByteReader, CorruptBytesError } from '../codec/byte-reader.ts';
import type { ByteWriter } from '../codec/byte-writer.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** The small parts that rows are made of. */

export function writeRange(out: ByteWriter, { first, last }: KeyGroupRange): void {
  out.varint(first);
  out.varint(last - first);
}

export function readRange(from: ByteReader): KeyGroupRange {
  const first = from.varint();
  return { first, last: first + from.varint() };
}

/** Most times are past 1970 or one of the ends of time: those are short. */
const TIME = { min: 0, max: 1, after: 2, before: 3 } as const;

export function writeTime(out: ByteWriter, at: Timestamp): void {
  if (at === MIN_TIMESTAMP) out.byte(TIME.min);
  else if (at === MAX_TIMESTAMP) out.byte(TIME.max);
  else {
    out.byte(at < 0 ? TIME.before : TIME.after);
    out.varint(Math.abs(at));
  }
}

export function readTime(from: ByteReader): Timestamp {
  const kind = from.byte();
  switch (kind) {
    case TIME.min:
      return MIN_TIMESTAMP;
    case TIME.max:
      return MAX_TIMESTAMP;
    case TIME.after:
      return from.varint();
    case TIME.before:
      return -from.varint();
    default:
      throw new CorruptBytesError(`${kind} is no kind of time, at byte ${from.place - 1}`);
  }
}

export function readFlag(from: ByteReader): boolean {
  const flag = from.byte();
  if (flag > 1) throw new CorruptBytesError(`${flag} is neither yes nor no, at byte ${from.place - 1}`);
  return flag === 1;
}

/** Each item takes a byte at least, so that a count that lies ends before it has taken memory. */
export function readList<T>(from: ByteReader, read: (from: ByteReader) => T): readonly T[] {
  const count = from.varint();
  if (count > from.left) throw new CorruptBytesError(`${count} items are more than the ${from.left} bytes left`);
  return Array.from({ length: count }, () => read(from));
}
