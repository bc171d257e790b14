import { JobSpecError } from '../../error/error.ts';
import type { AggregateFunction } from '../aggregate-function.ts';
import type { AggregateOptions } from './aggregates.ts';
import { overPresent } from './over-present.ts';

type Numeric = number | bigint | null | undefined;

/** How often each value was seen. */
type Counts = Map<number, number>;

/**
 * The value below which a fraction of all values lies, between two of them by linear interpolation (Flink: PERCENTILE).
 * Exact, so its state grows with the number of different values; {@link approxPercentile} stays small.
 *
 * @param fraction from 0 (the smallest) to 1 (the largest)
 * @throws JobSpecError where the fraction is outside
 *
 * @example
 * requests.keyBy('page').window(tumbling('1m')).aggregate({ p95: percentile((r) => r.ms, 0.95) });
 */
export function percentile<T>(
  take: (value: T) => Numeric,
  fraction: number,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Counts, number | null> {
  refuseOutside(fraction, 'percentile');
  return overPresent(take, options, {
    create: (): Counts => new Map(),
    add: (counts, value) => counts.set(Number(value), (counts.get(Number(value)) ?? 0) + 1),
    result: (counts) => interpolated(counts, fraction),
    merge(into, from) {
      for (const [value, times] of from) into.set(value, (into.get(value) ?? 0) + times);
      return into;
    },
  });
}

function interpolated(counts: Counts, fraction: number): number | null {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  if (total === 0) return null;
  const rank = fraction * (total - 1);
  const [below, above] = [valueAt(sorted, Math.floor(rank)), valueAt(sorted, Math.ceil(rank))];
  return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
}

function valueAt(sorted: readonly (readonly [number, number])[], rank: number): number {
  let passed = 0;
  for (const [value, times] of sorted) {
    passed += times;
    if (rank < passed) return value;
  }
  return Number.NaN;
}

/** Within this share of the true value. */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** 2,048 buckets span 17 orders of magnitude; beyond it the smallest are taken together. */
const MAX_BUCKETS = 2048;

/** How many values lie in each bucket: number b holds those from γ^(b-1) to γ^b, apart by sign. */
type Sketch = { zeros: number; readonly above: Map<number, number>; readonly below: Map<number, number> };

/**
 * The same within 1 % of the true value, in at most some kilobytes however many values there are (Masson, Rim and Lee,
 * "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019).
 *
 * @param fraction from 0 to 1
 * @throws JobSpecError where the fraction is outside
 *
 * @example
 * requests.keyBy('page').window(tumbling('1d')).aggregate({ p95: approxPercentile((r) => r.ms, 0.95) });
 */
export function approxPercentile<T>(
  take: (value: T) => Numeric,
  fraction: number,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Sketch, number | null> {
  refuseOutside(fraction, 'approxPercentile');
  return overPresent(take, options, {
    create: (): Sketch => ({ zeros: 0, above: new Map(), below: new Map() }),
    add(sketch, given) {
      const value = Number(given);
      if (value === 0) sketch.zeros++;
      else put(value > 0 ? sketch.above : sketch.below, Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA), 1);
      return sketch;
    },
    result: (sketch) => estimated(sketch, fraction),
    merge(into, from) {
      into.zeros += from.zeros;
      for (const [bucket, times] of from.above) put(into.above, bucket, times);
      for (const [bucket, times] of from.below) put(into.below, bucket, times);
      return into;
    },
  });
}

function put(buckets: Map<number, number>, bucket: number, times: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + times);
  if (buckets.size <= MAX_BUCKETS) return;
  const [least, next] = [...buckets.keys()].sort((a, b) => a - b) as [number, number];
  buckets.set(next, (buckets.get(next) ?? 0) + (buckets.get(least) ?? 0));
  buckets.delete(least);
}

function estimated({ zeros, above, below }: Sketch, fraction: number): number | null {
  const middle = (bucket: number) => (2 * GAMMA ** bucket) / (GAMMA + 1);
  const negative = [...below].sort(([a], [b]) => b - a).map(([bucket, times]) => [-middle(bucket), times] as const);
  const positive = [...above].sort(([a], [b]) => a - b).map(([bucket, times]) => [middle(bucket), times] as const);
  const sorted = [...negative, [0, zeros] as const, ...positive];
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  return total === 0 ? null : valueAt(sorted, Math.floor(fraction * (total - 1)));
}

function refuseOutside(fraction: number, path: string): void {
  if (fraction >= 0 && fraction <= 1) return;
  throw new JobSpecError([{ path, message: `the fraction is from 0 to 1, like 0.95; it is ${fraction}` }]);
}
