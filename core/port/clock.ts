import type { Timestamp } from '../time/timestamp.ts';

/**
 * Time as core sees it. Laws: `now` never lies about the epoch but may jump; `elapsedMs` never goes back.
 */
export interface Clock {
  /** Processing time: epoch milliseconds. */
  now(): Timestamp;
  /** Milliseconds since some moment, with a fraction, for measuring how long something takes. */
  elapsedMs(): number;
}
