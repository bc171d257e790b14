import type { Timestamp } from '../time/timestamp.ts';
import type { CoMapDescriptor } from './descriptor.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PassingOperator } from './passing-operator.ts';
import { expectPlain } from './user-call.ts';

/** Two connected inputs, each with its own map, into one output (Flink: CoMap). */
export class CoMapOperator extends PassingOperator {
  readonly inputs: readonly RecordOutput[];

  constructor({ left, right }: CoMapDescriptor, context: OperatorContext) {
    super(context);
    this.inputs = [this.#input(left), this.#input(right)];
  }

  #input(map: CoMapDescriptor['left']): RecordOutput {
    const { context, metrics, output } = this;
    return {
      record(value: unknown, timestamp: Timestamp): void {
        metrics.recordsIn++;
        let result: unknown;
        try {
          result = expectPlain(map(value), context.uid, 'map');
        } catch (error) {
          context.poison(error, value, timestamp);
          return;
        }
        metrics.recordsOut++;
        output.record(result, timestamp);
      },
    };
  }
}
