import type { ProcessDescriptor } from './descriptor.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PlainRunner } from './plain-runner.ts';
import type { ProcessFunction } from './process-function.ts';
import type { Untyped } from './untyped.ts';

/** A user's function over a stream that is not keyed (Flink: ProcessOperator). */
export class ProcessOperator extends PlainRunner<ProcessFunction<Untyped, Untyped>> {
  readonly inputs: readonly RecordOutput[];

  constructor({ create }: ProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.inputs = [this.input((value, running) => made.process(value, running), 'process')];
  }
}
