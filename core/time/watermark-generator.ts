import { type Duration, durationMs } from './duration.ts';
import { MIN_TIMESTAMP, type Timestamp } from './timestamp.ts';
import type { WatermarkGenerator } from './watermark-strategy.ts';

/**
 * The watermark generators, as functions that make one for each split (Flink: WatermarkStrategy.forBoundedOutOfOrderness
 * and its kin). Those that follow the records give a watermark after each record that raises it, not every 200 ms: what
 * is late depends on the data alone.
 */
export type GeneratorFactory<T = unknown> = () => WatermarkGenerator<T>;

/**
 * Records may come up to `bound` after one that is later: the watermark is `largest timestamp - bound - 1`.
 *
 * @throws JobSpecError where the bound is no duration, or negative
 * @example
 * boundedOutOfOrderness('5s')().onRecord(undefined, 10_000); // 4999
 */
export function boundedOutOfOrderness(bound: Duration): GeneratorFactory {
  const boundMs = durationMs(bound, 'eventTime.outOfOrderness');
  return () => new BoundedGenerator(Math.max(0, boundMs));
}

/** Timestamps never go down: a bound of 0. */
export function monotonous(): GeneratorFactory {
  return () => new BoundedGenerator(0);
}

/** The watermark that a record itself carries, or undefined for none (Flink: punctuated). */
export function punctuated<T>(
  watermarkOf: (value: T, timestamp: Timestamp) => Timestamp | undefined,
): GeneratorFactory<T> {
  return () => ({ onRecord: watermarkOf });
}

/** A generator of the user's that is asked by processing time, every 200 ms. */
export function periodic<T>(
  create: () => {
    onRecord(value: T, timestamp: Timestamp): void;
    onPeriodic(now: Timestamp): Timestamp | undefined;
  },
): GeneratorFactory<T> {
  return () => {
    const made = create();
    return {
      onRecord(value, timestamp) {
        made.onRecord(value, timestamp);
        return undefined;
      },
      onPeriodic: (now) => made.onPeriodic(now),
    };
  };
}

/** Event time without watermarks: nothing fires before the end of the input. */
export function noWatermarks(): GeneratorFactory {
  return () => ({ onRecord: () => undefined });
}

class BoundedGenerator implements WatermarkGenerator {
  readonly #boundMs: number;
  #largest: Timestamp = MIN_TIMESTAMP;

  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  onRecord(_value: unknown, timestamp: Timestamp): Timestamp | undefined {
    if (timestamp <= this.#largest) return undefined;
    this.#largest = timestamp;
    return Math.max(MIN_TIMESTAMP, timestamp - this.#boundMs - 1);
  }
}
