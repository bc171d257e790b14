import { durationMs } from '../../time/duration.ts';
import type { Source, SourceContext, SourceSplit, SplitReader } from '../source.ts';
import { decompressedReader, fileReader } from './byte-reader.ts';
import { csvDecoder } from './csv-decoder.ts';
import type { BlockDecoder } from './decoder.ts';
import { readError } from './file-error.ts';
import { type Compression, compressionOfBytes, type FileFormat, formatOf, MAGIC_BYTES } from './file-format.ts';
import { type ListedFile, listFiles, pathOf } from './file-listing.ts';
import type { FileOptions } from './file-options.ts';
import type { FileSystem, ReadableFile } from './file-system.ts';
import { jsonLineDecoder, textLineDecoder } from './line-decoder.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { openParquet, type ParquetPosition, rowGroupsOf } from './parquet-reader.ts';
import { type RecordPosition, RecordReader, type RecordReaderOptions } from './record-reader.ts';

/**
 * Files as a source.
 *
 * 1. A split is a file. Where several subtasks read, a large uncompressed file of lines is divided into ranges of bytes and
 *    a Parquet file into its row groups; how, depends on the file alone, so the same splits come again after a restart.
 * 2. A line belongs to the range in which it begins: together the ranges give each line once.
 * 3. Positions: bytes of the uncompressed content, or rows of Parquet.
 */
export type FileSplit = {
  readonly name: string;
  /** Bytes; rows of a Parquet file. Absent: from the beginning. */
  readonly from?: number;
  /** Absent: to the end. */
  readonly to?: number;
};

export type FilePosition = RecordPosition | ParquetPosition;

/** The smallest range of a divided file. */
const RANGE_BYTES = 4 * 1_048_576;
/** No file is divided into more ranges, lest a list of splits grow without limit. */
const MAX_RANGES = 1_024;
const DISCOVER_EVERY_MS = 1_000;

/** What tests make small. */
export type FileSourceLimits = {
  readonly rangeBytes?: number;
  readonly chunkBytes?: number;
  readonly maxRecordBytes?: number;
};

export function fileSource<T>(options: FileOptions, limits: FileSourceLimits = {}): Source<T, FileSplit, FilePosition> {
  const paths = typeof options.path === 'string' ? [options.path] : options.path;
  const watch = options.watch !== undefined && options.watch !== false;
  return {
    name: `file ${paths.join(', ')}`,
    bounded: !watch,
    ...(watch ? { discoverEveryMs: discoverEveryMs(options.watch) } : {}),
    async splits(context, parallelism) {
      const files = context.files ?? nodeFileSystem;
      const listed = await listFiles(files, paths, context.baseFolder, watch);
      const splits: SourceSplit<FileSplit>[] = [];
      for (const file of listed) {
        const whole = watch || parallelism === 1;
        splits.push(...(whole ? [wholeFile(file)] : await divided(files, file, options, limits)));
      }
      return splits;
    },
    open: (split, position, context) => openSplit<T>(split.split, position, context, options, limits),
  };
}

function discoverEveryMs(watch: FileOptions['watch']): number {
  return typeof watch === 'boolean' || watch === undefined ? DISCOVER_EVERY_MS : durationMs(watch, 'file.watch');
}

function wholeFile(file: ListedFile): SourceSplit<FileSplit> {
  return { id: file.name, split: { name: file.name } };
}

function rangeOf(name: string, from: number, to: number): SourceSplit<FileSplit> {
  return { id: `${name}#${from}-${to}`, split: { name, from, to } };
}

async function divided(files: FileSystem, file: ListedFile, options: FileOptions, limits: FileSourceLimits) {
  const rangeBytes = Math.max(limits.rangeBytes ?? RANGE_BYTES, Math.ceil(file.size / MAX_RANGES));
  const format = formatOf(file.name, options.format);
  if (format === 'csv' || (format !== 'parquet' && file.size <= rangeBytes)) return [wholeFile(file)];
  const opened = await openFile(files, file.path);
  try {
    if (format === 'parquet') {
      const groups = await rowGroupsOf(opened, file.name);
      if (groups.length <= 1) return [wholeFile(file)];
      return groups.map(({ from, to }) => rangeOf(file.name, from, to));
    }
    if ((await compressionOf(opened, file.path)) !== 'none') return [wholeFile(file)];
    const ranges: SourceSplit<FileSplit>[] = [];
    for (let from = 0; from < file.size; from += rangeBytes) {
      ranges.push(rangeOf(file.name, from, Math.min(file.size, from + rangeBytes)));
    }
    return ranges;
  } finally {
    await opened.close();
  }
}

