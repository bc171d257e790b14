import { isAggregateName } from './aggregate-catalog.ts';
import type { Call, Node } from './ast.ts';
import { ALIASES, arityOf, FUNCTIONS, REFUSED } from './catalog.ts';
import type { Cursor, ReadNode } from './cursor.ts';
import { suggestion } from './fault.ts';
import { POWER } from './grammar.ts';
import { EXTRACT_ONLY, type TimeUnit, timeUnitOf } from './time-unit.ts';

/** Readers of calls: `NAME(argument, argument)`, and the functions whose arguments SQL separates with words. */

type Reader = (cursor: Cursor, read: ReadNode, start: number) => Call;

/** Functions that are an EXTRACT of one unit. */
const UNIT_FUNCTIONS: Readonly<Record<string, TimeUnit>> = {
  YEAR: 'YEAR',
  QUARTER: 'QUARTER',
  MONTH: 'MONTH',
  WEEK: 'WEEK',
  DAYOFYEAR: 'DOY',
  DAYOFMONTH: 'DAY',
  DAYOFWEEK: 'DOW',
  HOUR: 'HOUR',
  MINUTE: 'MINUTE',
  SECOND: 'SECOND',
};

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['EXTRACT', readExtract],
  ['POSITION', readPosition],
  ['SUBSTRING', readSubstring],
  ['TRIM', readTrim],
  ['FLOOR', readRounding],
  ['CEIL', readRounding],
  ['CEILING', readRounding],
  ['TIMESTAMPADD', readWithUnit],
  ['TIMESTAMPDIFF', readWithUnit],
  ...Object.keys(UNIT_FUNCTIONS).map((name) => [name, readUnitFunction] as const),
]);

/** A call of any function but CAST, which stands next: a word and a parenthesis. */
export function readCall(cursor: Cursor, read: ReadNode): Node {
  const { start } = cursor.peek();
  const reader = READERS.get(cursor.word()) ?? readPlain;
  return reader(cursor, read, start);
}

function readPlain(cursor: Cursor, read: ReadNode, start: number): Call {
  const token = cursor.advance();
  const name = ALIASES.get(token.value.toUpperCase()) ?? token.value.toUpperCase();
  cursor.advance();
  if (isAggregateName(name) && !FUNCTIONS.has(name)) refuseAggregate(cursor, token.value, start);
  const given = readArguments(cursor, read);
  return checked(cursor, { kind: 'call', name, arguments: given, start, end: cursor.end }, token.value);
}

/** The arguments up to the closing parenthesis; the opening one is read. */
function readArguments(cursor: Cursor, read: ReadNode): Node[] {
  const given: Node[] = [];
  if (cursor.acceptSymbol(')')) return given;
  do given.push(read(cursor));
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')', 'the arguments');
  return given;
}

function refuseAggregate(cursor: Cursor, written: string, start: number): never {
  const message = `${written} is an aggregate over many records; write it under "aggregate", alone and not within an expression`;
  return cursor.refuse(message, start, start + written.length);
}

/** Notes a fault where the function is unknown or has too few or too many arguments. */
function checked(cursor: Cursor, node: Call, written: string): Call {
  const definition = FUNCTIONS.get(node.name);
  if (definition === undefined || node.name.includes(' ')) {
    const refused = REFUSED.get(node.name);
    const known = [...FUNCTIONS.keys(), ...ALIASES.keys(), ...READERS.keys()].filter((name) => !name.includes(' '));
    const message = refused
      ? `${written} ${refused}`
      : `there is no function ${written}${suggestion(node.name, known)}`;
    cursor.note(message, node.start, node.start + written.length);
    return node;
  }
  const { least, most } = arityOf(definition);
  const count = node.arguments.length;
  if (count >= least && count <= most) return node;
  const wanted =
    least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  cursor.note(`${written} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`, node.start, node.end);
  return node;
}

function readUnit(cursor: Cursor, within: string): TimeUnit {
  const unit = timeUnitOf(cursor.word());
  if (unit === undefined) return cursor.stop(`a unit such as SECOND, HOUR or DAY is expected in ${within}`);
  cursor.advance();
  return unit;
}

function readExtract(cursor: Cursor, read: ReadNode, start: number): Call {
  cursor.advance();
  cursor.advance();
  const unit = readUnit(cursor, 'EXTRACT(unit FROM timestamp)');
  cursor.expectWord('FROM', 'EXTRACT(unit FROM timestamp)');
  const operand = read(cursor);
  cursor.expectSymbol(')', 'EXTRACT(unit FROM timestamp)');
  return { kind: 'call', name: 'EXTRACT', arguments: [operand], unit, start, end: cursor.end };
}

