import { PoisonRecordError } from '../../error/error.ts';
import { MAX_MADE_TEXT, MAX_QUOTED } from '../limit.ts';

/**
 * What generated code relies on when a value is not of the type that the fast path expects.
 *
 * NULL is null or undefined on the way in and null on the way out. A Date counts as its epoch milliseconds. Whatever else
 * does not fit makes the record poison: a PoisonRecordError with the value and the way out.
 */

/** A value of a record as a message shows it: `the text "abc"`, `the number 5`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text ${JSON.stringify(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value)}`;
    case 'number':
    case 'bigint':
      return `the number ${value}`;
    case 'boolean':
      return `the boolean ${value}`;
    default:
      if (value === null || value === undefined) return 'NULL';
      return Array.isArray(value) ? 'an array' : 'a record';
  }
}

/** Refuses a record over one value. */
export function refuse(message: string): never {
  throw new PoisonRecordError(message);
}

/** The error of a whole expression: tells in which text a record was refused. */
export function within(error: unknown, text: string): unknown {
  if (!(error instanceof PoisonRecordError)) return error;
  return new PoisonRecordError(`${error.message}, in ${JSON.stringify(text)}`);
}

/** A Date as its milliseconds; anything else as it is. */
export function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

/** A text or NULL; refuses anything else. */
export function textOf(value: unknown, name: string): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  return refuse(`${name} takes text, not ${describe(value)}: write CAST(… AS STRING)`);
}

/** A double or NULL; a bigint is rounded to the nearest double. Refuses anything else. */
export function numberOf(value: unknown, name: string): number | null {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  return refuse(`${name} takes a number, not ${describe(value)}: write CAST(… AS DOUBLE)`);
}

/** A whole number or NULL: fractions are cut. */
export function wholeOf(value: unknown, name: string): number | null {
  const number = numberOf(value, name);
  return number === null ? null : Math.trunc(number);
}

/** TRUE, FALSE or NULL; refuses what is no condition. */
export function truthOf(value: unknown): boolean | null {
  if (value === true || value === false) return value;
  if (value === null || value === undefined) return null;
  return refuse(`${describe(value)} is not a condition: compare it with something, as in … > 0`);
}

/** The text if its length is bearable; REPEAT and the like take the length from the data. */
export function refuseLength(length: number, name: string): void {
  if (length > MAX_MADE_TEXT)
    refuse(`${name} would make a text of ${length} characters; at most ${MAX_MADE_TEXT} are made`);
}

/** The field `name` of a record itself: never one of its prototype, and of an array or a text there is none. */
export function ownField(record: unknown, name: string): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return null;
  return Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : null;
}

/** `list[1]`, counted from 1, or `map['key']`; NULL where there is no such element. */
export function element(target: unknown, index: unknown): unknown {
  if (target === null || target === undefined || index === null || index === undefined) return null;
  const at = typeof index === 'bigint' ? Number(index) : index;
  if (typeof at !== 'number' && typeof at !== 'string') {
    return refuse(`an element is named by a number or a text, not by ${describe(index)}`);
  }
  if (Array.isArray(target)) {
    if (typeof at === 'string')
      return refuse(`an array has no element ${JSON.stringify(at)}; its elements are [1], [2], …`);
    return Number.isInteger(at) && at >= 1 && at <= target.length ? target[at - 1] : null;
  }
  if (typeof target !== 'object') return refuse(`${describe(target)} has no elements`);
  return ownField(target, String(at));
}

/** How many elements an array or a map has. */
export function cardinality(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object'
    ? Object.keys(value).length
    : refuse(`CARDINALITY takes an array or a map, not ${describe(value)}`);
}

/** The record's event time; NULL where it has none. */
export function rowtime(timestamp: number | undefined): number | null {
  return timestamp === undefined || timestamp === Number.MIN_SAFE_INTEGER ? null : timestamp;
}
