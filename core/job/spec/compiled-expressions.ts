import { InvariantError } from '../../error/error.ts';
import type { CompiledAggregate } from '../../expression/aggregate.ts';
import type { Accessor, Predicate } from '../../expression/compile.ts';
import type { ValueType } from '../../expression/type.ts';
import type { Compiled, Expressions } from './expressions.ts';

/** An expression that was compiled before, with its text, so that one is not taken for another. */
export type CompiledText = {
  readonly text: string;
  readonly type: ValueType;
  readonly timed: boolean;
  readonly of: Accessor | Predicate | CompiledAggregate;
};

/**
 * Hands out what an {@link ExpressionRecorder} saw, in the order in which it was asked: a job is built of the same spec by the
 * same code, so it asks for the same things.
 */
export class CompiledExpressions implements Expressions {
  readonly #texts: readonly CompiledText[];
  #next = 0;

  constructor(texts: readonly CompiledText[]) {
    this.#texts = texts;
  }

  value(text: string): Compiled<Accessor> {
    return this.#take(text);
  }

  condition(text: string): Compiled<Predicate> {
    return this.#take(text);
  }

  aggregate(text: string): Compiled<CompiledAggregate> {
    return this.#take(text);
  }

  #take<Of>(text: string): Compiled<Of> {
    const found = this.#texts[this.#next++];
    if (found?.text !== text) {
      throw new InvariantError(
        `the bundle has ${found?.text ?? 'no expression'} in place of ${text}; deploy the job again`,
      );
    }
    const { type, timed, of } = found;
    return { type, timed, of: of as Of, faults: [] };
  }
}
