import { formatTimestamp, parseTimestamp } from './timestamp.ts';
import { describe, plain, refuse } from './value.ts';

/**
 * CAST and TRY_CAST. NULL stays NULL. What cannot be cast is refused, or NULL where the cast is lenient.
 *
 * Whole numbers are doubles as JSON has them; beyond 2^53 - 1 CAST to BIGINT gives a bigint.
 */

const WHOLE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const [LEAST_INT, LARGEST_INT] = [-2_147_483_648, 2_147_483_647];
const [LEAST_BIGINT, LARGEST_BIGINT] = [-(2n ** 63n), 2n ** 63n - 1n];

function failed(value: unknown, type: string, lenient: boolean): null {
  return lenient ? null : refuse(`${describe(value)} cannot be cast to ${type}: TRY_CAST gives NULL instead`);
}

/** Text of a text, a number or a boolean, cut to `length` code points. Records and arrays are refused. */
export function castText(value: unknown, lenient: boolean, length?: number): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return cut(formatTimestamp(value.getTime()), length);
  if (typeof value === 'boolean') return cut(String(value).toUpperCase(), length);
  if (typeof value === 'object') return failed(value, 'STRING', lenient);
  return cut(String(value), length);
}

/** Text of a timestamp: `2026-01-31 12:30:00.000`. */
export function castTimestampText(value: unknown, lenient: boolean, length?: number): string | null {
  const at = plain(value);
  return typeof at === 'number' && Number.isFinite(at)
    ? cut(formatTimestamp(at), length)
    : castText(value, lenient, length);
}

function cut(text: string, length: number | undefined): string {
  return length === undefined || text.length <= length ? text : [...text].slice(0, length).join('');
}

/** A whole number from -2^31 to 2^31 - 1; fractions are cut. */
export function castInt(value: unknown, lenient: boolean): number | null {
  const whole = wholeOf(value, lenient, 'INT');
  if (whole === null) return null;
  const number = Number(whole);
  return number >= LEAST_INT && number <= LARGEST_INT ? number : failed(value, 'INT', lenient);
}

/** A whole number from -2^63 to 2^63 - 1; fractions are cut. */
export function castBigint(value: unknown, lenient: boolean): number | bigint | null {
  const whole = wholeOf(value, lenient, 'BIGINT');
  if (whole === null || Number.isSafeInteger(whole)) return whole;
  const exact = BigInt(whole);
  if (exact < LEAST_BIGINT || exact > LARGEST_BIGINT) return failed(value, 'BIGINT', lenient);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function wholeOf(value: unknown, lenient: boolean, type: string): number | bigint | null {
  const given = plain(value);
  if (given === null || given === undefined) return null;
  if (typeof given === 'bigint') return given;
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given === 'number') return Number.isFinite(given) ? Math.trunc(given) + 0 : failed(value, type, lenient);
  if (typeof given !== 'string' || !WHOLE.test(given.trim())) return failed(value, type, lenient);
  return BigInt(given.trim().replace(/^\+/, '').replace(/\..*$/, '').replace(/^-?$/, '0'));
}

/** A double; texts may name NaN and Infinity. */
export function castDouble(value: unknown, lenient: boolean): number | null {
  const given = plain(value);
  if (given === null || given === undefined) return null;
  if (typeof given === 'number') return given;
  if (typeof given === 'bigint') return Number(given);
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given !== 'string') return failed(value, 'DOUBLE', lenient);
  const text = given.trim();
  if (DECIMAL.test(text) || /^[+-]?Infinity$/.test(text)) return Number(text);
  return text === 'NaN' ? Number.NaN : failed(value, 'DOUBLE', lenient);
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['t', 'true', 'y', 'yes', '1']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['f', 'false', 'n', 'no', '0']);

/** TRUE or FALSE of its words, or of a number that is not 0. */
export function castBoolean(value: unknown, lenient: boolean): boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : failed(value, 'BOOLEAN', lenient);
}

/** A timestamp of a text; a number is taken as epoch milliseconds. */
export function castTimestamp(value: unknown, lenient: boolean): number | null {
  const given = plain(value);
  if (given === null || given === undefined) return null;
  if (typeof given === 'number' && Number.isFinite(given)) return Math.trunc(given);
  if (typeof given === 'bigint') return Number(given);
  const at = typeof given === 'string' ? parseTimestamp(given.trim()) : undefined;
  return at ?? failed(value, 'TIMESTAMP', lenient);
}
