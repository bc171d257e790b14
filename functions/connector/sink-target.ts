import { createHash } from 'node:crypto';
import { encodeJson } from '../../core/connector/json.ts';
import { PoisonRecordError, reasonOf } from '../../core/error/error.ts';
import type { Clock } from '../../core/port/clock.ts';
import type {
  BatchIdentity,
  RecordBatch,
  RecordWriter,
  RefusedRecord,
  WrittenRecord,
} from '../../core/port/record-writer.ts';

/** What a sink's writer is made of: the options of its word, and where the deployment says that it writes. */
export type SinkTarget<Options> = {
  readonly uid: string;
  readonly options: Options;
  /** A stream's, table's or bucket's name, a queue's URL, a topic's ARN; of a webhook nothing. */
  readonly address: string;
  readonly clock: Clock;
};

/** Makes the writer of a word's sinks. */
export type MakeWriter<Options> = (target: SinkTarget<Options>) => RecordWriter;

/** The makers of some words: those of a job's sinks are bundled with it, and no others. */
export type Writers = { readonly [word: string]: MakeWriter<never> };

/** The identity of a record as text: the same whenever it is written. */
export function identityText({ incarnation, task, n }: BatchIdentity, index: number): string {
  return `${incarnation}/${task}/${n}/${index}`;
}

/** Short, and without special characters, so that every service takes it. */
export function identityDigest(sink: string, identity: BatchIdentity, index: number): string {
  return createHash('sha256')
    .update(`${sink}/${identityText(identity, index)}`)
    .digest('hex');
}

/** What `make` gives for each record; what it refuses is among the refused. */
export function eachRecord<T>(
  { records }: RecordBatch,
  make: (record: WrittenRecord, index: number) => T,
): { readonly made: readonly T[]; readonly refused: readonly RefusedRecord[] } {
  const made: T[] = [];
  const refused: RefusedRecord[] = [];
  for (const [index, record] of records.entries()) {
    try {
      made.push(make(record, index));
    } catch (error) {
      if (!(error instanceof PoisonRecordError) && !(error instanceof TypeError)) throw error;
      refused.push({ index, reason: reasonOf(error) });
    }
  }
  return { made, refused };
}

/** @throws PoisonRecordError for text that is none */
export function textOf(value: unknown, format: 'json' | 'text' = 'json'): string {
  if (format === 'json') return encodeJson(value);
  const text = typeof value === 'object' && value !== null && 'line' in value ? value.line : value;
  if (typeof text === 'string') return text;
  throw new PoisonRecordError('format text takes text, or { line }; map the record to that');
}

/** A field of a record as text; undefined where it has none. */
export function fieldText(value: unknown, field: string | undefined): string | undefined {
  if (field === undefined || typeof value !== 'object' || value === null) return undefined;
  const found = (value as Readonly<Record<string, unknown>>)[field];
  if (found === undefined || found === null) return undefined;
  return typeof found === 'string' ? found : encodeJson(found);
}
