import { parse } from 'csv-parse/sync';
import { reasonOf } from '../../error/error.ts';
import { type CsvOptions, columnsOf, single } from './csv-columns.ts';
import { type BlockDecoder, type BlockFault, cutRaw } from './decoder.ts';

/**
 * CSV as RFC 4180 has it: quoted fields may hold delimiters, line ends and doubled quotes.
 *
 * A scan over the bytes finds where records end (a quote opens a field only at its beginning, so a stray one spoils its
 * own record and no more); csv-parse takes a whole block of them apart at once. Where it finds a fault, or another number
 * of records, the block is taken apart record by record, so that only the faulty ones are refused.
 */
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
