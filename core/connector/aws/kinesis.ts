import { JobSpecError } from '../../error/error.ts';
import type { CsvOptions } from '../file/csv-columns.ts';
import type { Row } from '../file/file.ts';
import type { LogSource } from '../log-source.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';
import { deployedSink, pushedSource } from './deployed.ts';
import { deaggregating, entryDecoder } from './entry-decoder.ts';

/** Options of the word `kinesis`. Those of one side are refused on the other. */
export type KinesisOptions = CsvOptions & {
  /** The name of the stream, or its ARN where it is another account's or region's. */
  readonly stream: string;
  /**
   * `json` unless said. Source: `json` (an object, or one per line), `csv` (with `columns`) or `text`; the containers of
   * `millrace/producer` and of the KPL are seen from their first bytes and taken apart. Sink: `json` or `text`.
   */
  readonly format?: 'json' | 'csv' | 'text';
  /** Sink: the field whose value decides the shard; absent: records are spread. */
  readonly key?: string;
  /** Sink: a field for the identity of each record, by which a reader finds repetitions; absent: none. */
  readonly identity?: string;
};

/** A Kinesis stream, on whichever side of a job it stands. */
export type KinesisConnector<T> = { readonly source: Source<T>; readonly sink: Sink };

/**
 * A Kinesis stream. As a source each event is processed exactly once, in the order of its shard; as a sink each record is
 * put at least once.
 *
 * @throws JobSpecError for options that do not fit the side that is used
 * @example
 * source('clicks', kinesis<Click>({ stream: 'clicks' })).to('copy', kinesis({ stream: 'copy', key: 'user' }));
 */
export function kinesis<T = Row>(options: KinesisOptions): KinesisConnector<T> {
  const { stream, format } = options;
  const parts = { word: 'kinesis', options, resource: { kind: 'kinesis-stream', name: stream } } as const;
  return {
    get source() {
      refuse(options, ['key', 'identity'], 'a source');
      if (format === 'csv' && options.columns === undefined) {
        const message = 'records have no header line; name the columns: [...]';
        throw new JobSpecError([{ path: 'kinesis.columns', message }]);
      }
      const decode = deaggregating(entryDecoder(options));
      return pushedSource<T>(parts, decode as LogSource<T>['decode']);
    },
    get sink() {
      refuse(options, ['delimiter', 'quote', 'columns', 'types'], 'a sink');
      if (format === 'csv') {
        throw new JobSpecError([{ path: 'kinesis.format', message: 'a sink writes json or text' }]);
      }
      return deployedSink({ ...parts, guarantee: 'at-least-once' });
    },
  };
}

function refuse(options: KinesisOptions, names: readonly (keyof KinesisOptions)[], side: string): void {
  const faults = names
    .filter((name) => options[name] !== undefined)
    .map((name) => ({ path: `kinesis.${name}`, message: `${side} has no ${name}; leave it out` }));
  if (faults.length > 0) throw new JobSpecError(faults);
}
