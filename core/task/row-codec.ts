import { ByteReader, CorruptBytesError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import type { Base, CommitRow, NodeTime, Payload, Position, Trying } from './commit-row.ts';
import type { HeldFrame } from './held-frames.ts';
import { encodeOutbox, readOutbox } from './outbox.ts';
import type { ProducerProgress, Seen } from './progress.ts';
import type { Piece, RangeMap } from './range-map.ts';
import { readFlag, readList, readRange, readTime, writeRange, writeTime } from './row-parts.ts';
import type { LastFrame, Sent } from './sent.ts';

/**
 * Commit rows as bytes: version · head · payload, where the payload may stand in an object instead.
 *
 * 1. What was encoded is decoded equal; decoding ends for any bytes, with a row or a CorruptBytesError, and takes memory
 *    in proportion to them.
 * 2. The head is small and says all but the delta, the outbox and the frames that wait: whoever looks for a task that is
 *    due reads no object.
 */
const VERSION = 1;

const KINDS = ['commit', 'tick', 'attempt', 'seal'] as const;

/** The payload's place: behind the head, or in the object of that name. */
export type PayloadPlace = { readonly kind: 'row'; readonly bytes: Uint8Array } | ObjectPlace;
export type ObjectPlace = { readonly kind: 'object'; readonly name: string; readonly parts: PartLengths };

/** So that a part can be read from an object without the others. */
export type PartLengths = { readonly delta: number; readonly held: number; readonly outbox: number };

export type RowHead = Omit<CommitRow, 'payload'>;
export type EncodedPayload = { readonly bytes: Uint8Array; readonly parts: PartLengths };

export function encodePayload({ delta, held, outbox }: Payload): EncodedPayload {
  const holding = encodeHeld(held);
  const outgoing = encodeOutbox(outbox);
  const out = new ByteWriter(delta.length + holding.length + outgoing.length + 16);
  for (const part of [delta, holding, outgoing]) out.bytes(part);
  return { bytes: out.take(), parts: { delta: delta.length, held: holding.length, outbox: outgoing.length } };
}

export function decodePayload(bytes: Uint8Array, parts: PartLengths): Payload {
  const { delta, held, outbox } = parts;
  if (delta + held + outbox !== bytes.length) throw new CorruptBytesError('a payload is not as long as its row says');
  const waiting = decodeHeld(bytes.subarray(delta, delta + held));
  return {
    delta: bytes.subarray(0, delta),
    outbox: whole(new ByteReader(bytes.subarray(delta + held)), readOutbox),
    ...(waiting !== undefined && { held: waiting }),
  };
}

export function encodeRow(head: RowHead, payload: EncodedPayload | ObjectPlace): Uint8Array {
  const out = new ByteWriter(1024);
  out.byte(VERSION);
  writeHead(out, head);
  out.byte('name' in payload ? 1 : 0);
  for (const length of [payload.parts.delta, payload.parts.held, payload.parts.outbox]) out.varint(length);
  if ('name' in payload) out.text(payload.name);
  else out.bytes(payload.bytes);
  return out.take();
}

/** @throws CorruptBytesError where nobody wrote these bytes, or a newer version did */
export function decodeRow(
  n: number,
  body: Uint8Array,
): { readonly head: RowHead; readonly payload: EncodedPayload | ObjectPlace } {
  const from = new ByteReader(body);
  const version = from.byte();
  if (version !== VERSION) throw new CorruptBytesError(`row ${n} has format ${version}; this version reads ${VERSION}`);
  const head = readHead(from, n);
  const isObject = readFlag(from);
  const parts = { delta: from.varint(), held: from.varint(), outbox: from.varint() };
  if (isObject) return { head, payload: { kind: 'object', name: whole(from, () => from.text()), parts } };
  return { head, payload: { bytes: body.subarray(from.place), parts } };
}

function writeHead(out: ByteWriter, row: RowHead): void {
  out.byte(KINDS.indexOf(row.kind));
  writeRange(out, row.range);
  writePosition(out, row.position);
  writeList(out, row.progress, writeProgress);
  writeTime(out, row.watermark);
  writeFlag(out, row.idle);
  writeList(out, row.nodeTimes, writeNodeTime);
  writeList(out, row.sent, writeSent);
  out.varint(row.publishedUpTo + 1);
  out.varint(row.barrier);
  writeBase(out, row.base);
  writeOptional(out, row.wakeAt, writeTime);
  writeTime(out, row.activeAt);
  writeOptional(out, row.trying, writeTrying);
}

function readHead(from: ByteReader, n: number): RowHead {
  const kind = KINDS[from.byte()];
  if (kind === undefined) throw new CorruptBytesError(`row ${n} is of no known kind`);
  const fields = {
    kind,
    n,
    range: readRange(from),
    position: readPosition(from),
    progress: readList(from, readProgress),
    watermark: readTime(from),
    idle: readFlag(from),
    nodeTimes: readList(from, readNodeTime),
    sent: readList(from, readSent),
    publishedUpTo: from.varint() - 1,
    barrier: from.varint(),
    base: readBase(from),
  };
  const wakeAt = readOptional(from, readTime);
  const activeAt = readTime(from);
  const trying = readOptional(from, readTrying);
  return { ...fields, activeAt, ...(wakeAt !== undefined && { wakeAt }), ...(trying !== undefined && { trying }) };
}

function writePosition(out: ByteWriter, { sequence, records }: Position): void {
  writeOptional(out, sequence, (to, value) => to.text(value));
  out.varint(records);
}

function readPosition(from: ByteReader): Position {
  const sequence = readOptional(from, (reader) => reader.text());
  return { ...(sequence !== undefined && { sequence }), records: from.varint() };
}

function writeProgress(out: ByteWriter, { producer, seen }: ProducerProgress): void {
  out.text(producer);
  writePieces(out, seen, writeSeen);
}

function readProgress(from: ByteReader): ProducerProgress {
  return { producer: from.text(), seen: readPieces(from, readSeen) };
}

function writeSeen(out: ByteWriter, { n, chunk, watermark, idle }: Seen): void {
  out.varint(n + 2);
  out.varint(chunk + 1);
  writeTime(out, watermark);
  writeFlag(out, idle);
}

function readSeen(from: ByteReader): Seen {
  return { n: from.varint() - 2, chunk: from.varint() - 1, watermark: readTime(from), idle: readFlag(from) };
}

function writeNodeTime(out: ByteWriter, { place, watermark, idle }: NodeTime): void {
  out.varint(place);
  writeTime(out, watermark);
  writeFlag(out, idle);
}

function readNodeTime(from: ByteReader): NodeTime {
  return { place: from.varint(), watermark: readTime(from), idle: readFlag(from) };
}

function writeSent(out: ByteWriter, { stage, frames }: Sent): void {
  out.text(stage);
  writePieces(out, frames, writeLastFrame);
}

function readSent(from: ByteReader): Sent {
  return { stage: from.text(), frames: readPieces(from, readLastFrame) };
}

function writeLastFrame(out: ByteWriter, { n, chunk, watermark, idle, at }: LastFrame): void {
  out.varint(n);
  out.varint(chunk);
  writeTime(out, watermark);
  writeFlag(out, idle);
  writeTime(out, at);
}

function readLastFrame(from: ByteReader): LastFrame {
  return {
    n: from.varint(),
    chunk: from.varint(),
    watermark: readTime(from),
    idle: readFlag(from),
    at: readTime(from),
  };
}

function writeBase(out: ByteWriter, { n, pointer }: Base): void {
  out.varint(n);
  out.varint(pointer.length);
  out.bytes(pointer);
}

function readBase(from: ByteReader): Base {
  return { n: from.varint(), pointer: from.bytes() };
}

function writeTrying(out: ByteWriter, { limit, attempt }: Trying): void {
  out.varint(limit);
  out.varint(attempt);
}

function readTrying(from: ByteReader): Trying {
  return { limit: from.varint(), attempt: from.varint() };
}

/** Nothing where the row before still holds: one byte less than an empty list, and another meaning. */
function encodeHeld(held: readonly HeldFrame[] | undefined): Uint8Array {
  const out = new ByteWriter();
  if (held === undefined) return out.take();
  writeList(out, held, (to, { bytes, ranges }) => {
    writeList(to, ranges, writeRange);
    to.varint(bytes.length);
    to.bytes(bytes);
  });
  return out.take();
}

function decodeHeld(bytes: Uint8Array): readonly HeldFrame[] | undefined {
  if (bytes.length === 0) return undefined;
  return whole(new ByteReader(bytes), (from) =>
    readList(from, () => ({ ranges: readList(from, readRange), bytes: from.bytes() })),
  );
}

function writePieces<V>(out: ByteWriter, map: RangeMap<V>, write: (out: ByteWriter, value: V) => void): void {
  writeList(out, map, (to, { range, value }: Piece<V>) => {
    writeRange(to, range);
    write(to, value);
  });
}

function readPieces<V>(from: ByteReader, read: (from: ByteReader) => V): RangeMap<V> {
  return readList(from, () => ({ range: readRange(from), value: read(from) }));
}

function writeList<T>(out: ByteWriter, items: readonly T[], write: (out: ByteWriter, item: T) => void): void {
  out.varint(items.length);
  for (const item of items) write(out, item);
}

function writeOptional<T>(out: ByteWriter, value: T | undefined, write: (out: ByteWriter, value: T) => void): void {
  writeFlag(out, value !== undefined);
  if (value !== undefined) write(out, value);
}

function readOptional<T>(from: ByteReader, read: (from: ByteReader) => T): T | undefined {
  return readFlag(from) ? read(from) : undefined;
}

function writeFlag(out: ByteWriter, flag: boolean): void {
  out.byte(flag ? 1 : 0);
}

function whole<T>(from: ByteReader, read: (from: ByteReader) => T): T {
  const value = read(from);
  if (from.left > 0) throw new CorruptBytesError(`${from.left} bytes follow the row`);
  return value;
}
