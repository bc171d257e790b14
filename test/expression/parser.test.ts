import { describe, expect, test } from 'vitest';
import { JobSpecError } from '../../core/error/error.ts';
import { columnsOf } from '../../core/expression/ast.ts';
import { MAX_DEPTH, MAX_TEXT_LENGTH } from '../../core/expression/limit.ts';
import { parseExpression, readExpression } from '../../core/expression/parser.ts';
import { printExpression } from '../../core/expression/print.ts';

/** The tree as text with every parenthesis, which shows what binds to what. */
const shape = (text: string) => printExpression(parseExpression(text));

/** `column message` of every fault. */
function faultsOf(text: string): string[] {
  const outcome = readExpression(text);
  return outcome.kind === 'ok' ? [] : outcome.faults.map(({ offset, message }) => `${offset} ${message}`);
}

describe('precedence is that of Flink', () => {
  test.each([
    ['a OR b AND c', 'a OR (b AND c)'],
    ['NOT a = b', 'NOT (a = b)'],
    ['NOT a AND b', '(NOT a) AND b'],
    ['a = b IS NULL', '(a = b) IS NULL'],
    ['a + b * c - d', '(a + (b * c)) - d'],
    ['a || b = c', '(a || b) = c'],
    ['-a * b', '(-(a)) * b'],
    ['a - -1', 'a - -1'],
    ['a BETWEEN 1 AND 2 AND b', '(a BETWEEN 1 AND 2) AND b'],
    ['a BETWEEN b - 1 AND b + 1', 'a BETWEEN (b - 1) AND (b + 1)'],
    ['a NOT IN (1, 2) OR b', '(a NOT IN (1, 2)) OR b'],
    ['a IS DISTINCT FROM b + 1 OR c', '(a IS DISTINCT FROM (b + 1)) OR c'],
    ['a = b IN (TRUE)', 'a = (b IN (TRUE))'],
    ['a % 2 = 0', '(a % 2) = 0'],
    ['tags[1].name.first', 'tags[1].name.first'],
    ["m['k'][2]", "m['k'][2]"],
  ])('%s is read as %s', (text, expected) => {
    expect(shape(text)).toBe(expected);
  });

  test('a chain of AND is one node, however long', () => {
    const { root } = parseExpression('a AND b AND c');
    expect(root.kind === 'logic' && root.operands.length).toBe(3);
    expect(parseExpression(`a${' AND a'.repeat(20_000)}`).root.kind).toBe('logic');
  });
});

describe('other spellings become the canonical tree', () => {
  test.each([
    ['substring(a from 2 for 3)', 'SUBSTRING(a, 2, 3)'],
    ['Substr(a, 2)', 'SUBSTRING(a, 2)'],
    ["trim(leading 'x' from a)", "LTRIM(a, 'x')"],
    ['TRIM(a)', 'BTRIM(a)'],
    ["position('x' in a)", "LOCATE('x', a)"],
    ['year(t)', 'EXTRACT(YEAR FROM t)'],
    ['extract(days from t)', 'EXTRACT(DAY FROM t)'],
    ['ceiling(t to hour)', 'CEIL(t TO HOUR)'],
    ['a != 1', 'a <> 1'],
    ['CAST(a AS INTEGER)', 'CAST(a AS INT)'],
    ["INTERVAL '1:30' HOUR TO MINUTE", "INTERVAL '5400.000' SECOND"],
    ["INTERVAL '1m30s'", "INTERVAL '90.000' SECOND"],
    ["TIMESTAMP '2026-01-31'", "TIMESTAMP '2026-01-31 00:00:00.000'"],
    ['a /* why */ + -- because\n 1', 'a + 1'],
  ])('%s is %s', (text, expected) => {
    expect(shape(text)).toBe(expected);
  });

  test('words of the grammar are columns wherever they cannot be anything else', () => {
    expect(shape("from = 'x' AND timestamp > 1 AND date = 2 AND interval = 3 AND trim(both) = 'a'")).toBe(
      "(from = 'x') AND (timestamp > 1) AND (date = 2) AND (interval = 3) AND (BTRIM(both) = 'a')",
    );
  });

  test('names that are no words stand in backticks, and keep their case and characters', () => {
    expect(parseExpression('`@time`.`a b`.`x``y`.Grüße').root).toMatchObject({
      path: ['@time', 'a b', 'x`y', 'Grüße'],
    });
  });

  test('a whole number beyond 2^53 is a bigint', () => {
    expect(parseExpression('9223372036854775807').root).toMatchObject({ type: 'bigint', value: 9223372036854775807n });
    expect(faultsOf('9223372036854775808')).toEqual([
      '1 the whole number does not fit a BIGINT; write a double, like 1e30',
    ]);
  });
});

