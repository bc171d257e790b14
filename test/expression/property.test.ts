import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PoisonRecordError } from '../../core/error/error.ts';
import { childrenOf, type Expression, type Node } from '../../core/expression/ast.ts';
import { checkExpression, checkNodes } from '../../core/expression/check.ts';
import { compileExpression, compilePredicate, javascriptOf } from '../../core/expression/compile.ts';
import { parseExpression, readExpression } from '../../core/expression/parser.ts';
import { printExpression } from '../../core/expression/print.ts';
import { anyName, HOSTILE_NAMES, hostileTrees, records, smallTrees } from './arbitrary.ts';
import { interpret } from './interpreter.ts';

const expressionOf = (root: Node): Expression => ({ kind: 'expression', text: 'generated', root });

/** The tree without its places in the text. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'start' && key !== 'end')
      .map(([key, child]) => [key, bare(child)]),
  );
}

const REFUSED = 'the record is refused';

/** Whether some condition in the tree is asked only whether it is TRUE, or only whether it is FALSE. */
function mayStopEarlier(node: Node): boolean {
  const asks = node.kind === 'is' || node.kind === 'case' || (node.kind === 'call' && node.name === 'IF');
  return asks || childrenOf(node).some(mayStopEarlier);
}

/** A value, or that the record was refused; anything else that is thrown is a bug and fails the test. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof PoisonRecordError) return REFUSED;
    throw error;
  }
}

describe('for any tree', () => {
  test('its text reads back as the same tree', () => {
    fc.assert(
      fc.property(hostileTrees, (root) => {
        expect(bare(parseExpression(printExpression(root)).root)).toEqual(bare(root));
      }),
      { numRuns: 1_000 },
    );
  });

  test('compiled code gives what a plain walk over the tree gives', () => {
    let compared = 0;
    fc.assert(
      fc.property(smallTrees, fc.array(records, { minLength: 5, maxLength: 5 }), (root, examples) => {
        const expression = expressionOf(root);
        const { types, faults } = checkNodes(expression, undefined, {});
        if (faults.length > 0) return;
        const compiled = compileExpression(expression);
        for (const record of examples) {
          const expected = outcomeOf(() => interpret(root, record, types));
          const actual = outcomeOf(() => compiled(record));
          // Where only TRUE counts, as in CASE WHEN, code stops at a NULL and may miss what the walk refuses after it.
          if (expected === REFUSED && mayStopEarlier(root)) continue;
          compared++;
          expect(actual).toEqual(expected);
        }
      }),
      { numRuns: 4_000 },
    );
    expect(compared).toBeGreaterThan(2_000);
  });

  test('a predicate is true exactly where the value is TRUE', () => {
    let trues = 0;
    fc.assert(
      fc.property(smallTrees, fc.array(records, { minLength: 5, maxLength: 5 }), (root, examples) => {
        const expression = expressionOf({ kind: 'is', test: 'TRUE', negated: false, operand: root, start: 0, end: 0 });
        if (checkExpression(expression).faults.length > 0) return;
        const [value, predicate] = [compileExpression(expressionOf(root)), compilePredicate(expressionOf(root))];
        for (const record of examples) {
          const outcome = outcomeOf(() => value(record));
          if (outcome !== null && typeof outcome !== 'boolean') continue;
          if (outcome === true) trues++;
          expect(predicate(record)).toBe(outcome === true);
        }
      }),
      { numRuns: 4_000 },
    );
    expect(trues).toBeGreaterThan(200);
  });

  test('hostile names and texts never become code', () => {
    fc.assert(
      fc.property(hostileTrees, records, (root, record) => {
        const expression = expressionOf(root);
        if (checkExpression(expression).faults.length > 0) return;
        outcomeOf(() => compileExpression(expression)(record));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('for any name', () => {
  test('a column reads the own property of that name, and only that', () => {
    fc.assert(
      fc.property(anyName, fc.integer(), (name, value) => {
        const column: Node = { kind: 'column', path: [name], start: 0, end: 0 };
        const own = Object.defineProperty({}, name, { value, enumerable: true });
        const accessor = compileExpression(expressionOf(column));
        expect(accessor(own)).toBe(value);
        for (const other of [{}, [], [7], 'text', 5, true, null, undefined, new Date(0), 5n]) {
          expect(accessor(other)).toBe(null);
        }
      }),
      { numRuns: 500, examples: HOSTILE_NAMES.map((name) => [name, 42]) },
    );
  });

  test('generated code holds it in a string literal only', () => {
    for (const name of ['"]; globalThis.broken = 1; //', '\u2028', '`$' + '{globalThis.broken = 1}`', '\\"', '*/']) {
      const column: Node = { kind: 'column', path: [name], start: 0, end: 0 };
      const text = javascriptOf({ kind: 'expression', text: name, root: column });
      expect(text.replaceAll(/"(?:[^"\\\n\u2028\u2029]|\\.)*"/g, '""')).not.toMatch(/broken|\u2028|\u2029|\*\//);
    }
    expect(globalThis).not.toHaveProperty('broken');
  });
});

test('any text is read or refused, within bounded time and stack', () => {
  const pieces = fc.constantFrom(
    'a',
    '1',
    "'x'",
    '(',
    ')',
    '[',
    ']',
    ',',
    '.',
    '+',
    '-',
    'AND',
    'NOT',
    'IS',
    'NULL',
    'CASE',
    'WHEN',
    'END',
    'IN',
    'BETWEEN',
    'LIKE',
    'CAST',
    'AS',
    'TRIM',
    'FROM',
    'EXTRACT',
    'INTERVAL',
    'DAY',
    'count',
    '*',
    '`',
    "'",
    '"',
    '\\',
    '😀',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.constantFrom('', ' '), (parts, between) => {
      const text = parts.join(between);
      const outcome = readExpression(text);
      if (outcome.kind === 'ok') return;
      expect(outcome.faults.length).toBeGreaterThan(0);
      for (const { offset, length } of outcome.faults) {
        expect(offset).toBeGreaterThan(0);
        expect(offset + length).toBeLessThanOrEqual(text.length + 2);
      }
    }),
    { numRuns: 2_000 },
  );
});
