/**
 * Timestamps as text, in UTC: the proleptic Gregorian calendar, years 0000 to 9999, milliseconds.
 */

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * Epoch milliseconds of `2026-01-31 12:30:00.123` or ISO 8601 (`2026-01-31T12:30:00Z`); without an offset it is UTC.
 * Digits beyond milliseconds are cut. Undefined where the text is none, or names a day that does not exist.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const at = civilMs({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: Number(fraction.slice(0, 3).padEnd(3, '0')),
  });
  return at === undefined ? undefined : at - zoneMs(zone);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** A date and a time of day; months and days count from 1. */
export type Civil = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
};

/** Epoch milliseconds of a date and time; undefined where a part is out of its range, as in 30 February. */
export function civilMs({ year, month, day, hour, minute, second, ms }: Civil): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return dayOf(year, month, day) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms;
}

/** How many days the month has, 1 being January. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Days from 1970-01-01, negative before. Months may run beyond 1 to 12.
 *
 * Counted in years that begin in March, so that the leap day is the last (H. Hinnant, chrono-Compatible Low-Level Date
 * Algorithms, days_from_civil).
 */
export function dayOf(year: number, month: number, day: number): number {
  const shifted = year + Math.floor((month - 1) / 12);
  const monthOfYear = month - 12 * Math.floor((month - 1) / 12);
  const marchYear = monthOfYear <= 2 ? shifted - 1 : shifted;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (monthOfYear + (monthOfYear > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** Year, month (1 to 12) and day of a day number as {@link dayOf} counts: the inverse, civil_from_days. */
export function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth + (marchMonth < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** `2026-01-31 12:30:00.123`, in UTC: always with milliseconds. */
export function formatTimestamp(at: number): string {
  const days = Math.floor(at / 86_400_000);
  const { year, month, day } = dateOf(days);
  const ms = at - days * 86_400_000;
  const time = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60]
    .map(two)
    .join(':');
  return `${padYear(year)}-${two(month)}-${two(day)} ${time}.${String(ms % 1_000).padStart(3, '0')}`;
}

/** Two digits. */
export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** A year with four digits at least. */
export function padYear(year: number): string {
  return String(year).padStart(4, '0');
}
