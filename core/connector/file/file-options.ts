import type { Duration } from '../../time/duration.ts';
import type { CsvOptions } from './csv-columns.ts';
import type { Compression, FileFormat } from './file-format.ts';

/** Options of the word `file`, plain data. Those of one side are refused on the other. */
export type FileOptions = CsvOptions & {
  /**
   * Source: one or several files, folders (with all below them) or globs such as `clicks/*.jsonl.gz`. Files and folders
   * whose names begin with `.` or `_` are left out unless the path says so. Sink: the folder for the parts.
   * Relative to the folder of the job.
   */
  readonly path: string | readonly string[];
  /** Source: by the ending of each file unless said. Sink: `json` unless said. */
  readonly format?: FileFormat;
  /** Sink: `none` unless said. A source sees it from the first bytes of a file. */
  readonly compression?: Compression;
  /** Source: go on forever, looking for new files so often; `true` is every second. Files must appear whole (renamed). */
  readonly watch?: boolean | Duration;
  /** Sink: a folder `field=value` for each value of the field. */
  readonly partitionBy?: string;
  /** Sink: a part that is larger is closed and the next one begun; 128 MiB unless said. Also at every checkpoint. */
  readonly rollBytes?: number;
};
