import { JobSpecError, PoisonRecordError } from '../../../core/error/error.ts';
import { compileExpression } from '../../../core/expression/compile.ts';
import { parseTimestamp } from '../../../core/expression/runtime/timestamp.ts';
import type { RecordSchema } from '../../../core/expression/type.ts';

/** One expression, with its value, or that it is refused. */
export type ExpressionCase = {
  readonly kind: 'expression';
  readonly name: string;
  readonly expr: string;
  /** What its columns come from; one of {@link INPUTS}. */
  readonly from?: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly error?: string;
};

type Input = { readonly from: string; readonly record: unknown; readonly schema: RecordSchema };

/** The rows that the cases select from, by how their FROM begins. */
const INPUTS: readonly Input[] = [
  {
    from: '(SELECT CAST(id AS BIGINT) AS id,',
    record: {
      id: 12345678901,
      name: "Ann O'Hara é",
      price: 19.99,
      qty: 3,
      rate: 0.075,
      ts: parseTimestamp('1969-07-20 20:17:40.500'),
      sm: 3,
      ti: 3,
      ok: true,
      nos: null,
      noi: null,
      nots: null,
    },
    schema: {
      id: 'bigint',
      name: 'string',
      price: 'double',
      qty: 'int',
      rate: 'double',
      ts: 'timestamp',
      sm: 'int',
      ti: 'int',
      ok: 'boolean',
      nos: 'string',
      noi: 'int',
      nots: 'timestamp',
    },
  },
  {
    from: '(SELECT CAST(a AS STRING) AS a, CAST(b AS VARCHAR(10)) AS b,',
    record: { a: 'Hello Wörld 😀', b: 'lo', i: 3, c: 'ab c', n: null },
    schema: { a: 'string', b: 'string', i: 'int', c: 'string', n: 'string' },
  },
  {
    from: '(SELECT ARRAY[a, b,',
    record: {
      r: [3, 1, null, 3],
      w: ['é', 'x'],
      m: { é: 3, k: 1 },
      q: { p: 3, q: 'é' },
      a: 3,
      b: 1,
      s: 'é',
      n: null,
    },
    schema: {
      r: ['int'],
      w: ['string'],
      m: 'unknown',
      q: { p: 'int', q: 'string' },
      a: 'int',
      b: 'int',
      s: 'string',
      n: 'int',
    },
  },
  {
    from: '(SELECT CAST(a AS INT) AS a, CAST(b AS BIGINT) AS b, CAST(c AS DECIMAL(10, 2)) AS c, CAST(d AS DOUBLE) AS d',
    record: { a: 7, b: 2, c: 12.5, d: 0.5, n: null },
    schema: { a: 'int', b: 'bigint', c: 'double', d: 'double', n: 'int' },
  },
  {
    from: '(SELECT CAST(a AS INT) AS a, CAST(c AS DECIMAL(10, 3)) AS c, CAST(d AS DOUBLE) AS d,',
    record: { a: -7, c: 12.345, d: -0.75, f: -0.75, n: null },
    schema: { a: 'int', c: 'double', d: 'double', f: 'double', n: 'int' },
  },
  {
    from: '(SELECT CAST(j AS STRING) AS j,',
    record: { j: '{"a":{"b":[1,"x",null]},"t":"y"}', s: 'q"', i: 3, n: null, d: 1.5, b: true },
    schema: { j: 'string', s: 'string', i: 'int', n: 'string', d: 'double', b: 'boolean' },
  },
  {
    from: '(SELECT CAST(a AS TIMESTAMP(3)) AS a,',
    record: {
      a: parseTimestamp('2020-02-29 12:34:56.789'),
      b: parseTimestamp('2021-01-31 01:02:03.004'),
      s: '2020-02-29 12:34:56.789',
      z: parseTimestamp('2020-02-29 12:34:56.789'),
      i: 1582979696,
      n: null,
    },
    schema: { a: 'timestamp', b: 'timestamp', s: 'string', z: 'timestamp', i: 'bigint', n: 'bigint' },
  },
  {
    from: '(SELECT CAST(a AS INT) AS a, CAST(b AS BIGINT) AS b, CAST(s AS STRING) AS s, NULLIF(a, 5) AS n,',
    record: { a: 5, b: 7, s: 'xy', n: null, c: 1.25 },
    schema: { a: 'int', b: 'bigint', s: 'string', n: 'int', c: 'double' },
  },
  {
    from: '(SELECT CAST(a AS STRING) AS a, CAST(p AS STRING) AS p,',
    record: { a: 'ab12cd345é', p: '([a-z]+)([0-9]+)', i: 2, n: null },
    schema: { a: 'string', p: 'string', i: 'int', n: 'string' },
  },
  {
    from: '(VALUES (TRUE,',
    record: { a: true, b: false, c: null },
    schema: { a: 'boolean', b: 'boolean', c: 'boolean' },
  },
];

const REFUSED = Symbol('refused');

/** The value of a case, or that it is refused: when it is read or when the record comes. */
export function runExpression({ expr, from }: ExpressionCase): unknown {
  const input = from === undefined ? undefined : INPUTS.find((each) => from.startsWith(each.from));
  if (from !== undefined && input === undefined) throw new Error(`no input is known for ${from}`);
  try {
    return compileExpression(expr, input ? { schema: input.schema } : {})(input?.record ?? {}, 0);
  } catch (error) {
    if (error instanceof JobSpecError || error instanceof PoisonRecordError) return REFUSED;
    throw error;
  }
}

/** The value as a record would carry it. */
export function expectedOfExpression({ type = '', value, error }: ExpressionCase): unknown {
  if (error !== undefined) return REFUSED;
  if (value === null) return null;
  if (type.startsWith('TIMESTAMP')) return parseTimestamp(String(value));
  if (!/^(?:DECIMAL|DOUBLE|FLOAT|TINYINT|SMALLINT|INT\b|BIGINT)/.test(type)) return value;
  const large = /^-?\d+$/.test(String(value)) && !Number.isSafeInteger(Number(value));
  return large && !/^(?:DOUBLE|FLOAT)/.test(type) ? BigInt(String(value)) : Number(value);
}

/** Numbers to nine digits. */
export function isAlike(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') {
    if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true;
    return Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(actual), Math.abs(expected));
  }
  if (typeof actual === 'bigint' || typeof expected === 'bigint') return String(actual) === String(expected);
  return actual === REFUSED || expected === REFUSED
    ? actual === expected
    : JSON.stringify(actual) === JSON.stringify(expected);
}
