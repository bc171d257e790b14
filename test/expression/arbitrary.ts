import fc from 'fast-check';
import type { Call, Cast, Comparison, Literal, Node } from '../../core/expression/ast.ts';
import type { TimeUnit } from '../../core/expression/time-unit.ts';

/** Random trees of every kind of node, and records for them. Offsets are all 0. */

const at = { start: 0, end: 0 } as const;

/** Names that have gone wrong elsewhere: prototypes, quotes, ends of lines, words of the grammar, methods. */
export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '0',
  '',
  '`',
  '``',
  "'",
  '"',
  '\\',
  '\n',
  '\u2028',
  '\u2029',
  '$' + '{x}',
  '"]; throw 1; //',
  "'+alert(1)+'",
  '*/',
  '--',
  'end',
  'NULL',
  'map',
  'array',
  'record',
  'v0',
  '$',
  'at',
  'name',
  'size',
  '😀',
  '\ud800',
];

const plainName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
export const anyName = fc.oneof(
  plainName,
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const literal = (type: Literal['type'], value: Literal['value']): Literal => ({ kind: 'literal', type, value, ...at });

const positiveZero = (value: number): number => (value === 0 ? 0 : value);

export const literals: fc.Arbitrary<Literal> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }).map((value) => literal('string', value)),
  fc.maxSafeInteger().map((value) => literal('int', value)),
  fc.integer({ min: -3, max: 3 }).map((value) => literal('int', value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => literal('double', positiveZero(value))),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((value) => literal('bigint', value)),
  fc.boolean().map((value) => literal('boolean', value)),
  fc.constant(literal('null', null)),
  fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 }).map((value) => literal('timestamp', value)),
  fc.integer().map((value) => literal('interval', value)),
);

/** Literals among which equal ones and neighbours are frequent. */
const smallLiterals: fc.Arbitrary<Literal> = fc.oneof(
  fc.integer({ min: -2, max: 2 }).map((value) => literal('int', value)),
  fc.constantFrom('', 'a', 'b', 'ab', '😀', '\uffff').map((value) => literal('string', value)),
  fc.boolean().map((value) => literal('boolean', value)),
  fc.constant(literal('null', null)),
);

const COMPARISONS: readonly Comparison['operator'][] = ['=', '<>', '<', '<=', '>', '>='];
const CASTS: readonly Cast['type'][] = ['STRING', 'INT', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP'];
const UNITS: readonly TimeUnit[] = ['SECOND', 'HOUR', 'DAY', 'MONTH'];

/** Trees with the given names and constants; `calls` are names of functions of two arguments. */
export function trees(names: fc.Arbitrary<string>, constants: fc.Arbitrary<Node>): fc.Arbitrary<Node> {
  const column = fc.array(names, { minLength: 1, maxLength: 2 }).map((path): Node => ({ kind: 'column', path, ...at }));
  const { node } = fc.letrec<{ node: Node }>((tie) => {
    const child = tie('node');
    const pair = fc.tuple(child, child);
    const several = fc.array(child, { minLength: 2, maxLength: 4 });
    const negated = fc.boolean();
    const call = (name: string, given: readonly Node[], unit?: TimeUnit): Call => ({
      kind: 'call',
      name,
      arguments: given,
      ...(unit && { unit }),
      ...at,
    });
    return {
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        constants,
        column,
        pair.map(([target, index]): Node => ({ kind: 'element', target, index, ...at })),
        fc.tuple(child, names).map(([target, name]): Node => ({ kind: 'field', target, name, ...at })),
        child.map((operand): Node => ({ kind: 'negation', operand, ...at })),
        child.map((operand): Node => ({ kind: 'not', operand, ...at })),
        fc
          .tuple(fc.constantFrom('+', '-', '*', '/', '%', '||'), child, child)
          .map(([operator, left, right]): Node => ({ kind: 'arithmetic', operator, left, right, ...at }) as Node),
        fc
          .tuple(fc.constantFrom(...COMPARISONS), child, child)
          .map(([operator, left, right]): Node => ({ kind: 'comparison', operator, left, right, ...at })),
        fc
          .tuple(negated, child, child)
          .map(([no, left, right]): Node => ({ kind: 'distinct', negated: no, left, right, ...at })),
        fc
          .tuple(fc.constantFrom('AND', 'OR'), several)
          .map(([operator, operands]): Node => ({ kind: 'logic', operator, operands, ...at }) as Node),
        fc
          .tuple(fc.constantFrom('NULL', 'TRUE', 'FALSE', 'UNKNOWN'), negated, child)
          .map(([test, no, operand]): Node => ({ kind: 'is', test, negated: no, operand, ...at }) as Node),
        fc.tuple(negated, fc.boolean(), child, child, child).map(
          ([no, symmetric, operand, low, high]): Node => ({
            kind: 'between',
            negated: no,
            symmetric,
            operand,
            low,
            high,
            ...at,
          }),
        ),
        fc
          .tuple(negated, child, several)
          .map(([no, operand, values]): Node => ({ kind: 'in', negated: no, operand, values, ...at })),
        fc.tuple(child, several, fc.option(child)).map(
          ([operand, values, otherwise]): Node => ({
            kind: 'case',
            operand,
            ...branchesOf(values, true),
            ...(otherwise && { otherwise }),
            ...at,
          }),
        ),
        fc.tuple(several, fc.option(child)).map(
          ([values, otherwise]): Node => ({
            kind: 'case',
            ...branchesOf(values, false),
            ...(otherwise && { otherwise }),
            ...at,
          }),
        ),
        fc
          .tuple(fc.constantFrom(...CASTS), fc.boolean(), child)
          .map(([type, lenient, operand]): Node => ({ kind: 'cast', type, lenient, operand, ...at })),
        fc
          .tuple(fc.constantFrom('COALESCE', 'GREATEST', 'LEAST', 'CONCAT'), several)
          .map(([name, given]) => call(name, given)),
        pair.map((given) => call('NULLIF', given)),
        fc.tuple(child, child, child).map((given) => call('IF', given)),
        fc.tuple(fc.constantFrom('ABS', 'UPPER', 'FLOOR'), child).map(([name, given]) => call(name, [given])),
        fc.tuple(fc.constantFrom(...UNITS), child).map(([unit, given]) => call('EXTRACT', [given], unit)),
      ),
    };
  });
  return node;
}

function branchesOf(values: readonly Node[], several: boolean): Pick<Extract<Node, { kind: 'case' }>, 'branches'> {
  const [value, ...when] = values as [Node, ...Node[]];
  return { branches: several ? [{ when, value }] : when.map((each) => ({ when: [each], value })) };
}

/** Trees over a few columns, in which types agree often enough that values come out. */
export const smallTrees = trees(plainName, smallLiterals);

/** Trees with every constant and with hostile names. */
export const hostileTrees = trees(anyName, literals);

/** Records for {@link smallTrees}: columns are absent, NULL, or of any type. */
export const records = fc.record(
  {
    a: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(null, Number.NaN, 0.5, 2n)),
    b: fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', '😀', '\uffff'), fc.constant(null)),
    c: fc.oneof(fc.boolean(), fc.constant(null)),
    d: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('a', true, null, 1n)),
    e: fc.constantFrom(null, [1, 'a', null], { a: 1, b: 'a', c: true }, 1, 'a'),
  },
  { requiredKeys: [] },
);
