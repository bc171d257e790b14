import { InvariantError } from '../error/error.ts';
import { chunkReader } from './file/byte-reader.ts';
import type { CsvOptions } from './file/csv-columns.ts';
import type { BlockDecoder } from './file/decoder.ts';
import type { Row } from './file/file.ts';
import { decoderOf } from './file/file-source.ts';
import { type RecordPosition, RecordReader } from './file/record-reader.ts';
import type { Source } from './source.ts';

/** Options of the word `stdin`. */
export type StdinOptions = CsvOptions & {
  /** `json` (one object per line) unless said. */
  readonly format?: 'json' | 'csv' | 'text';
};

/**
 * The standard input, read by one subtask until it ends, and the job with it. What was piped cannot be read again, so after
 * a crash only what a checkpoint has not seen is read, as far as the pipe still gives it.
 *
 * @throws InvariantError where the runtime has no standard input
 */
export function stdin<T = Row>(options: StdinOptions = {}): Source<T, null, RecordPosition> {
  const format = options.format ?? 'json';
  return {
    name: `stdin ${format}`,
    bounded: true,
    splits: () => Promise.resolve([{ id: 'stdin', split: null }]),
    async open(_split, position, { input }) {
      if (input === undefined) throw new InvariantError('this runtime has no standard input; read from a file instead');
      // The bytes before a position are gone: what comes now stands right behind it.
      const from = position ?? { offset: 0, line: 0 };
      return new RecordReader<T>({
        bytes: chunkReader(input),
        decoder: decoderOf(format, 'stdin', options, from) as BlockDecoder<T>,
        name: 'stdin',
        from,
        live: true,
      });
    },
  };
}
