import type { Timestamp } from '../time/timestamp.ts';
import type { FlatMapDescriptor } from './descriptor.ts';
import { Emitter } from './emitter.ts';
import type { OperatorContext } from './operator.ts';
import { SingleInputOperator } from './passing-operator.ts';
import { refusePromise } from './user-call.ts';

/** Any number of records out for each in: those emitted, and those of the iterable returned (Flink: StreamFlatMap). */
export class FlatMapOperator extends SingleInputOperator {
  readonly #flatMap: FlatMapDescriptor['flatMap'];
  readonly #emitter: Emitter;

  constructor({ flatMap }: FlatMapDescriptor, context: OperatorContext) {
    super(context);
    this.#flatMap = flatMap;
    this.#emitter = new Emitter(context);
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    this.#emitter.timestamp = timestamp;
    try {
      emitAll(this.#flatMap(value, this.#emitter.emit), this.#emitter.emit, this.context.uid, 'flatMap');
    } catch (error) {
      this.context.poison(error, value, timestamp);
    }
  }
}

/** Emits what a flatMap returned. What came before an error of its iterable was emitted. */
export function emitAll(results: unknown, emit: (value: unknown) => void, uid: string, where: string): void {
  if (results === undefined || results === null) return;
  if (results instanceof Promise) throw refusePromise(uid, where, results);
  if (typeof results !== 'object' || !(Symbol.iterator in results)) {
    throw new TypeError(`${where} must return an iterable of records or nothing; it returned ${typeof results}`);
  }
  for (const result of results as Iterable<unknown>) emit(result);
}
