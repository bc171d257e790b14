import type { KeyedCoProcessDescriptor } from './descriptor.ts';
import { KeyedRunner } from './keyed-runner.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import type { KeyedCoProcessFunction } from './process-function.ts';
import type { Untyped } from './untyped.ts';

/** A user's function over two inputs keyed alike, which share state and timers (Flink: KeyedCoProcessOperator). */
export class KeyedCoProcessOperator extends KeyedRunner<KeyedCoProcessFunction<Untyped, Untyped, Untyped, Untyped>> {
  readonly inputs: readonly RecordOutput[];

  constructor({ keys: [left, right], create }: KeyedCoProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.inputs = [
      this.keyedInput(left, (value, running) => made.processLeft(value, running), 'processLeft'),
      this.keyedInput(right, (value, running) => made.processRight(value, running), 'processRight'),
    ];
  }
}