async function openSplit<T>(
  split: FileSplit,
  position: FilePosition | undefined,
  context: SourceContext,
  options: FileOptions,
  limits: FileSourceLimits,
): Promise<SplitReader<T, FilePosition>> {
  const files = context.files ?? nodeFileSystem;
  const path = pathOf(split.name, context.baseFolder);
  const format = formatOf(split.name, options.format);
  const opened = await openFile(files, path);
  try {
    if (format === 'parquet') {
      const row = position !== undefined && 'row' in position ? position.row : undefined;
      return await openParquet<T>(opened, split, row);
    }
    const at = position !== undefined && 'offset' in position ? position : firstPosition(split);
    const compression = await compressionOf(opened, path);
    return openRecords<T>({ opened, path, split, at, format, compression, options, limits, files });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The byte before a range, so that a line that begins with the range is seen to do so. */
function firstPosition(split: FileSplit): RecordPosition {
  return { offset: Math.max(0, (split.from ?? 0) - 1), line: 0 };
}

type OpenRecords = {
  readonly opened: ReadableFile;
  readonly path: string;
  readonly split: FileSplit;
  readonly at: RecordPosition;
  readonly format: Exclude<FileFormat, 'parquet'>;
  readonly compression: Compression;
  readonly options: FileOptions;
  readonly limits: FileSourceLimits;
  readonly files: FileSystem;
};

function openRecords<T>(open: OpenRecords): SplitReader<T, FilePosition> {
  const { opened, path, split, at, format, compression, options, limits, files } = open;
  const bytes =
    compression === 'none'
      ? fileReader(opened, path, at.offset)
      : decompressedReader(opened, path, compression, at.offset);
  const from = split.from ?? 0;
  const reader: RecordReaderOptions<T> = {
    bytes,
    decoder: decoderOf(format, split.name, options, at) as BlockDecoder<T>,
    name: split.name,
    from: at,
    skipFirstLine: at.offset < from,
    ...(split.to === undefined ? {} : { to: split.to }),
    ...(from === 0 ? {} : { linesBefore: () => linesBefore(files, path, from) }),
    ...limits,
  };
  return new RecordReader<T>(reader);
}

/** The decoder of a format; `at` tells what was read of the header. */
export function decoderOf(
  format: Exclude<FileFormat, 'parquet'>,
  name: string,
  options: Omit<FileOptions, 'path'>,
  at: RecordPosition,
): BlockDecoder {
  if (format === 'json') return jsonLineDecoder();
  if (format === 'text') return textLineDecoder();
  const delimiter = options.delimiter ?? (/\.tsv(\.|$)/i.test(name) ? '\t' : ',');
  return csvDecoder({ ...options, delimiter }, at.columns);
}

async function openFile(files: FileSystem, path: string): Promise<ReadableFile> {
  try {
    return await files.open(path);
  } catch (error) {
    throw readError(path, error);
  }
}

async function compressionOf(file: ReadableFile, path: string): Promise<Compression> {
  const head = new Uint8Array(MAGIC_BYTES);
  try {
    await file.read(head, 0, 0);
  } catch (error) {
    throw readError(path, error);
  }
  return compressionOfBytes(head);
}

/** Lines that end before the first line of a range. */
async function linesBefore(files: FileSystem, path: string, from: number): Promise<number> {
  const file = await openFile(files, path);
  const reader = fileReader(file, path, 0);
  const chunk = Buffer.alloc(RANGE_BYTES);
  let lines = 1;
  try {
    for (let position = 0; position < from - 1; ) {
      const count = await reader.fill(chunk, 0);
      const end = Math.min(count, from - 1 - position);
      for (let at = chunk.indexOf(10); at !== -1 && at < end; at = chunk.indexOf(10, at + 1)) lines++;
      if (count === 0) break;
      position += count;
    }
  } finally {
    await reader.close();
  }
  return lines;
}
