import type { CoProcessDescriptor } from './descriptor.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PlainRunner } from './plain-runner.ts';
import type { CoProcessFunction } from './process-function.ts';
import type { Untyped } from './untyped.ts';

/** A user's function over two connected inputs that are not keyed (Flink: CoProcessOperator). */
export class CoProcessOperator extends PlainRunner<CoProcessFunction<Untyped, Untyped, Untyped>> {
  readonly inputs: readonly RecordOutput[];

  constructor({ create }: CoProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.inputs = [
      this.input((value, running) => made.processLeft(value, running), 'processLeft'),
      this.input((value, running) => made.processRight(value, running), 'processRight'),
    ];
  }
}
