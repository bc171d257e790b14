import { stringify } from 'csv-stringify/sync';
import { encodeJson } from '../json.ts';
import { type EncoderOptions, hasOther, NOTHING, type PartEncoder, rowOf } from './encoder.ts';

/**
 * CSV with a header line. The columns are those asked for, else those of the first record; a record with others begins a
 * new part that has them too. Null is an empty cell; objects are JSON, dates ISO text.
 */
export function csvEncoder(options: EncoderOptions, columnsBefore?: readonly string[]): PartEncoder {
  const fixed = options.columns !== undefined;
  let columns = options.columns ?? columnsBefore;
  let known: ReadonlySet<string> = new Set(columns);
  let rows: string[][] = [];
  let waiting = 0;
  let headed = false;
  let rejected: readonly string[] = [];

  const take = (): Uint8Array => {
    if (columns === undefined || (rows.length === 0 && headed)) return NOTHING;
    const lines = headed ? rows : [[...columns], ...rows];
    headed = true;
    rows = [];
    waiting = 0;
    const { delimiter = ',', quote = '"' } = options;
    return Buffer.from(stringify(lines, { delimiter, quote, escape: quote, quoted_empty: columns.length === 1 }));
  };
  return {
    add(value) {
      const row = rowOf(value, 'CSV');
      if (columns === undefined) {
        columns = Object.keys(row).filter((name) => row[name] !== undefined);
        known = new Set(columns);
      } else if (!fixed && hasOther(row, known)) {
        rejected = Object.keys(row);
        return false;
      }
      const cells = columns.map((name) => cellText(row[name]));
      for (const cell of cells) waiting += cell.length + 1;
      rows.push(cells);
      return true;
    },
    get waiting() {
      return waiting;
    },
    get columns() {
      return [...new Set([...(columns ?? []), ...rejected])];
    },
    take,
    finish: take,
  };
}

function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? encodeJson(value) : String(value);
}
