import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { PoisonRecordError } from '../../error/error.ts';
import { encodeJson } from '../json.ts';
import type { CsvType } from './csv-cell.ts';
import { type EncoderOptions, hasOther, NOTHING, type PartEncoder, rowOf } from './encoder.ts';

/**
 * Parquet, one row group at a time.
 *
 * 1. Columns and their types are those asked for, else found from the rows of the first row group: whole numbers are
 *    64-bit integers, numbers doubles, dates timestamps, objects and mixtures JSON.
 * 2. A later row that does not fit begins a new part.
 * 3. Rows wait until a row group is full: at most {@link GROUP_ROWS} of them, or {@link GROUP_BYTES} about.
 */
const GROUP_ROWS = 50_000;
const GROUP_BYTES = 32 * 1_048_576;

type ColumnType = Exclude<CsvType, 'bigint'> | 'bigint' | 'json';
type Column = { readonly name: string; readonly type: ColumnType };
type Row = Readonly<Record<string, unknown>>;

const PARQUET_TYPES = {
  string: 'STRING',
  int: 'INT64',
  bigint: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
} as const;

const COMPRESSORS = {
  GZIP: (bytes: Uint8Array): Uint8Array => gzipSync(bytes),
  ZSTD: (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes),
};

const CODECS = { none: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD' } as const;

export function parquetEncoder(options: EncoderOptions, columnsBefore?: readonly string[]): PartEncoder {
  const bytes = new ByteWriter();
  let rows: Row[] = [];
  let rowBytes = 0;
  let waiting = 0;
  let names: readonly string[] = options.columns ?? columnsBefore ?? [];
  let known: ReadonlySet<string> = new Set(names);
  let open: { readonly writer: ParquetWriter; readonly columns: readonly Column[] } | undefined;
  let rejected: readonly string[] = [];

  const writeGroup = () => {
    open ??= openWriter(bytes, rows, names, options);
    const columnData = open.columns.map(({ name, type }) => sourceOf(name, type, rows));
    open.writer.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
    rows = [];
    rowBytes = 0;
  };
  const taken = (): Uint8Array => {
    waiting = 0;
    if (bytes.index === 0) return NOTHING;
    const written = bytes.getBytes().slice();
    // The writer counts its offset on; only its buffer begins anew.
    bytes.index = 0;
    return written;
  };
  return {
    add(value) {
      const row = rowOf(value, 'Parquet');
      checkDates(row);
      if (options.columns === undefined && hasOther(row, known)) {
        if (open !== undefined) {
          rejected = Object.keys(row);
          return false;
        }
        names = [...new Set([...names, ...Object.keys(row)])];
        known = new Set(names);
      }
      if (open?.columns.some(({ name, type }) => !fits(row[name], type)) === true) return false;
      checkTypes(row, options.types);
      const size = sizeOf(row);
      rows.push(held(row));
      rowBytes += size;
      waiting += size;
      return true;
    },
    get waiting() {
      return waiting;
    },
    get columns() {
      return [...new Set([...names, ...rejected])];
    },
    take() {
      if (rows.length >= GROUP_ROWS || rowBytes >= GROUP_BYTES) writeGroup();
      return taken();
    },
    finish() {
      if (rows.length > 0 || open === undefined) writeGroup();
      open?.writer.finish();
      return taken();
    },
  };
}

function openWriter(writer: ByteWriter, rows: readonly Row[], names: readonly string[], options: EncoderOptions) {
  const columns = names.map((name) => ({ name, type: typeOf(name, rows, options.types) }));
  const columnData = columns.map(({ name, type }) => sourceOf(name, type, []));
  const schema = schemaFromColumnData({ columnData });
  const codec = CODECS[options.compression ?? 'none'];
  return { writer: new ParquetWriter({ writer, schema, codec, compressors: COMPRESSORS }), columns };
}

function sourceOf(name: string, type: ColumnType, rows: readonly Row[]): ColumnSource {
  return { name, data: rows.map((row) => cellOf(row[name], type)), type: PARQUET_TYPES[type], nullable: true };
}

function cellOf(value: unknown, type: ColumnType): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'int':
    case 'bigint':
      return BigInt(value as number);
    case 'timestamp':
      return value instanceof Date ? value : new Date(value as number);
    case 'json':
      return typeof value === 'object' && !(value instanceof Date) ? value : JSON.parse(encodeJson(value));
    default:
      return value;
  }
}

function typeOf(name: string, rows: readonly Row[], types: EncoderOptions['types']): ColumnType {
  const given = givenType(types, name);
  if (given !== undefined) return given;
  let found: ColumnType | undefined;
  for (const row of rows) {
    const value = row[name];
    if (value === undefined || value === null) continue;
    const type = typeOfValue(value);
    if (found === undefined || found === type) found = type;
    else if (isNumeric(found) && isNumeric(type)) found = 'double';
    else return 'json';
  }
  return found ?? 'string';
}

function givenType(types: EncoderOptions['types'], name: string): CsvType | undefined {
  return typeof types === 'object' && Object.hasOwn(types, name) ? types[name] : undefined;
}

function isNumeric(type: ColumnType): boolean {
  return type === 'int' || type === 'double';
}

function typeOfValue(value: unknown): ColumnType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'double';
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'bigint' : 'json';
    default:
      return value instanceof Date ? 'timestamp' : 'json';
  }
}

function fits(value: unknown, type: ColumnType): boolean {
  if (value === undefined || value === null || type === 'json') return true;
  const own = typeOfValue(value);
  if (own === type || (type === 'double' && own === 'int')) return true;
  return own === 'int' && (type === 'timestamp' || type === 'bigint');
}

/** A row as it is now, since it waits and its owner may change it; objects are plain JSON, so that none fails later. */
function held(row: Row): Row {
  const copy: Record<string, unknown> = { ...row };
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      copy[name] = JSON.parse(encodeJson(value));
    }
  }
  return copy;
}

function checkDates(row: Row): void {
  for (const name in row) {
    const value = row[name];
    if (!(value instanceof Date) || !Number.isNaN(value.getTime())) continue;
    throw new PoisonRecordError(`field ${name} is an invalid date; give a valid one or null`);
  }
}

function checkTypes(row: Row, types: EncoderOptions['types']): void {
  if (typeof types !== 'object') return;
  for (const name in types) {
    const type = givenType(types, name);
    if (type === undefined || fits(row[name], type)) continue;
    throw new PoisonRecordError(`field ${name} is not of type ${type}, which the file has; map it, or mend types`);
  }
}

/** About what a row takes. */
function sizeOf(row: Row): number {
  let size = 0;
  for (const name in row) {
    const value = row[name];
    size += typeof value === 'string' ? value.length : typeof value === 'object' ? 64 : 8;
  }
  return size;
}
