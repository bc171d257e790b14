import { timestampOf } from './time.ts';
import { civilMs, dateOf, padYear, parseTimestamp, two } from './timestamp.ts';
import { textOf } from './value.ts';

/**
 * DATE_FORMAT and TO_TIMESTAMP with a pattern: `yyyy-MM-dd HH:mm:ss.SSS` and what is made of these fields, plus the names
 * of days and months, the hour of 12 with its `a`, and any text between. Letters mean what they mean in Java's
 * DateTimeFormatter, of which these are the ones that logs use. Text in single quotes stands for itself.
 */
export type DatePattern = readonly (Field | { readonly kind: 'text'; readonly text: string })[];

type Field = { readonly kind: 'field'; readonly name: FieldName };
type FieldName = (typeof FIELDS)[number];

const FIELDS = [
  'yyyy',
  'yy',
  'y',
  'MMMM',
  'MMM',
  'MM',
  'M',
  'dd',
  'd',
  'EEEE',
  'EEE',
  'HH',
  'H',
  'hh',
  'h',
  'mm',
  'm',
  'ss',
  's',
  'SSS',
  'SS',
  'S',
  'a',
] as const;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/gy;

/** Compiles a pattern; undefined where it has letters that mean nothing here. */
export function datePattern(pattern: string): DatePattern | undefined {
  const parts: (Field | { kind: 'text'; text: string })[] = [];
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(pattern); token; token = TOKEN.exec(pattern)) {
    end = TOKEN.lastIndex;
    const name = FIELDS.find((field) => field === token[0]);
    if (token[2] !== undefined && name === undefined) return undefined;
    if (name !== undefined) parts.push({ kind: 'field', name });
    else parts.push({ kind: 'text', text: token[1] === undefined ? token[0] : token[1].replaceAll("''", "'") || "'" });
  }
  return end === pattern.length ? parts : undefined;
}

/** A timestamp as text. */
export function dateFormat(value: unknown, pattern: DatePattern): string | null {
  const at = timestampOf(value, 'DATE_FORMAT');
  if (at === null) return null;
  const days = Math.floor(at / 86_400_000);
  const moment = { ...dateOf(days), days, ms: at - days * 86_400_000 };
  let text = '';
  for (const part of pattern) text += part.kind === 'text' ? part.text : formatField(part.name, moment);
  return text;
}

type Moment = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly days: number;
  readonly ms: number;
};

function formatField(name: FieldName, { year, month, day, days, ms }: Moment): string {
  const hour = Math.floor(ms / 3_600_000);
  const fraction = String(ms % 1_000).padStart(3, '0');
  switch (name) {
    case 'yyyy':
      return padYear(year);
    case 'y':
      return String(year);
    case 'yy':
      return two(year % 100);
    case 'MMMM':
      return MONTHS[month - 1] ?? '';
    case 'MMM':
      return (MONTHS[month - 1] ?? '').slice(0, 3);
    case 'EEEE':
      return DAYS[weekday(days)] ?? '';
    case 'EEE':
      return (DAYS[weekday(days)] ?? '').slice(0, 3);
    case 'MM':
    case 'M':
      return sized(month, name);
    case 'dd':
    case 'd':
      return sized(day, name);
    case 'HH':
    case 'H':
      return sized(hour, name);
    case 'hh':
    case 'h':
      return sized(hour % 12 === 0 ? 12 : hour % 12, name);
    case 'mm':
    case 'm':
      return sized(Math.floor(ms / 60_000) % 60, name);
    case 'ss':
    case 's':
      return sized(Math.floor(ms / 1_000) % 60, name);
    case 'SSS':
    case 'SS':
    case 'S':
      return fraction.slice(0, name.length);
    case 'a':
      return hour < 12 ? 'AM' : 'PM';
  }
}

function sized(value: number, name: string): string {
  return name.length === 1 ? String(value) : two(value);
}

function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** The timestamp that a text names, by a pattern or in the usual form; NULL where it names none. */
export function toTimestamp(text: unknown, pattern?: DatePattern): number | null {
  const value = textOf(text, 'TO_TIMESTAMP');
  if (value === null) return null;
  return (pattern === undefined ? parseTimestamp(value) : parseByPattern(value, pattern)) ?? null;
}

function parseByPattern(text: string, pattern: DatePattern): number | undefined {
  const found = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
  let [at, afternoon] = [0, undefined as boolean | undefined];
  for (const part of pattern) {
    const raw = part.kind === 'text' ? literal(text, part.text, at) : matchField(text, part.name, at);
    if (raw === undefined) return undefined;
    at += raw.length;
    if (part.kind === 'field' && part.name === 'a') afternoon = raw.toUpperCase() === 'PM';
    else if (part.kind === 'field') setField(found, part.name, raw);
  }
  if (at !== text.length) return undefined;
  if (afternoon !== undefined) found.hour = (found.hour % 12) + (afternoon ? 12 : 0);
  return civilMs(found);
}

function literal(text: string, wanted: string, at: number): string | undefined {
  return text.startsWith(wanted, at) ? wanted : undefined;
}

function matchField(text: string, name: FieldName, at: number): string | undefined {
  const rest = text.slice(at, at + 12);
  if (name === 'MMMM') return MONTHS.find((month) => rest.startsWith(month));
  if (name === 'MMM') return MONTHS.map((month) => month.slice(0, 3)).find((month) => rest.startsWith(month));
  if (name === 'EEEE') return DAYS.find((day) => rest.startsWith(day));
  if (name === 'EEE') return DAYS.map((day) => day.slice(0, 3)).find((day) => rest.startsWith(day));
  if (name === 'a') return /^[AP]M/i.exec(rest)?.[0];
  const pattern =
    name === 'y' ? /^\d{1,4}/ : name.length === 1 && name !== 'S' ? /^\d{1,2}/ : new RegExp(`^\\d{${name.length}}`);
  return pattern.exec(rest)?.[0];
}

type Found = { year: number; month: number; day: number; hour: number; minute: number; second: number; ms: number };

function setField(found: Found, name: FieldName, raw: string): void {
  if (name === 'yyyy' || name === 'y') found.year = Number(raw);
  else if (name === 'yy') found.year = 2000 + Number(raw);
  else if (name === 'MMMM' || name === 'MMM') found.month = MONTHS.findIndex((month) => month.startsWith(raw)) + 1;
  else if (name === 'MM' || name === 'M') found.month = Number(raw);
  else if (name === 'dd' || name === 'd') found.day = Number(raw);
  else if (name === 'HH' || name === 'H' || name === 'hh' || name === 'h') found.hour = Number(raw);
  else if (name === 'mm' || name === 'm') found.minute = Number(raw);
  else if (name === 'ss' || name === 's') found.second = Number(raw);
  else if (name.startsWith('S')) found.ms = Number(raw.padEnd(3, '0'));
}
