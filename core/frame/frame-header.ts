import { type ByteReader, CorruptBytesError } from '../codec/byte-reader.ts';
import type { ByteWriter } from '../codec/byte-writer.ts';
import { type FrameHeader, type FrameLink, MAX_HEADER_BYTES } from './frame.ts';
import type { KeyGroupRange } from './key-group-range.ts';

const LAST = 1;
const IDLE = 2;
const END = 4;
const KNOWN_FLAGS = LAST | IDLE | END;

export function writeHeader(out: ByteWriter, header: FrameHeader): void {
  out.text(header.job);
  out.varint(header.incarnation);
  out.text(header.producer);
  out.varint(header.n);
  out.varint(header.chunk);
  out.varint(header.port);
  writeRange(out, header.range);
  out.float64(header.watermark);
  out.varint(header.barrier);
  out.byte((header.last ? LAST : 0) | (header.idle ? IDLE : 0) | (header.end ? END : 0));
  out.varint(header.prev.length);
  for (const { range, n, chunk } of header.prev) {
    writeRange(out, range);
    out.varint(n);
    out.varint(chunk);
  }
  if (header.end === undefined) return;
  out.varint(header.end.successors.length);
  for (const successor of header.end.successors) out.text(successor);
}

export function readHeader(reader: ByteReader): FrameHeader {
  const job = reader.text();
  const incarnation = reader.varint();
  const producer = reader.text();
  const n = reader.varint();
  const chunk = reader.varint();
  const port = reader.varint();
  const range = readRange(reader);
  const watermark = reader.float64();
  if (!Number.isSafeInteger(watermark)) throw new CorruptBytesError('the watermark is no time');
  const barrier = reader.varint();
  const flags = reader.byte();
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new CorruptBytesError(`flags ${flags}`);
  const prev = readList(reader, readLink);
  return {
    job,
    incarnation,
    producer,
    n,
    chunk,
    last: (flags & LAST) !== 0,
    prev,
    port,
    range,
    watermark,
    idle: (flags & IDLE) !== 0,
    barrier,
    ...((flags & END) !== 0 && { end: { successors: readList(reader, (from) => from.text()) } }),
  };
}

function writeRange(out: ByteWriter, { first, last }: KeyGroupRange): void {
  out.varint(first);
  out.varint(last - first);
}

function readRange(reader: ByteReader): KeyGroupRange {
  const first = reader.varint();
  return { first, last: first + reader.varint() };
}

function readLink(reader: ByteReader): FrameLink {
  return { range: readRange(reader), n: reader.varint(), chunk: reader.varint() };
}

function readList<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const count = reader.varint();
  if (count > reader.left || count > MAX_HEADER_BYTES) throw new CorruptBytesError(`${count} parts of a header`);
  return Array.from({ length: count }, () => read(reader));
}
