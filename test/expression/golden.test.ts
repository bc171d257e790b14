import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from '../golden/difference.ts';
import { type ExpressionCase, expectedOfExpression, isAlike, runExpression } from '../golden/kind/expression.ts';

/** Single expressions with the results of Flink 2.3: those of them that the grammar has and whose meaning it claims. */
const cases: readonly ExpressionCase[] = JSON.parse(
  readFileSync(new URL('../golden/expressions-spec.json', import.meta.url), 'utf8'),
);

const differing = new Set(DIFFERENCES.flatMap(({ names }) => names));
const isRight = (each: ExpressionCase) => isAlike(runExpression(each), expectedOfExpression(each));

describe('single expressions give what Flink gives', () => {
  test('there are cases of every kind', () => {
    expect(cases.length).toBeGreaterThan(1_200);
  });

  const groups = Map.groupBy(cases, ({ name }) => name.split('/')[0] ?? '');
  test.each([...groups])('%s', (_, group) => {
    const wrong = group
      .filter((each) => !differing.has(each.name) && !isRight(each))
      .map(
        (each) =>
          `${each.name}: ${each.expr} gives ${String(runExpression(each))}, not ${String(expectedOfExpression(each))}`,
      );
    expect(wrong).toEqual([]);
  });
});

describe('deliberate differences', () => {
  test.each(DIFFERENCES)('$reason', ({ names }) => {
    for (const name of names) {
      const each = cases.find((candidate) => candidate.name === name);
      expect(each, name).toBeDefined();
      if (each) expect(isRight(each), `${name} does not differ any more`).toBe(false);
    }
  });
});