describe('a fault says where it is and what to write', () => {
  test.each([
    ['', '1 an expression is expected, for instance price > 100; the text ends here'],
    ['price >', '8 a value is expected; the text ends here'],
    ['a b', '3 an operator or the end of the text is expected; found "b"'],
    ['a == 1', '3 equality is written ='],
    ['a && b', '3 write AND'],
    [
      'a = "x"',
      "5 text stands in single quotes ('text'), names in backticks (`name`); double quotes mean nothing here",
    ],
    ["a = 'x", "5 a text begins here and does not end; close it with ' (a quote within is written '')"],
    ['a /* b', '3 a comment begins here and does not end; close it with */'],
    ['end > 1', '1 a value is expected (a column of that name is written in backticks); found "end"'],
    ['a IN ()', '7 IN needs at least one value; found ")"'],
    ['a NOT b', '7 BETWEEN, IN, LIKE or SIMILAR TO is expected after NOT; found "b"'],
    ['CASE a END', '8 WHEN is missing in CASE WHEN condition THEN value END; found "END"'],
    ['ROUND()', '1 ROUND takes 1 to 2 arguments, not 0'],
    ['uper(a)', '1 there is no function uper; did you mean "UPPER"?'],
    ['rand() < 0.5', '1 rand is random; an expression must give the same value when a record is processed again'],
    ['length(a)', '1 length is called CHAR_LENGTH'],
    [
      'CAST(a AS DECIMAL(3))',
      '11 a type is expected: one of STRING, VARCHAR, INT, INTEGER, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP; found "DECIMAL"',
    ],
    ["TIMESTAMP '2026-02-30'", `1 "2026-02-30" is not a timestamp; write one like '2026-01-31 12:30:00.000', in UTC`],
    ["INTERVAL '1' MONTH", '14 a month has no fixed length; write TIMESTAMPADD(MONTH, 1, t)'],
    ['1e999', '1 the number is beyond what a double holds'],
    [
      'sum(a) > 1',
      '1 sum is an aggregate over many records; write it under "aggregate", alone and not within an expression',
    ],
  ])('%s: %s', (text, expected) => {
    expect(faultsOf(text)).toEqual([expected]);
  });

  test('all faults of a text come at once', () => {
    expect(faultsOf("foo(1) + UPPER() + TIMESTAMP 'x'")).toHaveLength(3);
    expect(faultsOf('a && b || "c"').map((fault) => fault.split(' ')[0])).toEqual(['3', '11']);
  });

  test('parseExpression throws them as faults of the job, with path and column', () => {
    const attempt = () => parseExpression('a AND foo(1)', 'operators.humans.filter');
    expect(attempt).toThrow(JobSpecError);
    expect(attempt).toThrow('7  operators.humans.filter: there is no function foo');
  });
});

describe('hostile texts are refused and never overflow the stack', () => {
  test.each([
    ['parentheses', '('.repeat(50_000)],
    ['NOT', 'NOT '.repeat(30_000)],
    ['signs', '- '.repeat(50_000)],
    ['a sum', `1${' + 1'.repeat(40_000)}`],
    ['CASE', 'CASE WHEN '.repeat(10_000)],
    ['calls', 'ABS('.repeat(30_000)],
    ['elements', `a${'[a'.repeat(30_000)}`],
    ['element chains', `a${'[1]'.repeat(30_000)}`],
  ])('%s nested too deep', (_, text) => {
    expect(faultsOf(text).join()).toContain(`nested deeper than ${MAX_DEPTH} levels`);
  });

  test.each(["'", '`', '"', '/*', '--', '&', '.', '\\', ' ', "''", '1', '😀'])(
    '%j over and over takes no long time',
    (piece) => {
      const before = process.cpuUsage().user;
      readExpression(piece.repeat(MAX_TEXT_LENGTH / 4));
      expect(process.cpuUsage().user - before).toBeLessThan(3_000_000);
    },
  );

  test('a text that is too long is not even read', () => {
    expect(faultsOf('a'.repeat(MAX_TEXT_LENGTH + 1))[0]).toContain(`at most ${MAX_TEXT_LENGTH} are read`);
  });
});

test('columnsOf names every column once, in the order of the text', () => {
  expect(columnsOf(parseExpression("b.x > 1 AND a = b.x OR UPPER(c) IN ('x', d)"))).toEqual([
    ['b', 'x'],
    ['a'],
    ['c'],
    ['d'],
  ]);
});
