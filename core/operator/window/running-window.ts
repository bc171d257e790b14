import { type StateKey, userKeyOf } from '../../codec/key.ts';
import { JobSpecError } from '../../error/error.ts';
import { type Cell, type Namespace, type StateTable, VOID_NAMESPACE } from '../../state/state-table.ts';
import type { TimerQueue } from '../../state/timer-queue.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import type { TriggerContext } from '../../window/trigger.ts';
import { maxTimestamp, type Window } from '../../window/window.ts';
import type { WindowContext } from '../../window/window-function.ts';
import type { OperatorContext } from '../operator.ts';
import type { Untyped } from '../untyped.ts';

/** One window of one key. Sessions keep their trigger's memory under the window as it is now, the rest under its first. */
export type Held = { start: Timestamp; end: Timestamp; contents: unknown; trigger: unknown; user?: object };
/** The window that holds all time. */
export const ALL_TIME: Window = { start: MIN_TIMESTAMP, end: MAX_TIMESTAMP };
/** The key of a window over all keys. */
export const ALL_KEYS: StateKey = '';

/** The trigger's view of the window at hand. */
export class RunningTriggerContext implements TriggerContext<unknown> {
  readonly #event: TimerQueue;
  readonly #processing: TimerQueue;
  readonly #clock: () => Timestamp;
  #key: StateKey = ALL_KEYS;
  #namespace: Namespace = VOID_NAMESPACE;
  state: unknown;
  watermark: Timestamp = MIN_TIMESTAMP;

  constructor(event: TimerQueue, processing: TimerQueue, clock: () => Timestamp) {
    this.#event = event;
    this.#processing = processing;
    this.#clock = clock;
  }

  at(key: StateKey, namespace: Namespace, state: unknown): this {
    this.#key = key;
    this.#namespace = namespace;
    this.state = state;
    return this;
  }

  get processingTime(): Timestamp {
    return this.#clock();
  }

  setEventTimer(at: Timestamp): void {
    this.#event.set(at, this.#key, this.#namespace);
  }

  deleteEventTimer(at: Timestamp): void {
    this.#event.delete(at, this.#key, this.#namespace);
  }

  setProcessingTimer(at: Timestamp): void {
    this.#processing.set(at, this.#key, this.#namespace);
  }

  deleteProcessingTimer(at: Timestamp): void {
    this.#processing.delete(at, this.#key, this.#namespace);
  }
}

/** The user's view of the firing at hand. */
export class FiringContext implements WindowContext<Untyped, unknown> {
  readonly #context: OperatorContext;
  readonly #globals: StateTable<object>;
  readonly #merges: boolean;
  #cell: Cell<Held> | undefined;
  key: Untyped;
  window: Window = ALL_TIME;
  timestamp: Timestamp = NO_TIMESTAMP;
  watermark: Timestamp = MIN_TIMESTAMP;
  readonly emit: (value: unknown) => void;
  readonly side: (tag: string, value: unknown) => void;

  constructor(context: OperatorContext, globals: StateTable<object>, merges: boolean) {
    this.#context = context;
    this.#globals = globals;
    this.#merges = merges;
    this.emit = (value) => {
      context.metrics.recordsOut++;
      context.output.record(value, this.timestamp);
    };
    this.side = (tag, value) => context.side(tag).record(value, this.timestamp);
  }

  at(cell: Cell<Held>, overAll: boolean): this {
    this.#cell = cell;
    this.key = overAll ? undefined : userKeyOf(cell.key);
    const { start, end } = cell.value;
    this.window = { start, end };
    this.timestamp = maxTimestamp(cell.value);
    return this;
  }

  get processingTime(): Timestamp {
    return this.#context.clock.now();
  }

  // Functions of the instance, since a user takes them out of the context.
  readonly windowState = <S extends object>(): S => {
    if (this.#merges || this.#cell === undefined) {
      throw new JobSpecError([
        { path: this.#context.uid, message: 'merging windows have no state of their own; use globalState' },
      ]);
    }
    this.#cell.value.user ??= {};
    return this.#cell.value.user as S;
  };

  readonly globalState = <S extends object>(): S => {
    const key = this.#cell?.key ?? ALL_KEYS;
    const cell = this.#globals.cell(key, VOID_NAMESPACE) ?? this.#globals.insert(key, VOID_NAMESPACE, {});
    this.#globals.changed(cell);
    return cell.value as S;
  };
}
