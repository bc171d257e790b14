import { stateKeyOf } from '../codec/key.ts';
import { type StateTable, VOID_NAMESPACE } from '../state/state-table.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { ReduceDescriptor } from './descriptor.ts';
import type { OperatorContext } from './operator.ts';
import { SingleInputOperator } from './passing-operator.ts';
import { expectPlain } from './user-call.ts';

/**
 * Rolling reduce of a keyed stream: each record is folded into what its key has, and the result is emitted. The first
 * record of a key is emitted as it is. The function must not change its arguments: they were emitted before.
 */
export class ReduceOperator extends SingleInputOperator {
  readonly #key: ReduceDescriptor['key'];
  readonly #reduce: ReduceDescriptor['reduce'];
  readonly #reduced: StateTable<unknown>;

  constructor({ key, reduce }: ReduceDescriptor, context: OperatorContext) {
    super(context);
    this.#key = key;
    this.#reduce = reduce;
    this.#reduced = context.state.table({ name: 'reduced' });
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    let result: unknown;
    try {
      result = this.#fold(value);
    } catch (error) {
      this.context.poison(error, value, timestamp);
      return;
    }
    this.metrics.recordsOut++;
    this.output.record(result, timestamp);
  }

  #fold(value: unknown): unknown {
    const key = stateKeyOf(this.#key.of(value));
    const cell = this.#reduced.cell(key, VOID_NAMESPACE);
    if (cell === undefined) {
      this.#reduced.insert(key, VOID_NAMESPACE, value);
      return value;
    }
    const result = expectPlain(this.#reduce(cell.value, value), this.context.uid, 'reduce');
    cell.value = result;
    this.#reduced.changed(cell);
    return result;
  }
}
