import type { Timestamp } from '../time/timestamp.ts';
import type { KeyedBroadcastProcessDescriptor } from './descriptor.ts';
import { KeyedRunner } from './keyed-runner.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import type { KeyedBroadcastProcessFunction } from './process-function.ts';
import { RunningContext } from './running-context.ts';
import type { Untyped } from './untyped.ts';
import { expectNothing } from './user-call.ts';

/** A keyed stream on port 0 beside a broadcast one on port 1 (Flink: CoBroadcastWithKeyedOperator). */
export class KeyedBroadcastProcessOperator extends KeyedRunner<
  KeyedBroadcastProcessFunction<Untyped, Untyped, Untyped, Untyped>
> {
  readonly inputs: readonly RecordOutput[];
  readonly #broadcast: RunningContext;

  constructor({ key, create }: KeyedBroadcastProcessDescriptor, context: OperatorContext) {
    super(create, context);
    const { made } = this;
    this.#broadcast = new RunningContext(context);
    this.inputs = [
      this.keyedInput(key, (value, running) => made.process(value, running), 'process'),
      { record: (rule, timestamp) => this.#rule(rule, timestamp) },
    ];
  }

  #rule(rule: unknown, timestamp: Timestamp): void {
    const { made, scope, context, metrics } = this;
    metrics.recordsIn++;
    scope.select(undefined);
    scope.timestamp = timestamp;
    scope.broadcasting = true;
    this.#broadcast.at(timestamp);
    this.#broadcast.watermark = this.running.watermark;
    try {
      expectNothing(made.processBroadcast(rule, this.#broadcast), context.uid, 'processBroadcast');
    } catch (error) {
      context.poison(error, rule, timestamp);
    } finally {
      scope.broadcasting = false;
    }
  }
}
