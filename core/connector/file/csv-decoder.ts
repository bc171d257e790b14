import { parse } from 'csv-parse/sync';
import { JobSpecError, reasonOf } from '../../error/error.ts';
import { CELL_READERS, type CellReader, type CsvType, inferCell } from './csv-cell.ts';
import { type BlockDecoder, type BlockFault, cutRaw } from './decoder.ts';

/**
 * CSV as RFC 4180 has it: quoted fields may hold delimiters, line ends and doubled quotes.
 *
 * A scan over the bytes finds where records end (a quote opens a field only at its beginning, so a stray one spoils its
 * own record and no more); csv-parse takes a whole block of them apart at once. Where it finds a fault, or another number
 * of records, the block is taken apart record by record, so that only the faulty ones are refused.
 */
export type CsvOptions = {
  /** One ASCII character; `,` unless said, or a tab for files that end in `.tsv`. */
  readonly delimiter?: string;
  /** One ASCII character, `"` unless said. */
  readonly quote?: string;
  /** Names of the columns of a file without a header line; absent: the first line has them. */
  readonly columns?: readonly string[];
  /**
   * Types by column; the columns that are not named stay text. `infer` (unless said): each cell by what it looks like,
   * numbers, booleans and, when empty, null. `text`: no types at all.
   */
  readonly types?: 'infer' | 'text' | { readonly [column: string]: CsvType };
};

type RecordEnd = { readonly bytes: number; readonly lines: number };

const LINE_FEED = 10;

export function csvDecoder(options: CsvOptions, knownColumns?: readonly string[]): BlockDecoder {
  const delimiter = single(options.delimiter ?? ',', 'delimiter');
  const quote = single(options.quote ?? '"', 'quote');
  const ends = (bytes: Buffer) => recordEnds(bytes, delimiter.charCodeAt(0), quote.charCodeAt(0));
  const format = { delimiter, quote, escape: quote, record_delimiter: ['\r\n', '\n'], relax_column_count: true };
  let shape = columnsOf(options, options.columns ?? knownColumns);
  let block: Buffer = Buffer.alloc(0);
  let records: RecordEnd[] = [];
  let rows: readonly (string[] | Error)[] = [];
  let next = 0;

  const slice = (index: number) => block.subarray(records[index - 1]?.bytes ?? 0, records[index]?.bytes);
  const fault = (index: number, reason: string): BlockFault => ({
    reason,
    raw: cutRaw(slice(index).toString('utf8').trimEnd()),
    line: records[index - 1]?.lines ?? 0,
  });

  return {
    lastEnd: (bytes) => ends(bytes).at(-1)?.bytes ?? 0,
    begin(newBlock) {
      block = newBlock;
      records = ends(block);
      if ((records.at(-1)?.bytes ?? 0) < block.length) {
        records.push({ bytes: block.length, lines: (records.at(-1)?.lines ?? 0) + 1 });
      }
      rows = parseRows(block, records, format);
      next = 0;
    },
    decode(limit, values, faults) {
      for (; next < rows.length && values.length < limit; next++) {
        const row = rows[next];
        if (row === undefined || isEmpty(row)) continue;
        if (row instanceof Error) {
          faults.push(fault(next, row.message));
        } else if (shape === undefined) {
          shape = columnsOf(options, row);
        } else {
          try {
            values.push(shape.record(row));
          } catch (error) {
            faults.push(fault(next, reasonOf(error)));
          }
        }
      }
      return next < rows.length;
    },
    taken: () => records[next - 1] ?? { bytes: 0, lines: 0 },
    columns: () => shape?.names,
  };
}

function isEmpty(row: string[] | Error): boolean {
  return Array.isArray(row) && row.length === 1 && row[0] === '';
}

function single(text: string, name: string): string {
  if (text.length === 1 && text.charCodeAt(0) < 128 && text !== '\n' && text !== '\r') return text;
  throw new JobSpecError([{ path: `file.${name}`, message: `${JSON.stringify(text)} is not one ASCII character` }]);
}

/** Where each whole record ends. */
function recordEnds(bytes: Buffer, delimiter: number, quote: number): RecordEnd[] {
  const ends: RecordEnd[] = [];
  let lines = 0;
  let quoted = false;
  let atFieldStart = true;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === LINE_FEED) lines++;
    if (quoted) {
      if (byte !== quote) continue;
      if (bytes[index + 1] === quote) index++;
      else quoted = false;
    } else if (byte === LINE_FEED) {
      ends.push({ bytes: index + 1, lines });
      atFieldStart = true;
    } else if (byte === delimiter) {
      atFieldStart = true;
    } else {
      quoted = atFieldStart && byte === quote;
      atFieldStart = false;
    }
  }
  return ends;
}

function parseRows(block: Buffer, records: readonly RecordEnd[], format: object): (string[] | Error)[] {
  try {
    const rows: string[][] = parse(block, format);
    if (rows.length === records.length) return rows;
  } catch {
    // Some record is faulty: which one is found below.
  }
  let start = 0;
  return records.map(({ bytes: end }) => {
    const record = block.subarray(start, end);
    start = end;
    return parseRow(record, format);
  });
}

function parseRow(record: Buffer, format: object): string[] | Error {
  try {
    const rows: string[][] = parse(record, format);
    return rows.length <= 1
      ? (rows[0] ?? [''])
      : new TypeError('a quote stands where none may; double it and quote the field');
  } catch (error) {
    return new TypeError(reasonOf(error));
  }
}

type Columns = { readonly names: readonly string[]; record(row: readonly string[]): Record<string, unknown> };

function columnsOf(options: CsvOptions, names: readonly string[] | undefined): Columns | undefined {
  if (names === undefined) return undefined;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const message = `column ${JSON.stringify(twice)} stands twice in the header; name them with columns: [...]`;
    throw new JobSpecError([{ path: 'file.columns', message }]);
  }
  const readers = names.map((name) => readerOf(options.types ?? 'infer', name));
  const polluting = names.includes('__proto__');
  return {
    names,
    record(row) {
      if (polluting) throw new TypeError('prototype-polluting: it has a column __proto__');
      if (row.length !== names.length) {
        throw new TypeError(`it has ${row.length} columns where the header has ${names.length}`);
      }
      return recordOf(names, readers, row);
    },
  };
}

function recordOf(names: readonly string[], readers: readonly CellReader[], row: readonly string[]) {
  const record: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    try {
      record[name] = (readers[index] as CellReader)(row[index] as string);
    } catch (error) {
      throw new TypeError(`column ${name}: ${reasonOf(error)}`);
    }
  }
  return record;
}

function readerOf(types: NonNullable<CsvOptions['types']>, name: string): CellReader {
  if (types === 'infer') return inferCell;
  if (types === 'text') return CELL_READERS.string;
  return CELL_READERS[Object.hasOwn(types, name) ? (types[name] ?? 'string') : 'string'];
}
