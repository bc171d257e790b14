import type { ByteReader } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { WrittenRecord } from '../port/record-writer.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { readList, readRange, writeRange } from './row-parts.ts';

/**
 * What a commit sends on, ready to go: frames as they will stand in the log, and records for sinks. It is written with the
 * row and never made anew, so that a repetition is the same to the byte (P6).
 */
export type Outbox = {
  /** Those of one stage in the order in which each key group must get them. */
  readonly frames: readonly OutgoingFrame[];
  readonly batches: readonly OutgoingBatch[];
};

export type OutgoingFrame = {
  /** The stage whose inbox it goes to. */
  readonly stage: string;
  readonly range: KeyGroupRange;
  readonly bytes: Uint8Array;
};

/** Records for one sink, and the same as bytes; for the dead letters where `sink` is {@link DEAD_LETTERS}. */
export type OutgoingBatch = {
  readonly sink: string;
  readonly records: readonly WrittenRecord[];
  readonly bytes: Uint8Array;
};

/** No sink is called so: uids are not empty. */
export const DEAD_LETTERS = '';

export const EMPTY_OUTBOX: Outbox = { frames: [], batches: [] };

export function isEmpty({ frames, batches }: Outbox): boolean {
  return frames.length === 0 && batches.length === 0;
}

export function encodeOutbox({ frames, batches }: Outbox): Uint8Array {
  const out = new ByteWriter(1024);
  out.varint(frames.length);
  for (const { stage, range, bytes } of frames) {
    out.text(stage);
    writeRange(out, range);
    out.varint(bytes.length);
    out.bytes(bytes);
  }
  out.varint(batches.length);
  for (const { sink, bytes } of batches) {
    out.text(sink);
    out.varint(bytes.length);
    out.bytes(bytes);
  }
  return out.take();
}

/** @throws CorruptBytesError where nobody wrote these bytes */
export function readOutbox(from: ByteReader): Outbox {
  return { frames: readList(from, readFrame), batches: readList(from, readBatch) };
}

function readFrame(from: ByteReader): OutgoingFrame {
  return { stage: from.text(), range: readRange(from), bytes: from.bytes() };
}

function readBatch(from: ByteReader): OutgoingBatch {
  const sink = from.text();
  const bytes = from.bytes();
  const [values, timestamps] = decodeValue(bytes) as readonly [readonly unknown[], readonly Timestamp[]];
  return { sink, bytes, records: values.map((value, i) => ({ value, timestamp: timestamps[i] as Timestamp })) };
}

/** The batch of some records; undefined where there is none. What is no plain data is refused and left out. */
export function batchOf(
  sink: string,
  records: readonly WrittenRecord[],
  refuse: (record: WrittenRecord, error: unknown) => void,
): OutgoingBatch | undefined {
  if (records.length === 0) return undefined;
  try {
    return { sink, records, bytes: encodeRecords(records) };
  } catch {
    const plain = records.filter((record) => {
      try {
        encodeRecords([record]);
        return true;
      } catch (error) {
        refuse(record, error);
        return false;
      }
    });
    return plain.length === 0 ? undefined : { sink, records: plain, bytes: encodeRecords(plain) };
  }
}

function encodeRecords(records: readonly WrittenRecord[]): Uint8Array {
  return encodeValue([records.map(({ value }) => value), records.map(({ timestamp }) => timestamp)]);
}
