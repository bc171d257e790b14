import type { KeyedProcessDescriptor } from './descriptor.ts';
import { KeyedRunner } from './keyed-runner.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import type { KeyedProcessFunction } from './process-function.ts';
import type { Untyped } from './untyped.ts';

/** A user's function over a keyed stream, with keyed state and timers (Flink: KeyedProcessOperator). */
export class KeyedProcessOperator extends KeyedRunner<KeyedProcessFunction<Untyped, Untyped, Untyped>> {
  readonly inputs: readonly RecordOutput[];

  constructor({ key, create }: KeyedProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.inputs = [this.keyedInput(key, (value, running) => made.process(value, running), 'process')];
  }
}
