import { PoisonRecordError } from '../../error/error.ts';
import { encodeJson } from '../json.ts';
import type { FileFormat } from './file-format.ts';
import type { FileOptions } from './file-options.ts';

/**
 * Records of one part as bytes.
 *
 * Laws: `take` gives the bytes of what was added, in order, as far as the format can; `finish` gives the rest. What was
 * taken is not held any more.
 */
export interface PartEncoder {
  /**
   * Takes a record; false, and it is not taken, where it does not fit the columns of this part, so that another part is
   * needed.
   *
   * @throws PoisonRecordError for what the format cannot hold
   */
  add(value: unknown): boolean;
  /** About how many bytes wait to be taken. */
  readonly waiting: number;
  take(): Uint8Array;
  finish(): Uint8Array;
  /** The columns that the next part begins with, so that parts converge; absent where there are none. */
  readonly columns?: readonly string[];
}

export type EncoderOptions = Pick<FileOptions, 'delimiter' | 'quote' | 'columns' | 'types' | 'compression'>;

export const NOTHING: Uint8Array = new Uint8Array(0);

export function fileEnding(format: FileFormat, options: Pick<FileOptions, 'compression' | 'delimiter'>): string {
  const csv = options.delimiter === '\t' ? 'tsv' : 'csv';
  const ending = { json: 'jsonl', csv, text: 'txt', parquet: 'parquet' }[format];
  if (format === 'parquet' || options.compression === undefined || options.compression === 'none') return ending;
  return `${ending}.${options.compression === 'gzip' ? 'gz' : 'zst'}`;
}

/** JSON Lines. */
function jsonEncoder(): PartEncoder {
  return lineEncoder(encodeJson);
}

/** Lines of text: the field `line` of a record, or the record itself where it is text. */
function textEncoder(): PartEncoder {
  return lineEncoder((value) => {
    const line = typeof value === 'object' && value !== null && 'line' in value ? value.line : value;
    if (typeof line === 'string' && !line.includes('\n')) return line;
    throw new PoisonRecordError('a text file takes lines: text without line ends, or { line }; map the record to that');
  });
}

/** The encoder of a format of lines. */
export function lineEncoderOf(format: 'json' | 'text'): PartEncoder {
  return format === 'json' ? jsonEncoder() : textEncoder();
}

function lineEncoder(encode: (value: unknown) => string): PartEncoder {
  let text = '';
  const take = () => {
    const bytes = text === '' ? NOTHING : Buffer.from(text);
    text = '';
    return bytes;
  };
  return {
    add(value) {
      text += `${encode(value)}\n`;
      return true;
    },
    get waiting() {
      return text.length;
    },
    take,
    finish: take,
  };
}

/** @throws PoisonRecordError for what has no columns. */
export function rowOf(value: unknown, format: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PoisonRecordError(`a ${format} file takes objects; map the record to one`);
}

/** True where a row has a field that is not among the columns. */
export function hasOther(row: Readonly<Record<string, unknown>>, columns: ReadonlySet<string>): boolean {
  for (const name in row) if (!columns.has(name) && row[name] !== undefined) return true;
  return false;
}
