import type { Timestamp } from '../time/timestamp.ts';
import type { CoFlatMapDescriptor } from './descriptor.ts';
import { Emitter } from './emitter.ts';
import { emitAll } from './flat-map.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PassingOperator } from './passing-operator.ts';

/** Two connected inputs, each with its own flatMap, into one output (Flink: CoFlatMap). */
export class CoFlatMapOperator extends PassingOperator {
  readonly inputs: readonly RecordOutput[];

  constructor({ left, right }: CoFlatMapDescriptor, context: OperatorContext) {
    super(context);
    const emitter = new Emitter(context);
    this.inputs = [this.#input(left, emitter), this.#input(right, emitter)];
  }

  #input(flatMap: CoFlatMapDescriptor['left'], emitter: Emitter): RecordOutput {
    const { context, metrics } = this;
    return {
      record(value: unknown, timestamp: Timestamp): void {
        metrics.recordsIn++;
        emitter.timestamp = timestamp;
        try {
          emitAll(flatMap(value, emitter.emit), emitter.emit, context.uid, 'flatMap');
        } catch (error) {
          context.poison(error, value, timestamp);
        }
      },
    };
  }
}
