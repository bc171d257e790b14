import type { Timestamp } from '../time/timestamp.ts';

/**
 * Time as core sees it. Laws: `now` never lies about the epoch but may jump; `elapsedMs` never goes back; what `after`
 * was given runs once, on a turn of its own (never within the call of `after`), and not at all once it was cancelled.
 */
export interface Clock {
  /** Processing time: epoch milliseconds. */
  now(): Timestamp;
  /** Milliseconds since some moment, with a fraction, for measuring how long something takes. */
  elapsedMs(): number;
  /** Runs `alarm` when `ms` milliseconds have passed; gives the function that cancels it. */
  after(ms: number, alarm: () => void): () => void;
}
