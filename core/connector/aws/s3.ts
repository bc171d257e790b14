import { JobSpecError } from '../../error/error.ts';
import type { CsvOptions } from '../file/csv-columns.ts';
import type { Row } from '../file/file.ts';
import type { Compression, FileFormat } from '../file/file-format.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';
import { deployedSink, deployedSource } from './deployed.ts';

/** Options of the word `s3`. Those of one side are refused on the other. */
export type S3Options = CsvOptions & {
  /** The name of the bucket. */
  readonly bucket: string;
  /** Objects whose names begin so; `/` at the end means a folder. All unless said. */
  readonly prefix?: string;
  /** Source: by the ending of each name unless said. Sink: `json` (JSON Lines) unless said. */
  readonly format?: FileFormat;
  /** Sink: `none` unless said. A source sees it from the first bytes of an object. */
  readonly compression?: Compression;
  /** Sink: a folder `field=value` for each value of the field. */
  readonly partitionBy?: string;
};

/** The objects of a bucket, on whichever side of a job they stand. */
export type S3Connector<T> = { readonly source: Source<T>; readonly sink: Sink };

/**
 * Objects of an S3 bucket: JSON Lines, CSV, Parquet or lines of text. As a source the objects that are there when the job
 * starts, each record exactly once; as a sink an object for each commit that has records, under a name that follows from
 * the commit, so that each record is there exactly once and is not seen before it is committed.
 *
 * @throws JobSpecError for options that do not fit the side that is used
 * @example
 * perPage.sideOutput(late).to('tooLate', s3({ bucket: 'late-clicks', format: 'parquet' }));
 */
export function s3<T = Row>(options: S3Options): S3Connector<T> {
  const { bucket, prefix } = options;
  const resource = { kind: 's3-bucket', name: bucket, ...(prefix !== undefined && { prefix }) } as const;
  const parts = { word: 's3', options, resource };
  return {
    get source() {
      refuse(options, ['compression', 'partitionBy'], 'a source');
      return deployedSource<T>(parts);
    },
    get sink() {
      // Tables bring libraries that lines do without.
      const writer = options.format === 'csv' || options.format === 'parquet' ? 's3_table' : 's3';
      return deployedSink({ ...parts, guarantee: 'exactly-once', writer });
    },
  };
}

function refuse(options: S3Options, names: readonly (keyof S3Options)[], side: string): void {
  const faults = names
    .filter((name) => options[name] !== undefined)
    .map((name) => ({ path: `s3.${name}`, message: `${side} has no ${name}; leave it out` }));
  if (faults.length > 0) throw new JobSpecError(faults);
}