function readUnitFunction(cursor: Cursor, read: ReadNode, start: number): Call {
  const token = cursor.advance();
  cursor.advance();
  const unit = UNIT_FUNCTIONS[token.value.toUpperCase()] ?? 'DAY';
  const node: Call = {
    kind: 'call',
    name: 'EXTRACT',
    arguments: readArguments(cursor, read),
    unit,
    start,
    end: cursor.end,
  };
  return checked(cursor, node, token.value);
}

function readPosition(cursor: Cursor, read: ReadNode, start: number): Call {
  cursor.advance();
  cursor.advance();
  // IN would take the rest for a list of values, so the part that is sought is read up to it.
  const part = read(cursor, POWER.range);
  cursor.expectWord('IN', 'POSITION(part IN text)');
  const text = read(cursor);
  cursor.expectSymbol(')', 'POSITION(part IN text)');
  return { kind: 'call', name: 'LOCATE', arguments: [part, text], start, end: cursor.end };
}

function readSubstring(cursor: Cursor, read: ReadNode, start: number): Call {
  cursor.advance();
  cursor.advance();
  const given = [read(cursor)];
  if (cursor.acceptWord('FROM')) {
    given.push(read(cursor));
    if (cursor.acceptWord('FOR')) given.push(read(cursor));
  } else {
    while (cursor.acceptSymbol(',')) given.push(read(cursor));
  }
  cursor.expectSymbol(')', 'SUBSTRING(text FROM start FOR length)');
  return checked(cursor, { kind: 'call', name: 'SUBSTRING', arguments: given, start, end: cursor.end }, 'SUBSTRING');
}

const TRIM_SIDES: Readonly<Record<string, string>> = { BOTH: 'BTRIM', LEADING: 'LTRIM', TRAILING: 'RTRIM' };

function readTrim(cursor: Cursor, read: ReadNode, start: number): Call {
  cursor.advance();
  cursor.advance();
  const side = cursor.peek(1).kind === 'symbol' && !cursor.isSymbol('(', 1) ? undefined : TRIM_SIDES[cursor.word()];
  if (side !== undefined) cursor.advance();
  const first = side !== undefined && cursor.word() === 'FROM' ? undefined : read(cursor);
  const apart = cursor.acceptWord('FROM');
  if (side !== undefined && !apart) cursor.stop(`FROM is missing in TRIM(${side} characters FROM text)`);
  const text = apart ? read(cursor) : first;
  cursor.expectSymbol(')', 'TRIM(BOTH characters FROM text)');
  const given = [text, apart ? first : undefined].filter((node) => node !== undefined);
  return { kind: 'call', name: side ?? 'BTRIM', arguments: given, start, end: cursor.end };
}

/** FLOOR and CEIL, of a number or `TO` a unit. */
function readRounding(cursor: Cursor, read: ReadNode, start: number): Call {
  const written = cursor.advance().value;
  const name = ALIASES.get(written.toUpperCase()) ?? written.toUpperCase();
  cursor.advance();
  if (cursor.acceptSymbol(')'))
    return checked(cursor, { kind: 'call', name, arguments: [], start, end: cursor.end }, written);
  const given = [read(cursor)];
  if (cursor.acceptWord('TO')) {
    const unit = readUnit(cursor, `${name}(timestamp TO unit)`);
    refuseExtractOnly(cursor, unit);
    cursor.expectSymbol(')', `${name}(timestamp TO unit)`);
    return { kind: 'call', name: `${name} TO`, arguments: given, unit, start, end: cursor.end };
  }
  while (cursor.acceptSymbol(',')) given.push(read(cursor));
  cursor.expectSymbol(')', 'the arguments');
  return checked(cursor, { kind: 'call', name, arguments: given, start, end: cursor.end }, written);
}

function readWithUnit(cursor: Cursor, read: ReadNode, start: number): Call {
  const written = cursor.advance().value;
  cursor.advance();
  const unit = readUnit(cursor, `${written}(unit, …)`);
  refuseExtractOnly(cursor, unit);
  cursor.expectSymbol(',', `${written}(unit, …)`);
  const given = readArguments(cursor, read);
  const node: Call = { kind: 'call', name: written.toUpperCase(), arguments: given, unit, start, end: cursor.end };
  return checked(cursor, node, written);
}

function refuseExtractOnly(cursor: Cursor, unit: TimeUnit): void {
  if (EXTRACT_ONLY.has(unit)) cursor.note(`${unit} is a unit of EXTRACT only`, cursor.end - unit.length, cursor.end);
}
