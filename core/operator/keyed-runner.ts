import { stateKeyOf, userKeyOf } from '../codec/key.ts';
import type { StateScope } from '../state/state-scope.ts';
import type { Timer, TimerQueue } from '../state/timer-queue.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { KeySelector } from './key-selector.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PassingOperator } from './passing-operator.ts';
import type { KeyedContext, Lifecycle, TimerContext } from './process-function.ts';
import { KeyedRunningContext, newScope, openFunction } from './running-context.ts';
import type { Untyped } from './untyped.ts';
import { expectNothing } from './user-call.ts';

type KeyedFunction = Lifecycle & {
  onTimer?(at: Timestamp, context: TimerContext<Untyped, Untyped>): void;
};
type Handler = (value: Untyped, context: KeyedContext<Untyped, Untyped>) => void;

/**
 * What every keyed operator of a user's function does: selects the key, calls the function, fires timers.
 *
 * 1. Timers fire when the watermark (or the clock) reaches them, by time, and before the watermark is handed on.
 * 2. A timer set by a timer at or before the limit fires in the same step; one set behind the watermark by a record
 *    waits for the next step.
 * 3. At the end of the input the last watermark fires all event-time timers; processing-time timers that are not due
 *    are dropped (Flink: timers are quiesced at the end of a bounded input).
 */
export abstract class KeyedRunner<F extends KeyedFunction> extends PassingOperator {
  protected readonly made: F;
  protected readonly running: KeyedRunningContext;
  protected readonly scope: StateScope;
  readonly #eventTimers: TimerQueue;
  readonly #processingTimers: TimerQueue;

  constructor(create: () => F, context: OperatorContext) {
    super(context);
    this.scope = newScope(context);
    this.#eventTimers = context.state.timers('event timers', 'event');
    this.#processingTimers = context.state.timers('processing timers', 'processing');
    this.running = new KeyedRunningContext(context, this.scope, this.#eventTimers, this.#processingTimers);
    this.made = openFunction(create, this.scope, context);
  }

  override watermark(at: Timestamp): void {
    if (at > this.running.watermark) {
      this.running.watermark = at;
      if (this.#eventTimers.nextAt <= at) this.#fire(this.#eventTimers, 'event', at);
    }
    super.watermark(at);
  }

  processingTime(now: Timestamp): void {
    this.#fire(this.#processingTimers, 'processing', now);
  }

  get nextProcessingTime(): Timestamp {
    return this.#processingTimers.nextAt;
  }

  close(): void {
    this.made.close?.();
  }

  /** An input whose records are handled with their key at hand. */
  protected keyedInput(key: KeySelector<Untyped>, handle: Handler, where: string): RecordOutput {
    const { running, scope, metrics, context } = this;
    return {
      record(value: unknown, timestamp: Timestamp): void {
        metrics.recordsIn++;
        try {
          scope.select(stateKeyOf(key.of(value)));
          scope.timestamp = timestamp;
          running.at(timestamp);
          const returned: unknown = handle(value, running);
          if (returned !== undefined) expectNothing(returned, context.uid, where);
        } catch (error) {
          context.poison(error, value, timestamp);
        }
      },
    };
  }

  #fire(timers: TimerQueue, domain: 'event' | 'processing', limit: Timestamp): void {
    this.running.domain = domain;
    for (let timer = timers.poll(limit); timer !== undefined; timer = timers.poll(limit)) this.#onTimer(timer, domain);
    this.running.domain = 'event';
  }

  #onTimer({ at, key }: Timer, domain: 'event' | 'processing'): void {
    const { made, running, scope, context } = this;
    scope.select(key);
    scope.timestamp = at;
    running.at(at, domain === 'event' ? at : NO_TIMESTAMP);
    try {
      const returned: unknown = made.onTimer?.(at, running);
      if (returned !== undefined) expectNothing(returned, context.uid, 'onTimer');
    } catch (error) {
      context.poison(error, { key: userKeyOf(key), timer: at }, at);
    }
  }
}
