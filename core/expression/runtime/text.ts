import { refuseLength, textOf, wholeOf } from './value.ts';

/**
 * Functions of texts. NULL with anything is NULL. Positions and lengths count code points, from 1, as in Flink.
 *
 * A text without surrogates, which is nearly every one, is indexed directly; others go through arrays of code points.
 */

const SURROGATE = /[\uD800-\uDFFF]/;

/** `left || right`; unlike a template it refuses what is not text. */
export function concat(left: unknown, right: unknown): string | null {
  const [a, b] = [textOf(left, '||'), textOf(right, '||')];
  return a === null || b === null ? null : a + b;
}

/** The next part of CONCAT_WS: NULL parts are left out, a NULL separator makes NULL. `undefined` is nothing yet. */
export function concatWith(
  separator: unknown,
  joined: string | null | undefined,
  part: unknown,
): string | null | undefined {
  const [between, next] = [textOf(separator, 'CONCAT_WS'), textOf(part, 'CONCAT_WS')];
  if (between === null) return null;
  if (next === null) return joined;
  return joined === undefined || joined === null ? next : joined + between + next;
}

export function upper(text: unknown): string | null {
  return textOf(text, 'UPPER')?.toUpperCase() ?? null;
}

export function lower(text: unknown): string | null {
  return textOf(text, 'LOWER')?.toLowerCase() ?? null;
}

export function charLength(text: unknown): number | null {
  const value = textOf(text, 'CHAR_LENGTH');
  return value === null ? null : lengthOf(value);
}

function lengthOf(text: string): number {
  return SURROGATE.test(text) ? [...text].length : text.length;
}

/** Code points from `from` to before `to`, counted from 0. */
function slice(text: string, from: number, to: number): string {
  return SURROGATE.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to);
}

/** From 1; below 0 from the end; 0 is 1. A start before the text gives an empty text, a negative length NULL. */
export function substring(text: unknown, start: unknown, length?: unknown): string | null {
  const value = textOf(text, 'SUBSTRING');
  const from = wholeOf(start, 'SUBSTRING');
  const count = length === undefined ? Number.POSITIVE_INFINITY : wholeOf(length, 'SUBSTRING');
  if (value === null || from === null || count === null || count < 0) return null;
  const first = from > 0 ? from - 1 : from < 0 ? lengthOf(value) + from : 0;
  return first < 0 ? '' : slice(value, first, first + count);
}

export function left(text: unknown, length: unknown): string | null {
  const [value, count] = [textOf(text, 'LEFT'), wholeOf(length, 'LEFT')];
  return value === null || count === null ? null : slice(value, 0, Math.max(0, count));
}

export function right(text: unknown, length: unknown): string | null {
  const [value, count] = [textOf(text, 'RIGHT'), wholeOf(length, 'RIGHT')];
  if (value === null || count === null) return null;
  return count <= 0 ? '' : slice(value, Math.max(0, lengthOf(value) - count), Number.POSITIVE_INFINITY);
}

/** Where `part` begins in `text`, from 1, at or after `from`; 0 where it does not. */
export function locate(part: unknown, text: unknown, from?: unknown): number | null {
  const [sought, value] = [textOf(part, 'POSITION'), textOf(text, 'POSITION')];
  const start = from === undefined ? 1 : wholeOf(from, 'LOCATE');
  if (sought === null || value === null || start === null) return null;
  const skipped = slice(value, 0, Math.max(0, start - 1)).length;
  const at = value.indexOf(sought, skipped);
  return at < 0 ? 0 : lengthOf(value.slice(0, at)) + 1;
}

export function replace(text: unknown, part: unknown, by: unknown): string | null {
  const [value, sought] = [textOf(text, 'REPLACE'), textOf(part, 'REPLACE')];
  const replacement = textOf(by, 'REPLACE');
  if (value === null || sought === null || replacement === null) return null;
  if (replacement.length > sought.length && value.length * replacement.length > 65_536) {
    refuseLength(value.length + (value.split(sought).length - 1) * (replacement.length - sought.length), 'REPLACE');
  }
  return value.replaceAll(sought, () => replacement);
}

