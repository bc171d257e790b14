import { describe, plain, refuse } from './value.ts';

/**
 * Comparison of any two values, in three-valued logic.
 *
 * 1. NULL with anything is NULL.
 * 2. Numbers and bigints compare by size, exactly; NaN equals nothing and -0 equals 0.
 * 3. Texts compare by code point. FALSE is before TRUE.
 * 4. Everything else, values of unlike types above all, is refused.
 */

type Order = boolean | null;

/** `left = right`. */
export function equal(left: unknown, right: unknown): Order {
  if (left === null || left === undefined || right === null || right === undefined) return null;
  const kind = typeof left;
  if (kind === typeof right && kind !== 'object') return left === right;
  const [a, b] = [plain(left), plain(right)];
  if (isNumeric(a) && isNumeric(b)) return a >= b && a <= b;
  return unlike(left, right);
}

/** `left <> right`. */
export function unequal(left: unknown, right: unknown): Order {
  const same = equal(left, right);
  return same === null ? null : !same;
}

/** `left < right`. */
export function lessThan(left: unknown, right: unknown): Order {
  if (left === null || left === undefined || right === null || right === undefined) return null;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right) < 0;
  const [a, b] = [plain(left), plain(right)];
  if ((isNumeric(a) && isNumeric(b)) || (typeof a === 'boolean' && typeof b === 'boolean')) return a < b;
  return unlike(left, right);
}

/** `left <= right`. */
export function atMost(left: unknown, right: unknown): Order {
  if (left === null || left === undefined || right === null || right === undefined) return null;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right) <= 0;
  const [a, b] = [plain(left), plain(right)];
  if ((isNumeric(a) && isNumeric(b)) || (typeof a === 'boolean' && typeof b === 'boolean')) return a <= b;
  return unlike(left, right);
}

/** `left IS DISTINCT FROM right`: NULL is like NULL and unlike all else; so is NaN. */
export function distinct(left: unknown, right: unknown): boolean {
  const same = equal(left, right);
  if (same === null) return (left ?? null) !== (right ?? null);
  return !same && !(Number.isNaN(left) && Number.isNaN(right));
}

/** The lesser of two values, NULL if either is. */
export function least(left: unknown, right: unknown): unknown {
  const before = atMost(left, right);
  if (before === null) return null;
  return before || Number.isNaN(left) ? left : right;
}

/** The greater of two values, NULL if either is. */
export function greatest(left: unknown, right: unknown): unknown {
  const before = atMost(left, right);
  if (before === null) return null;
  return before && !Number.isNaN(left) ? right : left;
}

/** `value IN (…)` for constants of one type: NULL stays NULL, other types are compared one by one. */
export function memberOf(constants: ReadonlySet<unknown>, value: unknown): Order {
  if (value === null || value === undefined) return null;
  const [sample] = constants;
  if (typeof value === typeof sample) return constants.has(value);
  for (const constant of constants) if (equal(value, constant)) return true;
  return false;
}

/**
 * Order of two texts by code point, below, at or above 0.
 *
 * JavaScript's own order is that of UTF-16 units, in which surrogates stand before U+E000 to U+FFFF; they are moved
 * behind (M. Davis, UTF-16 in code point order).
 */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return a >= 0xd800 && b >= 0xd800 ? behind(a) - behind(b) : a - b;
  }
  return left.length - right.length;
}

function behind(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function unlike(left: unknown, right: unknown): never {
  const way = isNumeric(left) || isNumeric(right) ? ': write CAST(… AS DOUBLE) or CAST(… AS STRING)' : '';
  return refuse(`${describe(left)} and ${describe(right)} cannot be compared${way}`);
}
