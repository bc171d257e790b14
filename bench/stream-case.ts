import { seededRandom } from '../core/port/random.ts';

/**
 * The five jobs that are measured, and their input: the same as in flink/, so that all run the same work.
 *
 * 100,000 records per second of event time, up to 1 s of disorder, none late.
 */
export const CASES = ['map-filter', 'tumbling', 'sliding', 'session', 'process'] as const;
export type CaseName = (typeof CASES)[number];

export const WINDOW = {
  tumblingMs: 10_000,
  sizeMs: 60_000,
  slideMs: 1_000,
  gapMs: 200,
  timerMs: 10_000,
  disorderMs: 1_000,
};

export type BenchEvent = { readonly at: number; readonly key: number; readonly value: number };

export function benchEvents(count: number, keys: number): readonly BenchEvent[] {
  const random = seededRandom(7);
  const below = (limit: number) => Math.floor(random.next() * limit);
  return Array.from({ length: count }, (_, i) => ({
    at: Math.floor(i / 100) + below(WINDOW.disorderMs),
    key: below(keys),
    value: below(1_000),
  }));
}