export function reverse(text: unknown): string | null {
  const value = textOf(text, 'REVERSE');
  return value === null ? null : [...value].reverse().join('');
}

export function repeat(text: unknown, times: unknown): string | null {
  const [value, count] = [textOf(text, 'REPEAT'), wholeOf(times, 'REPEAT')];
  if (value === null || count === null) return null;
  refuseLength(value.length * Math.max(0, count), 'REPEAT');
  return value.repeat(Math.max(0, count));
}

export function leftPad(text: unknown, length: unknown, by: unknown): string | null {
  const made = padding(text, length, by, 'LPAD');
  return made === null ? null : made.pad + made.kept;
}

export function rightPad(text: unknown, length: unknown, by: unknown): string | null {
  const made = padding(text, length, by, 'RPAD');
  return made === null ? null : made.kept + made.pad;
}

type Padding = { readonly pad: string; readonly kept: string };

function padding(text: unknown, length: unknown, by: unknown, name: string): Padding | null {
  const [value, size, filler] = [textOf(text, name), wholeOf(length, name), textOf(by, name)];
  if (value === null || size === null || filler === null || size < 0 || filler === '') return null;
  refuseLength(size, name);
  const missing = size - lengthOf(value);
  if (missing <= 0) return { pad: '', kept: slice(value, 0, size) };
  return { pad: slice(filler.repeat(Math.ceil(missing / lengthOf(filler))), 0, missing), kept: value };
}

/** Takes the characters of `set`, a space unless given, from both ends. */
export function trim(text: unknown, set?: unknown): string | null {
  return rightTrim(leftTrim(text, set), set);
}

export function leftTrim(text: unknown, set?: unknown): string | null {
  const value = textOf(text, 'LTRIM');
  const characters = set === undefined ? ' ' : textOf(set, 'LTRIM');
  if (value === null || characters === null) return null;
  let at = 0;
  for (const character of value) {
    if (!characters.includes(character)) break;
    at += character.length;
  }
  return value.slice(at);
}

export function rightTrim(text: unknown, set?: unknown): string | null {
  const value = textOf(text, 'RTRIM');
  const characters = set === undefined ? ' ' : textOf(set, 'RTRIM');
  if (value === null || characters === null) return null;
  let end = value.length;
  while (end > 0) {
    const paired = end > 1 && (value.codePointAt(end - 2) ?? 0) > 0xffff;
    const character = value.slice(end - (paired ? 2 : 1), end);
    if (!characters.includes(character)) break;
    end -= character.length;
  }
  return value.slice(0, end);
}

export function startsWith(text: unknown, part: unknown): boolean | null {
  const [value, sought] = [textOf(text, 'STARTSWITH'), textOf(part, 'STARTSWITH')];
  return value === null || sought === null ? null : value.startsWith(sought);
}

export function endsWith(text: unknown, part: unknown): boolean | null {
  const [value, sought] = [textOf(text, 'ENDSWITH'), textOf(part, 'ENDSWITH')];
  return value === null || sought === null ? null : value.endsWith(sought);
}

/** The part at `index`, from 0, of the text split at each separator; NULL where there is none or the text is empty. */
export function splitIndex(text: unknown, separator: unknown, index: unknown): string | null {
  const [value, between] = [textOf(text, 'SPLIT_INDEX'), textOf(separator, 'SPLIT_INDEX')];
  const wanted = wholeOf(index, 'SPLIT_INDEX');
  if (value === null || between === null || wanted === null || wanted < 0 || value === '') return null;
  if (between === '') return wanted === 0 ? value : null;
  return value.split(between, wanted + 1)[wanted] ?? null;
}
