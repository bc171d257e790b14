import { RetryableError } from '../error/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * How long an instance goes by what it remembers of a task (P10).
 *
 * Rows are deleted one day after nothing reaches them, so an instance that slept for longer might find a number free that
 * was taken, and write it again. It trusts its memory for {@link TRUST_MS} since it last began to read the head or wrote.
 * Two clocks count, and the one that ran further: an instance may be frozen, and the time of day may be set.
 */
export const TRUST_MS = 300_000;

export class Trust {
  readonly #clock: Clock;
  readonly #spanMs: number;
  #since: { readonly now: Timestamp; readonly elapsedMs: number };

  constructor(clock: Clock, spanMs: number = TRUST_MS) {
    this.#clock = clock;
    this.#spanMs = spanMs;
    this.#since = this.#moment();
  }

  get isOver(): boolean {
    const { now, elapsedMs } = this.#moment();
    return Math.max(Math.abs(now - this.#since.now), elapsedMs - this.#since.elapsedMs) > this.#spanMs;
  }

  /** @throws RetryableError where it is over */
  check(): void {
    if (this.isOver)
      throw new RetryableError('what is remembered of the task is too old to write by; it is loaded anew');
  }

  /** A row was written: nobody else was there before. */
  renew(): void {
    this.#since = this.#moment();
  }

  #moment(): { readonly now: Timestamp; readonly elapsedMs: number } {
    return { now: this.#clock.now(), elapsedMs: this.#clock.elapsedMs() };
  }
}
