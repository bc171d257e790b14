import type { CompiledAggregate } from '../../expression/aggregate.ts';
import type { Accessor, Predicate } from '../../expression/compile.ts';
import type { ExpressionFault } from '../../expression/fault.ts';
import type { RecordSchema, ValueType } from '../../expression/type.ts';

/** What is known of the records that an expression reads. */
export type Known = {
  readonly columns?: RecordSchema;
  /** How messages call them. */
  readonly input: string;
  /** Whether their event time is at hand, so that an expression may ask for it. */
  readonly rowtime?: true;
};

/** A text made ready; `of` is absent where it has faults. */
export type Compiled<Of> = {
  readonly of?: Of;
  readonly type: ValueType;
  /** Whether it asks for the event time of a record. */
  readonly timed: boolean;
  readonly faults: readonly ExpressionFault[];
};

/**
 * The expressions of a spec: compiled as they are asked for (expression-compiler.ts), or compiled before and only handed
 * out (compiled-expressions.ts), so that what runs a deployed job holds no parser.
 */
export interface Expressions {
  value(text: string, known: Known): Compiled<Accessor>;
  condition(text: string, known: Known): Compiled<Predicate>;
  aggregate(text: string, known: Known): Compiled<CompiledAggregate>;
}
