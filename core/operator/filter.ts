import type { Timestamp } from '../time/timestamp.ts';
import type { FilterDescriptor } from './descriptor.ts';
import type { OperatorContext } from './operator.ts';
import { SingleInputOperator } from './passing-operator.ts';
import { expectPlain } from './user-call.ts';

/** Lets a record through if the predicate says so (Flink: StreamFilter). */
export class FilterOperator extends SingleInputOperator {
  readonly #filter: FilterDescriptor['filter'];

  constructor({ filter }: FilterDescriptor, context: OperatorContext) {
    super(context);
    this.#filter = filter;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    let passes: boolean;
    try {
      passes = expectPlain(this.#filter(value), this.context.uid, 'filter');
    } catch (error) {
      this.context.poison(error, value, timestamp);
      return;
    }
    if (!passes) return;
    this.metrics.recordsOut++;
    this.output.record(value, timestamp);
  }
}
