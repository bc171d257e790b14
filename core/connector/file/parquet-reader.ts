import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { RetryableError } from '../../error/error.ts';
import type { Batch, SplitReader } from '../source.ts';
import { readError } from './file-error.ts';
import type { ReadableFile } from './file-system.ts';

/**
 * Rows of a Parquet file as records.
 *
 * Timestamps and dates are epoch milliseconds; 64-bit integers are numbers where these are exact, else bigints. Rows are
 * read a window at a time, never over the end of a row group.
 */
export type ParquetPosition = { readonly row: number };

export type RowRange = { readonly from: number; readonly to: number };

/** Rows decoded at once. */
const WINDOW_ROWS = 65_536;

const CODECS = {
  ...compressors,
  GZIP: (input: Uint8Array) => gunzipSync(input),
  ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
};

const PARSERS = {
  timestampFromMilliseconds: (ms: bigint) => Number(ms),
  timestampFromMicroseconds: (us: bigint) => Number(floorDivide(us, 1_000n)),
  timestampFromNanoseconds: (ns: bigint) => Number(floorDivide(ns, 1_000_000n)),
  dateFromDays: (days: number) => days * 86_400_000,
};

function floorDivide(value: bigint, by: bigint): bigint {
  return BigInt.asIntN(64, value < 0n ? (value - by + 1n) / by : value / by);
}

/** The rows of each row group. */
export async function rowGroupsOf(file: ReadableFile, path: string): Promise<readonly RowRange[]> {
  const metadata = await metadataOf(bufferOf(file), path);
  const groups: RowRange[] = [];
  let from = 0;
  for (const group of metadata.row_groups) {
    const to = from + Number(group.num_rows);
    if (to > from) groups.push({ from, to });
    from = to;
  }
  return groups;
}

/** The rows of a split, from `row` on; closes `file` in the end. */
export async function openParquet<T>(
  file: ReadableFile,
  split: { readonly name: string; readonly from?: number; readonly to?: number },
  row: number | undefined,
): Promise<SplitReader<T, ParquetPosition>> {
  const buffer = bufferOf(file);
  const metadata = await metadataOf(buffer, split.name);
  const ends = groupEnds(metadata);
  const to = Math.min(split.to ?? Number.POSITIVE_INFINITY, ends.at(-1) ?? 0);
  let next = row ?? split.from ?? 0;
  let rows: readonly T[] = [];
  let taken = 0;

  const take = (limit: number): Batch<T> => {
    const values = taken === 0 && rows.length <= limit ? rows : rows.slice(taken, taken + limit);
    taken += values.length;
    next += values.length;
    return { values, ended: next >= to };
  };
  return {
    read(limit) {
      if (taken < rows.length || next >= to) return take(limit);
      const end = Math.min(to, next + WINDOW_ROWS, ends.find((groupEnd) => groupEnd > next) ?? to);
      return readRows(buffer, metadata, split.name, { from: next, to: end }).then((read) => {
        rows = read as T[];
        taken = 0;
        return take(limit);
      });
    },
    position: () => ({ row: next }),
    close: () => file.close(),
  };
}

function groupEnds(metadata: FileMetaData): readonly number[] {
  let end = 0;
  return metadata.row_groups.map((group) => {
    end += Number(group.num_rows);
    return end;
  });
}

async function readRows(file: AsyncBuffer, metadata: FileMetaData, path: string, range: RowRange): Promise<unknown[]> {
  try {
    const rows: unknown[] = await parquetReadObjects({
      file,
      metadata,
      rowStart: range.from,
      rowEnd: range.to,
      compressors: CODECS,
      parsers: PARSERS,
      useOffsetIndex: true,
    });
    return rows.map(withNumbers);
  } catch (error) {
    throw readError(path, error);
  }
}

async function metadataOf(file: AsyncBuffer, path: string): Promise<FileMetaData> {
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file, { parsers: PARSERS });
  } catch (error) {
    throw readError(path, error);
  }
  if (!metadata.schema.some(({ name }) => name === '__proto__')) return metadata;
  throw new RetryableError(`file ${path} has a column __proto__, which is prototype-polluting; rename it in the file`);
}

/** Bigints that a number holds exactly become one, so that Parquet and JSON give the same records. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  const parts = value as Record<string, unknown>;
  for (const key of Object.keys(parts)) {
    const part = parts[key];
    if (typeof part === 'bigint' || typeof part === 'object') parts[key] = withNumbers(part);
  }
  return value;
}

function bufferOf(file: ReadableFile): AsyncBuffer {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const count = await file.read(bytes, at, start + at);
        if (count === 0) throw new Error(`it ends at byte ${start + at} of ${file.size}`);
        at += count;
      }
      return bytes.buffer;
    },
  };
}
