import Table from 'cli-table3';
import { InvariantError } from '../error/error.ts';
import type { TextOutput } from '../port/text-output.ts';
import { encodeJson } from './json.ts';
import type { Sink, SinkWriter } from './sink.ts';

/** Options of the word `stdout`. */
export type StdoutOptions = {
  /** `json` (one line per record) unless said; `table` prints a table at each flush. */
  readonly format?: 'json' | 'table';
  /** The most rows of one table; 50 unless said. What is left out is counted below it. */
  readonly rows?: number;
};

const TABLE_ROWS = 50;
/** Columns of a table; further fields are left out. */
const MAX_COLUMNS = 20;
/** A longer cell is cut. */
const MAX_CELL_CHARACTERS = 60;
/** Lines are written together up to this many characters. */
const CHUNK_CHARACTERS = 16_384;

/**
 * The standard output of the runtime. After a crash what came since the last checkpoint is printed once more.
 *
 * @throws InvariantError where the runtime has no standard output
 */
export function stdout(options: StdoutOptions = {}): Sink {
  const format = options.format ?? 'json';
  return {
    name: `stdout ${format}`,
    guarantee: 'at-least-once',
    open({ output }) {
      if (output === undefined)
        throw new InvariantError('this runtime has no standard output; write to a file instead');
      return Promise.resolve(format === 'json' ? lineWriter(output) : tableWriter(output, options.rows ?? TABLE_ROWS));
    },
  };
}

function lineWriter(output: TextOutput): SinkWriter {
  let text = '';
  let behind = false;
  const send = () => {
    if (text !== '') behind = !output.write(text) || behind;
    text = '';
  };
  return {
    write(value) {
      text += `${encodeJson(value)}\n`;
      if (text.length >= CHUNK_CHARACTERS && !behind) send();
    },
    async flush() {
      send();
      if (behind) await output.drained?.();
      behind = false;
    },
    get buffered() {
      return text.length;
    },
    close: () => Promise.resolve(),
  };
}

function tableWriter(output: TextOutput, maxRows: number): SinkWriter {
  let rows: unknown[] = [];
  let leftOut = 0;
  return {
    write(value) {
      if (rows.length < maxRows) rows.push(value);
      else leftOut++;
    },
    async flush() {
      if (rows.length === 0) return;
      const more = leftOut === 0 ? '' : `… and ${leftOut.toLocaleString('en-US')} more\n`;
      const free = output.write(`${tableOf(rows)}\n${more}`);
      rows = [];
      leftOut = 0;
      if (!free) await output.drained?.();
    },
    get buffered() {
      return rows.length;
    },
    close: () => Promise.resolve(),
  };
}

/** Rows as a table whose columns are the fields of all of them. */
function tableOf(values: readonly unknown[]): string {
  const rows = values.map(
    (value): Readonly<Record<string, unknown>> =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { value },
  );
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
  const table = new Table({ head: columns, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(columns.map((name) => cellText(row[name])));
  return table.toString();
}

function cellText(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : encodeJson(value);
  // Control characters would let a record write over the screen.
  const clean = text.replace(/\p{Cc}/gu, ' ');
  return clean.length <= MAX_CELL_CHARACTERS ? clean : `${clean.slice(0, MAX_CELL_CHARACTERS - 1)}…`;
}
