import type { StateScope } from '../state/state-scope.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PassingOperator } from './passing-operator.ts';
import type { Context, Lifecycle } from './process-function.ts';
import { newScope, openFunction, RunningContext } from './running-context.ts';
import { expectNothing } from './user-call.ts';

type Handler = (value: unknown, context: Context) => void;

/** What every operator of a user's function without keys does: no timers, no keyed state. */
export abstract class PlainRunner<F extends Lifecycle> extends PassingOperator {
  protected readonly made: F;
  readonly #running: RunningContext;
  readonly #scope: StateScope;

  constructor(create: () => F, context: OperatorContext) {
    super(context);
    this.#scope = newScope(context);
    this.#running = new RunningContext(context);
    this.made = openFunction(create, this.#scope, context);
  }

  override watermark(at: Timestamp): void {
    if (at > this.#running.watermark) this.#running.watermark = at;
    super.watermark(at);
  }

  close(): void {
    this.made.close?.();
  }

  /** `broadcast`: broadcast state may change while its records are handled. */
  protected input(handle: Handler, where: string, broadcast = false): RecordOutput {
    const { context, metrics } = this;
    const running = this.#running;
    const scope = this.#scope;
    return {
      record(value: unknown, timestamp: Timestamp): void {
        metrics.recordsIn++;
        running.at(timestamp);
        scope.timestamp = timestamp;
        scope.broadcasting = broadcast;
        try {
          const returned: unknown = handle(value, running);
          if (returned !== undefined) expectNothing(returned, context.uid, where);
        } catch (error) {
          context.poison(error, value, timestamp);
        } finally {
          scope.broadcasting = false;
        }
      },
    };
  }
}
