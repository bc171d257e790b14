import type { Key } from '../codec/key.ts';
import type { Clock } from '../port/clock.ts';
import { StateScope, withStateBuilder } from '../state/state-scope.ts';
import { VOID_NAMESPACE } from '../state/state-table.ts';
import type { TimerQueue } from '../state/timer-queue.ts';
import { MIN_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import type { Context, Lifecycle, TimerContext, Timers } from './process-function.ts';
import { timerTime } from './user-call.ts';

/** The context that a process function is given: one object for the life of the operator. */
export class RunningContext implements Context {
  timestamp: Timestamp = NO_TIMESTAMP;
  watermark: Timestamp;
  /** What records are emitted with: the timestamp at hand, but none in a processing-time timer. */
  emitTimestamp: Timestamp = NO_TIMESTAMP;
  /** The states of a function that was written as a plain object (process-form.ts). */
  state: unknown = undefined;
  readonly emit: (value: unknown) => void;
  readonly side: (tag: string, value: unknown) => void;
  readonly #clock: Clock;

  constructor(context: OperatorContext) {
    const { output, metrics } = context;
    const sides = new Map<string, RecordOutput>();
    this.#clock = context.clock;
    this.watermark = context.watermark ?? MIN_TIMESTAMP;
    this.emit = (value) => {
      metrics.recordsOut++;
      output.record(value, this.emitTimestamp);
    };
    this.side = (tag, value) => {
      let side = sides.get(tag);
      if (side === undefined) {
        side = context.side(tag);
        sides.set(tag, side);
      }
      side.record(value, this.emitTimestamp);
    };
  }

  get processingTime(): Timestamp {
    return this.#clock.now();
  }

  at(timestamp: Timestamp, emitTimestamp: Timestamp = timestamp): void {
    this.timestamp = timestamp;
    this.emitTimestamp = emitTimestamp;
  }
}

/** The context of a keyed function: the key at hand and its timers too. */
export class KeyedRunningContext extends RunningContext implements TimerContext {
  readonly timers: Timers;
  domain: 'event' | 'processing' = 'event';
  readonly #scope: StateScope;

  constructor(context: OperatorContext, scope: StateScope, event: TimerQueue, processing: TimerQueue) {
    super(context);
    this.#scope = scope;
    const key = () => scope.key ?? '';
    this.timers = {
      eventTime: (at) => event.set(timerTime(at), key(), VOID_NAMESPACE),
      processingTime: (at) => processing.set(timerTime(at), key(), VOID_NAMESPACE),
      deleteEventTime: (at) => event.delete(at, key(), VOID_NAMESPACE),
      deleteProcessingTime: (at) => processing.delete(at, key(), VOID_NAMESPACE),
    };
  }

  get key(): Key {
    return this.#scope.userKey ?? '';
  }
}

/** Makes a user's function with its state bound, and opens it. */
export function openFunction<F extends Lifecycle>(create: () => F, scope: StateScope, context: OperatorContext): F {
  const made = withStateBuilder(scope, create);
  made.open?.({ index: context.subtask.index, parallelism: context.subtask.parallelism });
  return made;
}

export function newScope(context: OperatorContext): StateScope {
  return new StateScope(context.state, context.clock);
}
