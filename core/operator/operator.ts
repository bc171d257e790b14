import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { StateBackend } from '../state/state-backend.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { OperatorMetrics } from './operator-metrics.ts';

/**
 * What an operator is to a runtime, and a runtime to an operator. An operator sees records with timestamps, a watermark,
 * state, timers and an output; never where they come from.
 *
 * 1. Everything is synchronous. A runtime calls one method of one operator of a subtask at a time.
 * 2. `watermark` never goes down. An operator acts on it (timers, windows), then hands it on, unless it holds it back.
 * 3. An operator catches what the user's functions throw while they handle a record and gives it to
 *    `context.poison`; it never lets it reach the operator before it, whose record was good.
 * 4. All that must survive is in `context.state`, but the watermark, which the runtime keeps (`context.watermark`). A new
 *    operator over a restored backend goes on where the old one was.
 * 5. Results of what was under way (async I/O) are emitted within a call of `ready` or `drain`, or while the runtime
 *    awaits what they gave; never in between.
 */

/** Where records go. */
export interface RecordOutput<T = unknown> {
  record(value: T, timestamp: Timestamp): void;
}

/** Where records, watermarks and idleness go: the next operator, several of them, or an exchange. */
export interface Output<T = unknown> extends RecordOutput<T> {
  watermark(at: Timestamp): void;
  /** True: no more is to come for a while, do not wait for me. False: I am back. */
  idle(isIdle: boolean): void;
}

export interface Operator {
  /** One receiver per input port. An operator of one input is its own. */
  readonly inputs: readonly RecordOutput[];
  /** Of a window that can be combined before the shuffle: where what combiners send is taken, instead of its input. */
  readonly combined?: RecordOutput;
  /** The watermark of all inputs together (their minimum). */
  watermark(at: Timestamp): void;
  idle(isIdle: boolean): void;
  /** Fires the processing-time timers that are due at `now`. Absent: it has none. */
  processingTime?(now: Timestamp): void;
  /** When the next processing-time timer is due; NEVER where there is none. */
  readonly nextProcessingTime?: Timestamp;
  /** The input has ended and the last watermark was given: emit what is left. */
  finish?(): void;
  /**
   * Resolves when nothing is under way any more (async I/O). A runtime awaits it before a checkpoint and at the end;
   * absent: nothing ever is.
   */
  drain?(): Promise<void>;
  /** Emits what has ended; resolves when there is room for more. A runtime calls it between batches and when woken. */
  ready?(): Promise<void> | undefined;
  close?(): void;
}

/** The place of a subtask among those of its operator. */
export type Subtask = { readonly index: number; readonly parallelism: number; readonly maxParallelism: number };

/** What a runtime gives an operator when it makes it. */
export interface OperatorContext {
  readonly uid: string;
  /** The main output. Watermarks given to it reach the side outputs too. */
  readonly output: Output;
  /** The side output of a tag; one that nobody reads takes records and drops them. */
  side(tag: string): RecordOutput;
  readonly state: StateBackend;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: OperatorMetrics;
  readonly subtask: Subtask;
  /** Where the watermark stood when the restored state was taken; absent: before the first one. */
  readonly watermark?: Timestamp;
  /** Asks the runtime to call `ready` soon: something that was under way has ended. May be called at any time. */
  readonly wake?: () => void;
  /**
   * A record could not be handled: sends it to the dead letters with the reason and returns, so that the stream goes on.
   * Throws where the error is not the record's fault (`isFatal`), or where the job says that poison must stop it.
   */
  poison(error: unknown, value: unknown, timestamp: Timestamp): void;
}
