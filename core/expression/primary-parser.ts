import { parseDuration } from '../time/duration.ts';
import type { Branch, CastType, Literal, Node } from './ast.ts';
import type { Cursor, ReadNode } from './cursor.ts';
import { parseTimestamp } from './runtime/timestamp.ts';
import { timeUnitOf, UNIT_MS } from './time-unit.ts';

/** Readers of what begins an operand and is not a call: literals, CASE, CAST. */

const LARGEST_BIGINT = 2n ** 63n;

/** A number, a text, TRUE, FALSE or NULL; `signStart` is where a minus before it stands, which becomes part of it. */
export function readLiteral(cursor: Cursor, signStart?: number): Literal {
  const token = cursor.advance();
  const at = { kind: 'literal', start: signStart ?? token.start, end: token.end } as const;
  if (token.kind === 'string') return { ...at, type: 'string', value: token.value };
  if (token.kind === 'number') return { ...at, ...numberOf(cursor, token.value, signStart !== undefined) };
  const word = token.value.toUpperCase();
  if (word === 'NULL') return { ...at, type: 'null', value: null };
  return { ...at, type: 'boolean', value: word === 'TRUE' };
}

function numberOf(cursor: Cursor, text: string, negative: boolean): Pick<Literal, 'type' | 'value'> {
  if (/^\d+$/.test(text)) return wholeNumberOf(cursor, text, negative);
  const value = Number(text);
  if (!Number.isFinite(value))
    cursor.note('the number is beyond what a double holds', cursor.end - text.length, cursor.end);
  return { type: 'double', value: negative && value !== 0 ? -value : value };
}

function wholeNumberOf(cursor: Cursor, text: string, negative: boolean): Pick<Literal, 'type' | 'value'> {
  const size = BigInt(text.length > 40 ? text.slice(0, 40) : text);
  if (size > (negative ? LARGEST_BIGINT : LARGEST_BIGINT - 1n)) {
    const message = 'the whole number does not fit a BIGINT; write a double, like 1e30';
    cursor.note(message, cursor.end - text.length, cursor.end);
  }
  const value = negative ? -size : size;
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? { type: 'int', value: plain } : { type: 'bigint', value };
}

/** `TIMESTAMP '…'` or `INTERVAL '…' unit`; says what to write instead of DATE, TIME and binary literals. */
export function readTypedLiteral(cursor: Cursor): Literal {
  const { start, value } = cursor.advance();
  const word = value.toUpperCase();
  if (word === 'INTERVAL') return readInterval(cursor, start);
  const text = cursor.advance().value;
  const at = { kind: 'literal', type: 'timestamp', start, end: cursor.end } as const;
  if (word !== 'TIMESTAMP') {
    const way = word === 'X' ? 'there are no binary values' : "write TIMESTAMP 'yyyy-MM-dd HH:mm:ss'";
    cursor.note(`${word} literals are not supported; ${way}`, start, cursor.end);
    return { ...at, value: 0 };
  }
  const ms = parseTimestamp(text);
  if (ms === undefined) {
    cursor.note(`"${text}" is not a timestamp; write one like '2026-01-31 12:30:00.000', in UTC`, start, cursor.end);
  }
  return { ...at, value: ms ?? 0 };
}

const INTERVAL_UNITS = ['DAY', 'HOUR', 'MINUTE', 'SECOND'] as const;
type IntervalUnit = (typeof INTERVAL_UNITS)[number];

function readInterval(cursor: Cursor, start: number): Literal {
  const { value: text } = cursor.advance();
  const ms = readIntervalMs(cursor, text);
  if (ms === undefined) {
    const message = `"${text}" is not such an interval; write one like INTERVAL '10' SECOND, '1:30' HOUR TO MINUTE or '10s'`;
    cursor.note(message, start, cursor.end);
  }
  return { kind: 'literal', type: 'interval', value: ms ?? 0, start, end: cursor.end };
}

function readIntervalMs(cursor: Cursor, text: string): number | undefined {
  const unit = timeUnitOf(cursor.word());
  if (unit === undefined) return parseDuration(text);
  cursor.advance();
  if (cursor.acceptSymbol('(')) {
    cursor.advance();
    cursor.expectSymbol(')', 'the precision of the interval');
  }
  if (unit === 'MONTH' || unit === 'QUARTER' || unit === 'YEAR') {
    const message = `a ${unit.toLowerCase()} has no fixed length; write TIMESTAMPADD(${unit}, 1, t)`;
    cursor.note(message, cursor.end - unit.length, cursor.end);
    return 0;
  }
  const first = INTERVAL_UNITS.indexOf(unit as IntervalUnit);
  if (first < 0) return singleUnitMs(text, unit);
  const last = cursor.acceptWord('TO')
    ? INTERVAL_UNITS.indexOf(timeUnitOf(cursor.advance().value) as IntervalUnit)
    : first;
  return last < first ? undefined : fieldsMs(text, INTERVAL_UNITS.slice(first, last + 1));
}

