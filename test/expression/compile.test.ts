import { describe, expect, test } from 'vitest';
import { JobSpecError, PoisonRecordError } from '../../core/error/error.ts';
import {
  compileExpression,
  compilePredicate,
  javascriptOf,
  javascriptOfPredicate,
} from '../../core/expression/compile.ts';
import * as runtime from '../../core/expression/runtime/runtime.ts';
import { MIN_TIMESTAMP } from '../../core/time/timestamp.ts';

const evaluate = (text: string, record: unknown = {}, timestamp?: number) => compileExpression(text)(record, timestamp);

describe('three-valued logic', () => {
  const VALUES = [true, false, null] as const;
  const AND = [true, false, null, false, false, false, null, false, null];
  const OR = [true, true, true, true, false, null, true, null, null];

  test.each(
    VALUES.flatMap((a, row) => VALUES.map((b, column) => [a, b, AND[3 * row + column], OR[3 * row + column]] as const)),
  )('%s and %s: AND is %s, OR is %s', (a, b, and, or) => {
    expect(evaluate('a AND b', { a, b })).toBe(and);
    expect(evaluate('a OR b', { a, b })).toBe(or);
    expect(evaluate('NOT (a AND b)', { a, b })).toBe(and === null ? null : !and);
    for (const [text, value] of [
      ['a AND b', and],
      ['a OR b', or],
    ] as const) {
      expect(compilePredicate(text)({ a, b })).toBe(value === true);
      expect(compilePredicate(`NOT (${text})`)({ a, b })).toBe(value === false);
      expect(compilePredicate(`(${text}) IS UNKNOWN`)({ a, b })).toBe(value === null);
      expect(compilePredicate(`(${text}) IS NOT FALSE`)({ a, b })).toBe(value !== false);
    }
  });

  test('a missing field, a field of NULL and a field of a scalar are NULL', () => {
    for (const record of [{}, { a: null }, { a: 5 }, { a: 'text' }, { a: [] }, null, undefined, 7]) {
      expect(evaluate('a.b.c', record)).toBe(null);
    }
  });

  test('IN a list with NULL is never FALSE', () => {
    expect(evaluate('a IN (1, NULL)', { a: 1 })).toBe(true);
    expect(evaluate('a IN (1, NULL)', { a: 2 })).toBe(null);
    expect(evaluate('a NOT IN (1, NULL)', { a: 2 })).toBe(null);
  });

  test('a long list of constants gives the same, and knows bigints', () => {
    const predicate = compilePredicate('a IN (1, 2, 3, 4, 5, 6)');
    expect([predicate({ a: 6 }), predicate({ a: 6n }), predicate({ a: 7n }), predicate({})]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(() => predicate({ a: 'x' })).toThrow(PoisonRecordError);
  });
});

describe('a record that does not fit is refused with its reason', () => {
  test.each([
    [
      'price > 100',
      { price: 'abc' },
      'the number 100 and the text "abc" cannot be compared: write CAST(… AS DOUBLE) or CAST(… AS STRING), in "price > 100"',
    ],
    ['a = b', { a: true, b: 'x' }, 'the boolean true and the text "x" cannot be compared, in "a = b"'],
    ['a = a', { a: {} }, 'a record and a record cannot be compared, in "a = a"'],
    [
      'a + b',
      { a: 1, b: 'x' },
      'the number 1 and the text "x" cannot be combined with +: texts are joined with ||, in "a + b"',
    ],
    ["a || 'x'", { a: 1 }, `|| takes text, not the number 1: write CAST(… AS STRING), in "a || 'x'"`],
    ['a AND b', { a: 1 }, 'the number 1 is not a condition: compare it with something, as in … > 0, in "a AND b"'],
    ['UPPER(a)', { a: 1 }, 'UPPER takes text, not the number 1: write CAST(… AS STRING), in "UPPER(a)"'],
    [
      'CAST(a AS INT)',
      { a: 'x' },
      'the text "x" cannot be cast to INT: TRY_CAST gives NULL instead, in "CAST(a AS INT)"',
    ],
    ['a / b', { a: 1n, b: 0n }, 'the number 1 is divided by zero, in "a / b"'],
    [
      'YEAR(a)',
      { a: '2026' },
      'EXTRACT(YEAR …) takes a timestamp, not the text "2026": write TO_TIMESTAMP(…), in "YEAR(a)"',
    ],
    [
      "REPEAT('x', a)",
      { a: 1e9 },
      `REPEAT would make a text of 1000000000 characters; at most 1048576 are made, in "REPEAT('x', a)"`,
    ],
    ['a[b]', { a: [1], b: 'x' }, 'an array has no element "x"; its elements are [1], [2], …, in "a[b]"'],
  ])('%s', (text, record, message) => {
    expect(() => evaluate(text, record)).toThrow(new PoisonRecordError(message));
  });

  test('a condition before protects the one after it', () => {
    expect(evaluate("CASE WHEN kind = 'n' THEN value > 5 ELSE FALSE END", { kind: 's', value: 'x' })).toBe(false);
    expect(compilePredicate("kind = 'n' AND value > 5")({ kind: 's', value: 'x' })).toBe(false);
  });
});

describe('values', () => {
  test('bigints are exact, and with a fraction become doubles', () => {
    expect(evaluate('a + 1', { a: 2n ** 60n })).toBe(2n ** 60n + 1n);
    expect(evaluate('a * 0.5', { a: 4n })).toBe(2);
    expect(evaluate('a / b', { a: 7n, b: 2n })).toBe(3n);
    expect(evaluate('a > 9007199254740992', { a: 9007199254740993n })).toBe(true);
  });

  test('a Date counts as its milliseconds', () => {
    const at = new Date('2026-01-31T00:00:00Z');
    expect(evaluate("a > TIMESTAMP '2026-01-01 00:00:00'", { a: at })).toBe(true);
    expect(evaluate('MONTH(a)', { a: at })).toBe(1);
    expect(evaluate("a + INTERVAL '1' DAY", { a: at })).toBe(at.getTime() + 86_400_000);
  });

  test('a known timestamp is cast to its text, a number to its digits', () => {
    const asText = compileExpression('CAST(at AS STRING)', { schema: { at: 'timestamp' } });
    expect(asText({ at: 0 })).toBe('1970-01-01 00:00:00.000');
    expect(evaluate('CAST(at AS STRING)', { at: 0 })).toBe('0');
  });

  test('rowtime() is the event time, NULL where there is none', () => {
    const rowtime = compileExpression('rowtime()');
    expect([rowtime({}, 5), rowtime({}), rowtime({}, MIN_TIMESTAMP)]).toEqual([5, null, null]);
  });

  test('texts compare by code point, not by UTF-16 unit', () => {
    expect(evaluate('a < b', { a: '\uffff', b: '😀' })).toBe(true);
    expect(evaluate('GREATEST(a, b)', { a: '\uffff', b: '😀' })).toBe('😀');
  });
});

describe('fields are those of the record itself', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])('%s', (name) => {
    expect(evaluate(name, {})).toBe(null);
    expect(evaluate(`a.${name}`, { a: {} })).toBe(null);
    expect(evaluate(`a['${name}']`, { a: {} })).toBe(null);
    expect(evaluate(name, JSON.parse(`{"${name}": 42}`))).toBe(42);
  });

  test('methods and lengths of arrays, texts and numbers are none', () => {
    expect(evaluate('a.length', { a: [1] })).toBe(null);
    expect(evaluate('a.length', { a: 'text' })).toBe(null);
    expect(evaluate('a.map', { a: [1] })).toBe(null);
    expect(evaluate('a.`0`', { a: [1] })).toBe(null);
    expect(evaluate('a.at', { a: 'text' })).toBe(null);
    expect(evaluate('a.length', { a: { length: 3 } })).toBe(3);
    expect(evaluate('at', { at: 3 })).toBe(3);
  });
});

