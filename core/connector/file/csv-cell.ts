/** How the text of a CSV column becomes a value; `timestamp` takes ISO text or epoch milliseconds and gives the latter. */
export type CsvType = 'string' | 'int' | 'bigint' | 'double' | 'boolean' | 'timestamp';

/** The value of a cell; throws a TypeError that says what is wrong with it. */
export type CellReader = (text: string) => unknown;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const TRUE = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0']);

/**
 * What a cell looks like: `12.5` is a number, `true` a boolean, an empty cell null, all else text. What would not be
 * written back the same stays text: `007`, `1e999`, or more digits than a number holds.
 */
export function inferCell(text: string): unknown {
  if (text === '') return null;
  if (text === 'true') return true;
  if (text === 'false') return false;
  const first = text.charCodeAt(0);
  if ((first > 57 || first < 48) && first !== 45) return text;
  if (!NUMBER.test(text)) return text;
  const number = Number(text);
  const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? number : text;
}

export const CELL_READERS: { readonly [type in CsvType]: CellReader } = {
  string: (text) => text,
  int: (text) =>
    orNull(text, 'int', INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined),
  bigint: (text) => orNull(text, 'bigint', INTEGER.test(text) ? BigInt(text.replace('+', '')) : undefined),
  double: (text) => orNull(text, 'double', doubleOf(text)),
  boolean: (text) => orNull(text, 'boolean', booleanOf(text.toLowerCase())),
  timestamp: (text) => orNull(text, 'timestamp', timestampOf(text)),
};

function orNull<T>(text: string, type: CsvType, value: T | undefined): T | null {
  if (text === '') return null;
  if (value === undefined) throw new TypeError(`${JSON.stringify(text)} is not of type ${type}`);
  return value;
}

function doubleOf(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) && text !== 'NaN' ? undefined : number;
}

function booleanOf(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

function timestampOf(text: string): number | undefined {
  const ms = INTEGER.test(text) ? Number(text) : Date.parse(text);
  return Number.isSafeInteger(ms) ? ms : undefined;
}
