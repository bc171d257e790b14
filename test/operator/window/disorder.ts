import fc from 'fast-check';
import type { OperatorHarness } from '../../../core/testing/operator-harness.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../../core/time/timestamp.ts';

/** A record, and the watermark that stood before it. */
export type Arrival = {
  readonly key: string;
  readonly value: number;
  readonly at: Timestamp;
  /** Its place among the steps of the run. */
  readonly step: number;
  readonly watermark: Timestamp;
};

/** The watermark rose at a step. */
export type Rise = { readonly step: number; readonly from: Timestamp; readonly to: Timestamp };

/** All that happened in a run, in order: what a recount counts. */
export type Run = { readonly arrivals: readonly Arrival[]; readonly rises: readonly Rise[] };

/** What a window gave at a step of a run. */
export type Firing = {
  readonly key: string | undefined;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly values: readonly number[];
  readonly step: number;
};

/** How far a record stands behind the newest one, or ahead of it; the watermark follows at some distance. */
export type Disorder = {
  readonly begin: Timestamp;
  readonly outOfOrdernessMs: number;
  readonly steps: readonly { readonly key: string; readonly value: number; readonly apart: number }[];
};

/** Streams whose records come up to 30 ms late and jump up to 15 ms ahead, around zero, so that times have any sign. */
export const disorder: fc.Arbitrary<Disorder> = fc.record({
  begin: fc.integer({ min: -40, max: 10 }),
  outOfOrdernessMs: fc.constantFrom(0, 3, 10),
  steps: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      value: fc.integer({ min: 0, max: 9 }),
      apart: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 15 }) }, fc.integer({ min: -30, max: -1 })),
    }),
    { maxLength: 40 },
  ),
});

/** Gives an operator the stream, the watermark rising after every record that is the newest, and at last to the end. */
export function replay(
  { begin, outOfOrdernessMs, steps }: Disorder,
  harness: OperatorHarness<unknown>,
  portOf: (record: { readonly value: number }) => number = () => 0,
): Run {
  const arrivals: Arrival[] = [];
  const rises: Rise[] = [];
  let newest = begin;
  let watermark = MIN_TIMESTAMP;
  const rise = (step: number, to: Timestamp) => {
    if (to <= watermark) return;
    harness.watermark(to);
    rises.push({ step, from: watermark, to });
    watermark = to;
  };
  steps.forEach(({ key, value, apart }, place) => {
    const at = newest + apart;
    const step = 2 * place;
    arrivals.push({ key, value, at, step, watermark });
    now = step;
    harness.record({ key, values: [value], at }, at, portOf({ value }));
    now = step + 1;
    newest = Math.max(newest, at);
    rise(step + 1, newest - outOfOrdernessMs - 1);
  });
  now = 2 * steps.length;
  rise(now, MAX_TIMESTAMP);
  return { arrivals, rises };
}

/** The step that a window function runs in, so that a firing can say it. */
export let now = 0;
