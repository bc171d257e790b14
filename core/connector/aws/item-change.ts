import { deflateSync, inflateSync } from 'node:zlib';
import { reasonOf } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { cutRaw } from '../file/decoder.ts';
import type { Row } from '../file/file.ts';
import type { DecodedEntry, SourceEntry } from '../log-source.ts';
import { pollutionOf } from '../pollution.ts';
import { type Attributes, recordOf } from './attribute-value.ts';

/** A change of an item, as the stream of its table tells it. */
export type ItemChange<T = Row> = {
  readonly change: 'insert' | 'modify' | 'remove';
  /** The key's fields. */
  readonly key: Row;
  /** The item before the change; null where there was none, or the stream does not hold it. */
  readonly before: T | null;
  /** The item after the change; null where it is gone, or the stream does not hold it. */
  readonly after: T | null;
  /** About when it happened: epoch milliseconds. */
  readonly at: Timestamp;
};

/** A change as the table's stream has it, and as the table writes it into a Kinesis stream. */
type StreamRecord = {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    readonly Keys?: Attributes;
    readonly NewImage?: Attributes;
    readonly OldImage?: Attributes;
    /** Since the epoch: seconds in the table's own stream, else milliseconds or what the next field says. */
    readonly ApproximateCreationDateTime?: number;
    readonly ApproximateCreationDateTimePrecision?: 'MILLISECOND' | 'MICROSECOND';
  };
};

const CHANGES = { INSERT: 'insert', MODIFY: 'modify', REMOVE: 'remove' } as const;

/** Two images of an item of 400 KB are larger as JSON than an entry of a stream; compressed they are not. */
const COMPRESSED_ABOVE = 200_000;
/** A batch that Lambda gives has 6 MB. */
const MAX_CHANGE_BYTES = 8_000_000;
const BRACE = 0x7b;

/** A stream record as bytes that {@link decodeQueuedChange} reads. */
export function encodeItemChange(record: object): Uint8Array {
  const json = Buffer.from(JSON.stringify(record));
  return json.length > COMPRESSED_ABOVE ? deflateSync(json) : json;
}

/** As {@link decodeItemChange}, of what {@link encodeItemChange} wrote. */
export function decodeQueuedChange<T>(entry: SourceEntry): DecodedEntry<ItemChange<T>> {
  if (entry.bytes[0] === BRACE) return decodeItemChange(entry);
  try {
    return decodeItemChange({ ...entry, bytes: inflateSync(entry.bytes, { maxOutputLength: MAX_CHANGE_BYTES }) });
  } catch (error) {
    const raw = cutRaw(Buffer.from(entry.bytes).toString('base64'));
    return { values: [], faults: [{ reason: `no change of an item: ${reasonOf(error)}`, raw, place: entry.place }] };
  }
}

/** The change in an entry, which is the JSON of a stream record. Its timestamp is the time of the change. */
export function decodeItemChange<T>({ bytes, arrival, place }: SourceEntry): DecodedEntry<ItemChange<T>> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    const { eventName, dynamodb } = JSON.parse(text) as StreamRecord;
    const { Keys = {}, NewImage, OldImage } = dynamodb;
    const at = timeOf(dynamodb) ?? arrival ?? 0;
    const value = {
      change: CHANGES[eventName],
      key: recordOf(Keys),
      before: OldImage === undefined ? null : (recordOf(OldImage) as T),
      after: NewImage === undefined ? null : (recordOf(NewImage) as T),
      at,
    };
    const polluting = pollutionOf(value);
    if (polluting !== undefined) throw new TypeError(polluting);
    return { values: [value], timestamps: [at] };
  } catch (error) {
    return { values: [], faults: [{ reason: `no change of an item: ${reasonOf(error)}`, raw: cutRaw(text), place }] };
  }
}

/** A number this small is seconds: as milliseconds it would be 1973. */
const SECONDS_BELOW = 100_000_000_000;

function timeOf(record: StreamRecord['dynamodb']): Timestamp | undefined {
  const { ApproximateCreationDateTime: time, ApproximateCreationDateTimePrecision: precision } = record;
  if (time === undefined) return undefined;
  if (precision === 'MICROSECOND') return Math.floor(time / 1_000);
  return time < SECONDS_BELOW ? Math.floor(time * 1_000) : time;
}
