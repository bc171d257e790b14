import { refuse, textOf } from './value.ts';

/**
 * LIKE and regular expressions.
 *
 * A LIKE pattern is split at its `%`. The first and the last piece are held fast at the ends, those between are looked
 * for from left to right, each as early as it can be: no choice is ever taken back, so the time is at most the length of
 * the text times that of the pattern, whatever the pattern. Regular expressions are V8's and give no such promise.
 */
export type LikePattern = {
  readonly first: Piece;
  /** What stands between `%` and `%`. */
  readonly middle: readonly Piece[];
  /** What stands behind the last `%`; undefined for a pattern without `%`, which must match as a whole. */
  readonly last: Piece | undefined;
};

/** A stretch without `%`: code points, with `undefined` for `_`; `plain` where there is no `_`. */
type Piece = { readonly points: readonly (string | undefined)[]; readonly plain: string | undefined };

/** Compiles a LIKE pattern; undefined where the escape character stands before something else than `%`, `_` or itself. */
export function likePattern(pattern: string, mark?: string): LikePattern | undefined {
  const pieces: (string | undefined)[][] = [[]];
  const points = [...pattern];
  for (let at = 0; at < points.length; at++) {
    const point = points[at] as string;
    if (point === mark) {
      const next = points[++at];
      if (next !== '%' && next !== '_' && next !== mark) return undefined;
      pieces.at(-1)?.push(next);
    } else if (point === '%') pieces.push([]);
    else pieces.at(-1)?.push(point === '_' ? undefined : point);
  }
  const all = pieces.map((piece) => ({ points: piece, plain: piece.includes(undefined) ? undefined : piece.join('') }));
  const [first = { points: [], plain: '' }, ...rest] = all;
  return { first, middle: rest.slice(0, -1).filter((piece) => piece.points.length > 0), last: rest.at(-1) };
}

/** Whether a text matches; NULL stays NULL. */
export function like(text: unknown, pattern: LikePattern): boolean | null {
  const value = textOf(text, 'LIKE');
  return value === null ? null : matches(value, pattern);
}

/** LIKE with a pattern that comes from the record: it is compiled each time. */
export function likeText(text: unknown, pattern: unknown, mark?: string): boolean | null {
  const [value, source] = [textOf(text, 'LIKE'), textOf(pattern, 'LIKE')];
  if (value === null || source === null) return null;
  const compiled = likePattern(source, mark);
  return compiled ? matches(value, compiled) : refuse(`the pattern ${JSON.stringify(source)} ends or escapes wrongly`);
}

function matches(text: string, { first, middle, last }: LikePattern): boolean {
  let at = endOfPiece(text, first, 0);
  if (at < 0) return false;
  if (last === undefined) return at === text.length;
  for (const piece of middle) {
    at = find(text, piece, at);
    if (at < 0) return false;
  }
  const start = startOfLast(text, last);
  return start >= at && endOfPiece(text, last, start) === text.length;
}

/** Where a piece that begins at `at` ends, -1 where it does not stand there. */
function endOfPiece(text: string, { points, plain }: Piece, at: number): number {
  if (plain !== undefined) return text.startsWith(plain, at) ? at + plain.length : -1;
  let end = at;
  for (const point of points) {
    const code = text.codePointAt(end);
    if (code === undefined || (point !== undefined && !text.startsWith(point, end))) return -1;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

/** Where the earliest occurrence at or after `from` ends, -1 for none. */
function find(text: string, piece: Piece, from: number): number {
  if (piece.plain !== undefined) {
    const at = text.indexOf(piece.plain, from);
    return at < 0 ? -1 : at + piece.plain.length;
  }
  for (let at = from; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
    const end = endOfPiece(text, piece, at);
    if (end >= 0) return end;
  }
  return -1;
}

/** Where the last piece must begin to end with the text: as many code points before its end. */
function startOfLast(text: string, { points, plain }: Piece): number {
  if (plain !== undefined) return text.length - plain.length;
  let at = text.length;
  for (let left = points.length; left > 0 && at >= 0; left--) {
    at -= at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

/** Whether a regular expression is found anywhere in a text; an empty one is found nowhere, as in Flink. */
export function regexp(text: unknown, pattern: RegExp): boolean | null {
  const value = textOf(text, 'REGEXP');
  return value === null ? null : pattern.source !== '(?:)' && pattern.test(value);
}

/** Whether a regular expression, which must be anchored, matches; for SIMILAR TO. */
export function similar(text: unknown, pattern: RegExp): boolean | null {
  const value = textOf(text, 'SIMILAR TO');
  return value === null ? null : pattern.test(value);
}

/** The first match, or a group of it; NULL where nothing matches or there is no such group. */
export function regexpExtract(text: unknown, pattern: RegExp, group: unknown = 0): string | null {
  const value = textOf(text, 'REGEXP_EXTRACT');
  if (value === null || group === null || group === undefined) return null;
  return pattern.exec(value)?.[Number(group)] ?? null;
}

/** Every match replaced by a text, in which nothing, `$1` neither, has a meaning. The pattern must be global. */
export function regexpReplace(text: unknown, pattern: RegExp, by: unknown): string | null {
  const [value, replacement] = [textOf(text, 'REGEXP_REPLACE'), textOf(by, 'REGEXP_REPLACE')];
  return value === null || replacement === null ? null : value.replace(pattern, () => replacement);
}

const NOTHING = Symbol('nothing');

/** A scalar of a JSON text at a path, as text; NULL where there is none, and for what is no JSON. */
export function jsonValue(text: unknown, path: readonly (string | number)[]): string | null {
  const value = textOf(text, 'JSON_VALUE');
  if (value === null) return null;
  let found: unknown = parsed(value);
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return null;
    if (Array.isArray(found) !== (typeof step === 'number')) return null;
    found = (found as Record<string | number, unknown>)[step];
  }
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NOTHING;
  }
}
