import { JobSpecError, reasonOf } from '../../error/error.ts';
import { CELL_READERS, type CellReader, type CsvType, inferCell } from './csv-cell.ts';

/** How CSV is written and what its columns hold. */
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

/** The columns of CSV, once their names are known. */
export type Columns = { readonly names: readonly string[]; record(row: readonly string[]): Record<string, unknown> };

/** @throws JobSpecError where a name stands twice */
export function columnsOf(options: CsvOptions, names: readonly string[] | undefined): Columns | undefined {
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

/** @throws JobSpecError where it is not one ASCII character that a record can hold */
export function single(text: string, name: string): string {
  if (text.length === 1 && text.charCodeAt(0) < 128 && text !== '\n' && text !== '\r') return text;
  throw new JobSpecError([{ path: `file.${name}`, message: `${JSON.stringify(text)} is not one ASCII character` }]);
}
