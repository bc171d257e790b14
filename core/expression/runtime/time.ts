import { type TimeUnit, UNIT_MS } from '../time-unit.ts';
import { dateOf, dayOf, daysInMonth } from './timestamp.ts';
import { describe, refuse, wholeOf } from './value.ts';

/** Functions of timestamps: epoch milliseconds, in UTC, before 1970 as well as after. NULL with anything is NULL. */

const DAY_MS = UNIT_MS.DAY;

/** A timestamp or NULL: a number of milliseconds, or a Date. */
export function timestampOf(value: unknown, name: string): number | null {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  return refuse(`${name} takes a timestamp, not ${describe(value)}: write TO_TIMESTAMP(…)`);
}

/** One field of a timestamp: `EXTRACT(unit FROM value)`. */
export function extract(unit: TimeUnit, value: unknown): number | null {
  const at = timestampOf(value, `EXTRACT(${unit} …)`);
  return at === null ? null : fieldOf(unit, at);
}

function fieldOf(unit: TimeUnit, at: number): number {
  switch (unit) {
    case 'MILLISECOND':
      return modulo(at, 1_000);
    case 'SECOND':
      return Math.floor(modulo(at, 60_000) / 1_000);
    case 'MINUTE':
      return Math.floor(modulo(at, 3_600_000) / 60_000);
    case 'HOUR':
      return Math.floor(modulo(at, DAY_MS) / 3_600_000);
    case 'EPOCH':
      return Math.floor(at / 1_000);
    default:
      return fieldOfDay(unit, Math.floor(at / DAY_MS));
  }
}

function fieldOfDay(unit: TimeUnit, days: number): number {
  const { year, month, day } = dateOf(days);
  switch (unit) {
    case 'YEAR':
      return year;
    case 'QUARTER':
      return Math.floor((month + 2) / 3);
    case 'MONTH':
      return month;
    case 'DOY':
      return days - dayOf(year, 1, 1) + 1;
    case 'DOW':
      return modulo(days + 4, 7) + 1;
    case 'ISODOW':
      return isoDayOfWeek(days);
    case 'WEEK':
      return Math.floor((thursdayOf(days) - dayOf(isoYear(days), 1, 1)) / 7) + 1;
    case 'ISOYEAR':
      return isoYear(days);
    default:
      return day;
  }
}

/** Monday is 1. */
function isoDayOfWeek(days: number): number {
  return modulo(days + 3, 7) + 1;
}

/** The Thursday of the week, which decides to which year an ISO week belongs. */
function thursdayOf(days: number): number {
  return days + 4 - isoDayOfWeek(days);
}

function isoYear(days: number): number {
  return dateOf(thursdayOf(days)).year;
}

/** The begin of the unit that a timestamp falls in; weeks begin on Sunday, as in Flink. */
export function floorTo(unit: TimeUnit, value: unknown): number | null {
  const at = timestampOf(value, `FLOOR(… TO ${unit})`);
  return at === null ? null : beginOf(unit, at);
}

/** The begin of the next unit, or the timestamp where it is a begin. */
export function ceilTo(unit: TimeUnit, value: unknown): number | null {
  const at = timestampOf(value, `CEIL(… TO ${unit})`);
  if (at === null) return null;
  const begin = beginOf(unit, at);
  return begin === at ? at : shifted(unit, 1, begin);
}

function beginOf(unit: TimeUnit, at: number): number {
  if (unit === 'WEEK') return at - modulo(at + 4 * DAY_MS, 7 * DAY_MS);
  if (unit in UNIT_MS) return at - modulo(at, UNIT_MS[unit as keyof typeof UNIT_MS]);
  const { year, month } = dateOf(Math.floor(at / DAY_MS));
  const first = unit === 'YEAR' ? 1 : unit === 'QUARTER' ? 3 * Math.floor((month - 1) / 3) + 1 : month;
  return dayOf(year, first, 1) * DAY_MS;
}

/** A timestamp moved by `count` units; a day that the month does not have becomes its last. */
export function timestampAdd(unit: TimeUnit, count: unknown, value: unknown): number | null {
  const [by, at] = [wholeOf(count, 'TIMESTAMPADD'), timestampOf(value, 'TIMESTAMPADD')];
  return by === null || at === null ? null : shifted(unit, by, at);
}

function shifted(unit: TimeUnit, by: number, at: number): number {
  if (unit in UNIT_MS) return at + by * UNIT_MS[unit as keyof typeof UNIT_MS];
  const days = Math.floor(at / DAY_MS);
  const { year, month, day } = dateOf(days);
  const months = month - 1 + by * monthsOf(unit);
  const [newYear, newMonth] = [year + Math.floor(months / 12), modulo(months, 12) + 1];
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  return dayOf(newYear, newMonth, newDay) * DAY_MS + (at - days * DAY_MS);
}

function monthsOf(unit: TimeUnit): number {
  return unit === 'YEAR' ? 12 : unit === 'QUARTER' ? 3 : 1;
}

/** Whole units from the first timestamp to the second, cut toward zero; months are those that TIMESTAMPADD can add. */
export function timestampDiff(unit: TimeUnit, from: unknown, to: unknown): number | null {
  const [start, end] = [timestampOf(from, 'TIMESTAMPDIFF'), timestampOf(to, 'TIMESTAMPDIFF')];
  if (start === null || end === null) return null;
  if (unit in UNIT_MS) return Math.trunc((end - start) / UNIT_MS[unit as keyof typeof UNIT_MS]) + 0;
  const months = end >= start ? monthsBetween(start, end) : -monthsBetween(end, start);
  return Math.trunc(months / monthsOf(unit)) + 0;
}

function monthsBetween(early: number, late: number): number {
  const [first, last] = [dateOf(Math.floor(early / DAY_MS)), dateOf(Math.floor(late / DAY_MS))];
  const months = 12 * (last.year - first.year) + last.month - first.month;
  return shifted('MONTH', months, early) > late ? months - 1 : months;
}

/** The remainder with the sign of the divisor. */
function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}
