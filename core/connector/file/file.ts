import { JobSpecError } from '../../error/error.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';
import type { FileOptions } from './file-options.ts';
import { fileSink } from './file-sink.ts';
import { fileSource } from './file-source.ts';

/** Records whose fields are not known to the compiler. */
export type Row = { readonly [field: string]: unknown };

/** Files, on whichever side of a job they stand. */
export type FileConnector<T> = { readonly source: Source<T>; readonly sink: Sink };

/**
 * Files: JSON Lines, CSV, Parquet or lines of text, plain or in gzip or zstd. As a source it reads files, folders and
 * globs; as a sink it writes parts into a folder, each visible once the checkpoint it belongs to is complete.
 *
 * @throws JobSpecError for options that do not fit the side that is used
 * @example
 * source('clicks', file<Click>({ path: 'clicks/*.jsonl.gz' })).to('out', file({ path: 'out', format: 'parquet' }));
 */
export function file<T = Row>(options: FileOptions): FileConnector<T> {
  return {
    get source() {
      refuse(options, ['partitionBy', 'rollBytes', 'compression'], 'a source');
      return fileSource<T>(options) as Source<T>;
    },
    get sink() {
      refuse(options, ['watch'], 'a sink');
      return fileSink(options) as Sink;
    },
  };
}

function refuse(options: FileOptions, names: readonly (keyof FileOptions)[], side: string): void {
  const faults = names
    .filter((name) => options[name] !== undefined)
    .map((name) => ({ path: `file.${name}`, message: `${side} has no ${name}; leave it out` }));
  if (faults.length > 0) throw new JobSpecError(faults);
}
