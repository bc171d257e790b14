import type { Output } from '../operator/operator.ts';
import type { OperatorMetrics } from '../operator/operator-metrics.ts';
import type { Clock } from '../port/clock.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** One record in so many is timed: often enough for a picture, seldom enough to cost nothing. */
const SAMPLE_EVERY = 64;

/** Time spent further down in the call that is being timed now, to be taken off the caller's. */
let spentBelow = 0;

/**
 * Estimates how long an operator is busy: the time of a sampled call, less what the sampled calls within it took, times
 * the sampling rate. Watermarks are always timed, since they fire windows.
 */
export class TimedOutput implements Output {
  readonly #to: Output;
  readonly #metrics: OperatorMetrics;
  readonly #clock: Clock;
  #count = 0;

  constructor(to: Output, metrics: OperatorMetrics, clock: Clock) {
    this.#to = to;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  record(value: unknown, timestamp: Timestamp): void {
    if (++this.#count % SAMPLE_EVERY !== 0) {
      this.#to.record(value, timestamp);
      return;
    }
    this.#timed(SAMPLE_EVERY, () => this.#to.record(value, timestamp));
  }

  watermark(at: Timestamp): void {
    this.#timed(1, () => this.#to.watermark(at));
  }

  idle(isIdle: boolean): void {
    this.#to.idle(isIdle);
  }

  #timed(weight: number, call: () => void): void {
    const above = spentBelow;
    spentBelow = 0;
    const start = this.#clock.elapsedMs();
    call();
    const took = this.#clock.elapsedMs() - start;
    this.#metrics.busyMs += Math.max(0, took - spentBelow) * weight;
    spentBelow = above + took;
  }
}
