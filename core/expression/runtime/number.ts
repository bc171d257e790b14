import { describe, numberOf, plain, refuse, wholeOf } from './value.ts';

/**
 * Arithmetic and mathematics on doubles and bigints.
 *
 * 1. NULL with anything is NULL.
 * 2. Two doubles follow IEEE 754: 1/0 is Infinity, 0/0 is NaN, and `/` never truncates.
 * 3. Two bigints are exact, and `/` truncates. A bigint with a safe whole number is exact too; with any other double it
 *    becomes a double.
 */

type Numeric = number | bigint;

/** `left + right`; generated code calls this where one of them is not a double. */
export function add(left: unknown, right: unknown): Numeric | null {
  const pair = pairOf(left, right, '+');
  if (pair === null) return null;
  return isExact(pair) ? pair[0] + pair[1] : Number(pair[0]) + Number(pair[1]);
}

/** `left - right`. */
export function subtract(left: unknown, right: unknown): Numeric | null {
  const pair = pairOf(left, right, '-');
  if (pair === null) return null;
  return isExact(pair) ? pair[0] - pair[1] : Number(pair[0]) - Number(pair[1]);
}

/** `left * right`. */
export function multiply(left: unknown, right: unknown): Numeric | null {
  const pair = pairOf(left, right, '*');
  if (pair === null) return null;
  return isExact(pair) ? pair[0] * pair[1] : Number(pair[0]) * Number(pair[1]);
}

/** `left / right`. */
export function divide(left: unknown, right: unknown): Numeric | null {
  const pair = pairOf(left, right, '/');
  if (pair === null) return null;
  if (!isExact(pair)) return Number(pair[0]) / Number(pair[1]);
  return pair[1] === 0n ? refuse(`${describe(left)} is divided by zero`) : pair[0] / pair[1];
}

/** `left % right`, with the sign of the left side. */
export function remainder(left: unknown, right: unknown): Numeric | null {
  const pair = pairOf(left, right, '%');
  if (pair === null) return null;
  if (!isExact(pair)) return Number(pair[0]) % Number(pair[1]);
  return pair[1] === 0n ? refuse(`${describe(left)} is divided by zero`) : pair[0] % pair[1];
}

/** `-value`. */
export function negate(value: unknown): Numeric | null {
  return typeof value === 'bigint' ? -value : mapNumber(numberOf(value, 'the minus sign'), (x) => -x);
}

export function abs(value: unknown): Numeric | null {
  if (typeof value === 'bigint') return value < 0n ? -value : value;
  return mapNumber(numberOf(value, 'ABS'), Math.abs);
}

export function sign(value: unknown): number | null {
  return mapNumber(numberOf(value, 'SIGN'), Math.sign);
}

export function floor(value: unknown): Numeric | null {
  return typeof value === 'bigint' ? value : mapNumber(numberOf(value, 'FLOOR'), Math.floor);
}

export function ceil(value: unknown): Numeric | null {
  return typeof value === 'bigint' ? value : mapNumber(numberOf(value, 'CEIL'), Math.ceil);
}

/** Half away from zero, at `digits` after the point, by the decimal digits that the number is written with. */
export function round(value: unknown, digits?: unknown): number | null {
  return atDigits(value, digits, 'ROUND', Math.round);
}

/** Toward zero, at `digits` after the point, by the decimal digits that the number is written with. */
export function truncate(value: unknown, digits?: unknown): number | null {
  return atDigits(value, digits, 'TRUNCATE', Math.floor);
}

function atDigits(value: unknown, digits: unknown, name: string, change: (x: number) => number): number | null {
  const number = numberOf(value, name);
  const places = digits === undefined ? 0 : wholeOf(digits, name);
  if (number === null || places === null) return null;
  if (!Number.isFinite(number) || (Number.isInteger(number) && places >= 0)) return number;
  const result = shift(change(shift(Math.abs(number), places)), -places);
  return number < 0 ? 0 - result : result;
}

/** `number * 10 ** places` in decimal digits, so that 1.005 shifted by 2 is 100.5. */
function shift(number: number, places: number): number {
  const [digits, exponent = '0'] = String(number).split('e');
  return Number(`${digits}e${Number(exponent) + places}`);
}

export function power(base: unknown, exponent: unknown): number | null {
  return mapNumbers(numberOf(base, 'POWER'), numberOf(exponent, 'POWER'), (x, y) => x ** y);
}

export function sqrt(value: unknown): number | null {
  return mapNumber(numberOf(value, 'SQRT'), Math.sqrt);
}

export function exp(value: unknown): number | null {
  return mapNumber(numberOf(value, 'EXP'), Math.exp);
}

export function ln(value: unknown): number | null {
  return mapNumber(numberOf(value, 'LN'), Math.log);
}

export function log10(value: unknown): number | null {
  return mapNumber(numberOf(value, 'LOG10'), Math.log10);
}

export function log2(value: unknown): number | null {
  return mapNumber(numberOf(value, 'LOG2'), Math.log2);
}

function mapNumber(value: number | null, change: (value: number) => number): number | null {
  return value === null ? null : change(value);
}

function mapNumbers(left: number | null, right: number | null, join: (x: number, y: number) => number): number | null {
  return left === null || right === null ? null : join(left, right);
}

function pairOf(left: unknown, right: unknown, operator: string): readonly [Numeric, Numeric] | null {
  if (left === null || left === undefined || right === null || right === undefined) return null;
  const [a, b] = [plain(left), plain(right)];
  if (isNumeric(a) && isNumeric(b)) return alike(a, b);
  const text = typeof left === 'string' || typeof right === 'string';
  const way = text && operator === '+' ? ': texts are joined with ||' : '';
  return refuse(`${describe(left)} and ${describe(right)} cannot be combined with ${operator}${way}`);
}

function alike(left: Numeric, right: Numeric): readonly [Numeric, Numeric] {
  if (typeof left === typeof right) return [left, right];
  if (typeof left === 'number' && Number.isSafeInteger(left)) return [BigInt(left), right];
  return typeof right === 'number' && Number.isSafeInteger(right) ? [left, BigInt(right)] : [left, right];
}

function isExact(pair: readonly [Numeric, Numeric]): pair is readonly [bigint, bigint] {
  return typeof pair[0] === 'bigint' && typeof pair[1] === 'bigint';
}

function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint';
}
