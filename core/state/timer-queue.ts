import type { StateKey } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Namespace } from './state-table.ts';

/** A timer of one key: at most one per (time, key, namespace). */
export type Timer = { readonly at: Timestamp; readonly key: StateKey; readonly namespace: Namespace };

/**
 * The timers of one operator in one time domain, by time.
 *
 * Laws: setting a timer that is set does nothing; deleting one that is not set does nothing; `poll` gives timers by
 * time, those of one time and key in the order they were set; a timer set while polling at or before the limit comes in
 * the same series of polls.
 */
export interface TimerQueue {
  set(at: Timestamp, key: StateKey, namespace: Namespace): void;
  delete(at: Timestamp, key: StateKey, namespace: Namespace): void;
  /** Removes and gives the earliest timer that is due at `limit` (`timer.at <= limit`). */
  poll(limit: Timestamp): Timer | undefined;
  /** The time of the earliest timer; MAX_TIMESTAMP + 1 where there is none. */
  readonly nextAt: Timestamp;
  readonly size: number;
  /** All timers, in no order: for snapshots and tests. */
  all(): Iterable<Timer>;
}

/** What `nextAt` is where there is no timer: later than any. */
export const NEVER: Timestamp = Number.MAX_SAFE_INTEGER + 1;