function singleUnitMs(text: string, unit: string): number | undefined {
  const each = UNIT_MS[unit as keyof typeof UNIT_MS];
  return /^[+-]?\d+$/.test(text) && each !== undefined ? Number(text) * each : undefined;
}

/** `1 02:03:04.5` by its units: a space stands after days, colons between the others, a fraction at seconds only. */
function fieldsMs(text: string, units: readonly IntervalUnit[]): number | undefined {
  const separators = { DAY: '', HOUR: units[0] === 'HOUR' ? '' : ' ', MINUTE: ':', SECOND: ':' };
  const pattern = units.map((unit, index) => {
    const digits = unit === 'SECOND' ? '(\\d+(?:\\.\\d{1,9})?)' : '(\\d+)';
    return (index === 0 ? '' : separators[unit]) + digits;
  });
  const match = new RegExp(`^([+-]?)${pattern.join('')}$`).exec(text.trim());
  if (match === null) return undefined;
  const total = units.reduce((sum, unit, index) => sum + partMs(match[index + 2] ?? '0', unit), 0);
  return match[1] === '-' && total !== 0 ? -total : total;
}

function partMs(text: string, unit: IntervalUnit): number {
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * UNIT_MS[unit] + (unit === 'SECOND' ? Number(fraction.padEnd(3, '0').slice(0, 3)) : 0);
}

/** `CASE [operand] WHEN … THEN … [ELSE …] END`. */
export function readCase(cursor: Cursor, read: ReadNode): Node {
  const { start } = cursor.advance();
  const operand = cursor.word() === 'WHEN' ? undefined : read(cursor);
  const branches: Branch[] = [];
  while (cursor.acceptWord('WHEN')) {
    const when = [read(cursor)];
    while (operand !== undefined && cursor.acceptSymbol(',')) when.push(read(cursor));
    cursor.expectWord('THEN', 'CASE WHEN condition THEN value END');
    branches.push({ when, value: read(cursor) });
  }
  if (branches.length === 0) cursor.stop('WHEN is missing in CASE WHEN condition THEN value END');
  const otherwise = cursor.acceptWord('ELSE') ? read(cursor) : undefined;
  cursor.expectWord('END', 'CASE WHEN condition THEN value END');
  const optional = { ...(operand && { operand }), ...(otherwise && { otherwise }) };
  return { kind: 'case', branches, ...optional, start, end: cursor.end };
}

const CAST_TYPES: Readonly<Record<string, CastType>> = {
  STRING: 'STRING',
  VARCHAR: 'STRING',
  INT: 'INT',
  INTEGER: 'INT',
  BIGINT: 'BIGINT',
  DOUBLE: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
};

/** `CAST(x AS type)` and `TRY_CAST(x AS type)`. */
export function readCast(cursor: Cursor, read: ReadNode): Node {
  const start = cursor.peek().start;
  const lenient = cursor.word() === 'TRY_CAST';
  cursor.advance();
  cursor.expectSymbol('(', 'CAST(value AS type)');
  const operand = read(cursor);
  cursor.expectWord('AS', 'CAST(value AS type)');
  const word = cursor.word();
  const type = Object.hasOwn(CAST_TYPES, word) ? CAST_TYPES[word] : undefined;
  if (type === undefined) return cursor.stop(`a type is expected: one of ${Object.keys(CAST_TYPES).join(', ')}`);
  cursor.advance();
  const length = readLength(cursor, word);
  cursor.expectSymbol(')', 'CAST(value AS type)');
  return { kind: 'cast', type, lenient, operand, ...(length !== undefined && { length }), start, end: cursor.end };
}

/** The n of VARCHAR(n); that of TIMESTAMP(3) is read and means nothing more, since timestamps are milliseconds. */
function readLength(cursor: Cursor, word: string): number | undefined {
  if (word === 'DOUBLE') cursor.acceptWord('PRECISION');
  if ((word !== 'VARCHAR' && word !== 'TIMESTAMP') || !cursor.acceptSymbol('(')) return undefined;
  const token = cursor.advance();
  const length = Number(token.value);
  const least = word === 'VARCHAR' ? 1 : 3;
  const most = word === 'VARCHAR' ? 2_147_483_647 : 3;
  if (!(length >= least && length <= most)) {
    cursor.note(`the length of ${word} is from ${least} to ${most}`, token.start, token.end);
  }
  cursor.expectSymbol(')', `${word}(n)`);
  return word === 'VARCHAR' ? length : undefined;
}
