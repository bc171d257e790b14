import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalJoinDescriptor } from '../../core/operator/descriptor.ts';
import { MAX_TIMESTAMP, NO_TIMESTAMP } from '../../core/time/timestamp.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

type Item = { readonly key: string; readonly id: number };
const byKey = { of: ({ key }: Item) => key, columns: ['key'] };

function joinOf(lowerMs: number, upperMs: number, more: Partial<IntervalJoinDescriptor> = {}): IntervalJoinDescriptor {
  return {
    kind: 'intervalJoin',
    keys: [byKey, byKey],
    lowerMs,
    upperMs,
    lowerInclusive: true,
    upperInclusive: true,
    join: (left: Item, right: Item, { key }) => [key, left.id, right.id],
    ...more,
  };
}

const records = fc.array(
  fc.record({
    port: fc.constantFrom(0, 1),
    key: fc.constantFrom('a', 'b'),
    /** How far behind the newest record: up to 4 is in time, 5 stands exactly at the watermark, 6 is late. */
    behind: fc.integer({ min: 0, max: 6 }),
    /** How far ahead of it, where not behind. */
    forward: fc.integer({ min: 0, max: 4 }),
  }),
  { maxLength: 40 },
);
const bound = fc.integer({ min: -8, max: 8 });

describe('an interval join', () => {
  it('gives each pair within its bounds once, as nested loops do over the records that are not late', () => {
    fc.assert(
      fc.property(
        records,
        bound,
        bound,
        fc.boolean(),
        fc.boolean(),
        (run, one, other, lowerInclusive, upperInclusive) => {
          const [lower, upper] = [Math.min(one, other), Math.max(one, other)];
          const harness = harnessOf(joinOf(lower, upper, { lowerInclusive, upperInclusive }));
          const within = (apart: number) =>
            (lowerInclusive ? apart >= lower : apart > lower) && (upperInclusive ? apart <= upper : apart < upper);
          // The last distance at which a record can meet one that is still to come, on each side.
          const reach = [upperInclusive ? upper : upper - 1, lowerInclusive ? -lower : -lower - 1];
          let held: { port: number; key: string; at: number; id: number }[] = [];
          const expected: string[] = [];
          let late = 0;
          let newest = 0;
          let watermark = Number.NEGATIVE_INFINITY;
          run.forEach(({ port, key, behind, forward }, id) => {
            const at = behind > 0 ? newest - behind : newest + forward;
            harness.record({ key, id }, at, port);
            if (at < watermark) {
              late++;
            } else {
              for (const met of held.filter((each) => each.key === key && each.port !== port)) {
                const [left, right] = port === 0 ? [{ at, id }, met] : [met, { at, id }];
                if (within(right.at - left.at)) expected.push(String([key, left.id, right.id]));
              }
              held.push({ port, key, at, id });
            }
            newest = Math.max(newest, at);
            if (newest - 5 <= watermark) return;
            watermark = newest - 5;
            harness.watermark(watermark);
            // The watermark at the end of its interval takes a record away, before one that comes exactly there.
            held = held.filter((each) => each.at + Math.max(0, reach[each.port] as number) > watermark);
          });
          expect(valuesOf(harness).map(String).sort()).toEqual(expected.sort());
          expect(harness.metrics.late).toBe(late);
        },
      ),
    );
  });

  it('gives the later of the two timestamps, and both to its function', () => {
    const seen: unknown[] = [];
    const join: IntervalJoinDescriptor['join'] = (left: Item, _right, { key, leftTimestamp, rightTimestamp, emit }) => {
      seen.push([key, leftTimestamp, rightTimestamp]);
      emit('one');
      emit('two');
      return left.id === 1 ? 'three' : undefined;
    };
    const harness = harnessOf(joinOf(-10, 10, { join }));
    harness.record({ key: 'a', id: 1 }, 100, 0);
    harness.record({ key: 'a', id: 2 }, 95, 1);
    expect(seen).toEqual([['a', 100, 95]]);
    expect(harness.output).toEqual(['one', 'two', 'three'].map((value) => ({ value, timestamp: 100 })));
  });

  it('sends late records to the side output of their side', () => {
    const harness = harnessOf(joinOf(0, 10));
    harness.watermark(50);
    harness.record({ key: 'a', id: 1 }, 49, 0);
    harness.record({ key: 'a', id: 2 }, 48, 1);
    harness.record({ key: 'a', id: 3 }, 50, 1);
    expect(harness.sideOutput('lateLeft')).toEqual([{ value: { key: 'a', id: 1 }, timestamp: 49 }]);
    expect(harness.sideOutput('lateRight')).toEqual([{ value: { key: 'a', id: 2 }, timestamp: 48 }]);
    expect(harness.metrics.late).toBe(2);
  });

  it('keeps no record longer than its interval', () => {
    const harness = harnessOf(joinOf(-5, 10));
    for (let at = 0; at < 100; at++) harness.record({ key: 'a', id: at }, at, at % 2);
    harness.watermark(99);
    expect(harness.state('left').flatMap(({ value }) => (value as { timestamps: number[] }).timestamps)).toEqual([
      90, 92, 94, 96, 98,
    ]);
    harness.watermark(MAX_TIMESTAMP);
    expect(harness.stateSize).toBe(0);
    expect(harness.timers()).toEqual([]);
  });

  it('refuses a lower bound above the upper, and records without event time', () => {
    expect(() => harnessOf(joinOf(5, 4))).toThrow('the lower bound of an interval join, 5 ms, must not be above');
    const harness = harnessOf(joinOf(0, 1), { onPoison: 'collect' });
    harness.record({ key: 'a', id: 1 }, NO_TIMESTAMP, 0);
    expect(harness.deadLetters[0]?.reason).toContain('the record has no event time');
  });

  it('goes on after a pair that its function fails on', () => {
    const join: IntervalJoinDescriptor['join'] = (left: Item, right: Item) => {
      if (left.id === 1) throw new Error('bad pair');
      return right.id;
    };
    const harness = harnessOf(joinOf(0, 10, { join }), { onPoison: 'collect' });
    for (const id of [0, 1, 2]) harness.record({ key: 'a', id }, id, 0);
    harness.record({ key: 'a', id: 9 }, 5, 1);
    expect(valuesOf(harness)).toEqual([9, 9]);
    expect(harness.deadLetters).toMatchObject([{ reason: 'bad pair', value: { left: { id: 1 }, right: { id: 9 } } }]);
  });
});
