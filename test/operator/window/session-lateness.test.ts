import { describe, expect, it } from 'vitest';
import type { WindowComputation } from '../../../core/operator/descriptor.ts';
import { session } from '../../../core/window/assigner.ts';
import { harnessOf } from '../run-operator.ts';

type Item = { readonly key: string; readonly value: number };
type Fired = readonly [start: number, end: number, values: readonly number[]];

/** The two algorithms for sessions: folded as they come, and all records kept. */
const COMPUTATIONS: Readonly<Record<string, WindowComputation>> = {
  aggregate: {
    kind: 'aggregate',
    aggregate: {
      create: () => [] as number[],
      add: (values: number[], { value }: Item) => [...values, value],
      merge: (one: number[], other: number[]) => [...one, ...other],
      result: (values: number[]) => values,
    },
    result: (values: number[], { window }) => [window.start, window.end, values] satisfies Fired,
  },
  process: {
    kind: 'process',
    create: () => ({
      process: (items: readonly Item[], { window, emit }) =>
        emit([window.start, window.end, items.map(({ value }) => value)] satisfies Fired),
    }),
  },
};

describe.each(Object.keys(COMPUTATIONS))('a session of gap 10 and lateness 5 that ended at 109, by %s', (name) => {
  const ended = (watermark: number) => {
    const harness = harnessOf<Fired>({
      kind: 'window',
      key: { of: ({ key }: Item) => key, columns: ['key'] },
      assigner: session(10),
      allowedLatenessMs: 5,
      computation: COMPUTATIONS[name] as WindowComputation,
    });
    harness.record({ key: 'a', value: 1 }, 100);
    harness.watermark(watermark);
    return harness;
  };
  const late = (harness: ReturnType<typeof ended>) =>
    harness.sideOutput('late').map(({ value }) => (value as Item).value);

  it('fires at 109 and not a millisecond before', () => {
    expect(ended(108).values()).toEqual([]);
    expect(ended(109).values()).toEqual([[100, 110, [1]]]);
  });

  it('takes a late record until 113, fires again, and gives it to the late output from 114 on', () => {
    const alive = ended(113);
    alive.record({ key: 'a', value: 2 }, 100);
    expect(alive.values()).toEqual([
      [100, 110, [1]],
      [100, 110, [1, 2]],
    ]);
    expect(late(alive)).toEqual([]);
    const gone = ended(114);
    gone.record({ key: 'a', value: 2 }, 100);
    expect(gone.values()).toEqual([[100, 110, [1]]]);
    expect(late(gone)).toEqual([2]);
  });

  it('is prolonged by a record at its very end until 113; from 114 on that record begins another', () => {
    const alive = ended(113);
    alive.record({ key: 'a', value: 2 }, 110);
    alive.watermark(119);
    expect(alive.values().at(-1)).toEqual([100, 120, [1, 2]]);
    const gone = ended(114);
    gone.record({ key: 'a', value: 2 }, 110);
    gone.watermark(119);
    expect(gone.values().at(-1)).toEqual([110, 120, [2]]);
  });
});
