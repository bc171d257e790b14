import type { Timestamp } from './timestamp.ts';

/**
 * Where event time comes from and how far it has come (Flink: WatermarkStrategy).
 *
 * `timestampOf` gives a record's event time in epoch milliseconds, given the one it already has (from its source, such as
 * an arrival time; NO_TIMESTAMP where it has none). Throwing, or giving what is no safe integer, makes the record poison.
 */
export type WatermarkStrategy<T = unknown> = {
  readonly timestampOf: (value: T, previous: Timestamp) => Timestamp;
  /** Made anew for each split of a source, so that one split that runs ahead makes no record of another late. */
  readonly generator: () => WatermarkGenerator<T>;
  /** A split without a record for so long is left out of the watermark (processing time). Absent: never. */
  readonly idleAfterMs?: number;
  /** Sources of one group wait for each other: none runs more than `maxDriftMs` ahead of the slowest. */
  readonly alignment?: { readonly group: string; readonly maxDriftMs: number };
  /** A record this far ahead of the processing time is refused as poison, lest one wrong clock make all others late. */
  readonly maxAheadMs?: number;
};

/** Gives the watermark: no record at or before it is expected any more. It never needs to be monotonous itself. */
export interface WatermarkGenerator<T = unknown> {
  /** After each record; gives the watermark now, or undefined for no news (Flink: punctuated, and ours by default). */
  onRecord(value: T, timestamp: Timestamp): Timestamp | undefined;
  /** Every {@link PERIODIC_WATERMARK_MS} of processing time (Flink: periodic). */
  onPeriodic?(now: Timestamp): Timestamp | undefined;
}

/** How often `onPeriodic` is asked (Flink's default of auto-watermark-interval). */
export const PERIODIC_WATERMARK_MS = 200;
