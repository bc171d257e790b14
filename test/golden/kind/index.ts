import { isDeepStrictEqual } from 'node:util';
import { type ExpressionCase, expectedOfExpression, isAlike, runExpression } from './expression.ts';
import { expectedOfJoin, type JoinCase, runJoin } from './join.ts';
import { expectedOfProcess, type ProcessCase, runProcess } from './process.ts';
import { expectedOfWindow, runWindow, type WindowCase } from './window.ts';

/** A golden case of any kind; `error`: it is to be refused. */
export type GoldenCase = { readonly kind: string; readonly name: string; readonly error?: string };

type Fault = { readonly expected: unknown; readonly actual: unknown };

/** By kind: what is wrong with what a case gives; undefined where it is right. */
const KINDS: { readonly [kind: string]: (golden: never) => Fault | undefined } = {
  window: (golden: WindowCase) => check(golden, runWindow, expectedOfWindow),
  join: (golden: JoinCase) => check(golden, runJoin, expectedOfJoin),
  process: (golden: ProcessCase) => check(golden, runProcess, expectedOfProcess),
  expression(golden: ExpressionCase) {
    const expected = expectedOfExpression(golden);
    try {
      const actual = runExpression(golden);
      return isAlike(actual, expected) ? undefined : { expected, actual };
    } catch (error) {
      return { expected, actual: error };
    }
  },
};

export function faultOf(golden: GoldenCase): Fault | undefined {
  const kind = KINDS[golden.kind];
  if (kind === undefined) {
    return { expected: `one of the kinds ${Object.keys(KINDS).join(', ')}`, actual: `the kind ${golden.kind}` };
  }
  return kind(golden as never);
}

function check<Case extends { readonly error?: string }>(
  golden: Case,
  run: (golden: Case) => unknown,
  expectedOf: (golden: Case) => unknown,
): Fault | undefined {
  let actual: unknown;
  try {
    actual = run(golden);
  } catch (error) {
    if (golden.error !== undefined) return undefined;
    return { expected: expectedOf(golden), actual: error };
  }
  if (golden.error !== undefined) return { expected: `refused: ${golden.error}`, actual };
  const expected = expectedOf(golden);
  return isDeepStrictEqual(actual, expected) ? undefined : { expected, actual };
}
