import { JobSpecError } from '../error/error.ts';

/** A span of time as users write it: text such as `'500ms'`, `'10s'`, `'1h30m'`, or a number of milliseconds. */
export type Duration = string | number;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PART = /\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/gy;

/**
 * Milliseconds of a duration, or undefined where it is none. Parts add up: `1h30m`, or `1h 30m`, is
 * 5,400,000.
 *
 * @example
 * parseDuration('1m30s'); // 90000
 * parseDuration('1 parsec'); // undefined
 */
export function parseDuration(text: Duration): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) ? text : undefined;
  const negative = text.startsWith('-');
  const body = (negative ? text.slice(1) : text).trim();
  let total = 0;
  let end = 0;
  PART.lastIndex = 0;
  for (let part = PART.exec(body); part; part = PART.exec(body)) {
    total += Number(part[1]) * UNITS[part[2] as keyof typeof UNITS];
    end = PART.lastIndex;
  }
  if (end === 0 || end !== body.length) return undefined;
  const ms = Math.round(total);
  if (!Number.isSafeInteger(ms)) return undefined;
  return negative ? -ms : ms;
}

/**
 * Milliseconds of a duration; refuses what is none.
 *
 * @throws JobSpecError naming `path`, where the text is not a duration.
 */
export function durationMs(text: Duration, path = 'duration'): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new JobSpecError([
    { path, message: `${JSON.stringify(text)} is not a duration; write one like 500ms, 10s or 2h` },
  ]);
}

/** Milliseconds of so many seconds: `seconds(1.5)` is 1,500. */
export const seconds = (count: number): number => count * UNITS.s;
/** Milliseconds of so many minutes: `minutes(2)` is 120,000. */
export const minutes = (count: number): number => count * UNITS.m;
/** Milliseconds of so many hours: `hours(1)` is 3,600,000. */
export const hours = (count: number): number => count * UNITS.h;
/** Milliseconds of so many days of 24 hours: `days(1)` is 86,400,000. */
export const days = (count: number): number => count * UNITS.d;

/** The shortest text for a span: `formatDuration(90_000)` is `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0ms';
  let rest = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / UNITS[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * UNITS[unit];
  }
  return text;
}