describe('the generated text', () => {
  test('gives the same function in a bundle without the parser', () => {
    const bundled = new Function('runtime', `return (${javascriptOf("UPPER(page) || '!'")})(runtime);`)(runtime);
    expect(bundled({ page: 'home' })).toBe('HOME!');
    const predicate = new Function('runtime', `return (${javascriptOfPredicate("page LIKE 'h%'")})(runtime);`)(runtime);
    expect(predicate({ page: 'home' })).toBe(true);
  });

  test('is small: a test in place, and the runtime for what does not fit', () => {
    const text = javascriptOfPredicate('price > 100');
    expect(text).toContain('v0 = record?.["price"], typeof v0 === "number" ? v0 > 100 : _lessThan(100, v0) === true');
    expect(text).not.toMatch(/\[\]|=>[^{(]*=>/);
  });

  test('does not overflow the stack at the deepest nesting that is read', () => {
    const wraps = [
      (x: string) => `CASE WHEN b THEN 1 ELSE ${x} END`,
      (x: string) => `CASE ${x} WHEN 1 THEN a END`,
      (x: string) => `COALESCE(${x}, a)`,
      (x: string) => `IF(b, a, ${x})`,
      (x: string) => `NULLIF(${x}, 2)`,
      (x: string) => `${x} + a`,
    ];
    for (const wrap of wraps) {
      let text = 'a';
      for (let depth = 0; depth < 120; depth++) text = wrap(text);
      expect(evaluate(text, { a: 1, b: true })).not.toBe(undefined);
    }
  });

  test('of thousands of operands is compiled and right', () => {
    const all = Array.from({ length: 5_000 }, (_, index) => index);
    expect(evaluate(all.map((each) => `a = ${each}`).join(' OR '), { a: 4_999 })).toBe(true);
    expect(evaluate(`CASE ${all.map((each) => `WHEN a = ${each} THEN ${each + 1}`).join(' ')} END`, { a: 4_999 })).toBe(
      5_000,
    );
    expect(evaluate(`a IN (${all.map((each) => `b + ${each}`).join(', ')})`, { a: 4_999, b: 0 })).toBe(true);
  });
});

describe('what is wrong is refused before a record comes', () => {
  test('all faults at once, at the path of the spec', () => {
    const attempt = () => compilePredicate("UPPER(5) = 'x' AND 'a' > 1", { path: 'operators.humans.filter' });
    expect(attempt).toThrow(JobSpecError);
    expect(attempt).toThrow(
      /^7 {2}operators\.humans\.filter: UPPER takes text.*\n20 {2}operators\.humans\.filter: text cannot be compared/,
    );
  });

  test('a filter that is no condition', () => {
    expect(() => compilePredicate('1 + 1')).toThrow('a condition is expected; this is a number');
  });

  test('columns, where a schema is given', () => {
    expect(() => compileExpression('agnet', { schema: { agent: 'string' }, input: 'clicks' })).toThrow(
      'column "agnet" is not in clicks; did you mean "agent"?',
    );
  });
});
