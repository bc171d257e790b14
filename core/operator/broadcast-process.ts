import type { BroadcastProcessDescriptor } from './descriptor.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PlainRunner } from './plain-runner.ts';
import type { BroadcastProcessFunction } from './process-function.ts';
import type { Untyped } from './untyped.ts';

/** A stream on port 0 beside a broadcast one on port 1 (Flink: CoBroadcastWithNonKeyedOperator). */
export class BroadcastProcessOperator extends PlainRunner<BroadcastProcessFunction<Untyped, Untyped, Untyped>> {
  readonly inputs: readonly RecordOutput[];

  constructor({ create }: BroadcastProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.inputs = [
      this.input((value, running) => made.process(value, running), 'process'),
      this.input((rule, running) => made.processBroadcast(rule, running), 'processBroadcast', true),
    ];
  }
}
