import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowComputation, WindowDescriptor } from '../../../core/operator/descriptor.ts';
import { countWindow, endOfStream, globalWindow, session, sliding, tumbling } from '../../../core/window/assigner.ts';
import { evictor } from '../../../core/window/evictors.ts';
import { trigger } from '../../../core/window/triggers.ts';
import type { WindowContext } from '../../../core/window/window-function.ts';
import { harnessOf } from '../run-operator.ts';
import { type Arrival, type Disorder, disorder, type Firing, now, type Run, replay } from './disorder.ts';
import { atEnd, type Firer, type Recount, recountAligned, recountGlobal, recountSessions } from './recount.ts';

/** A record of a stream; `values` has one until it is reduced. */
type Item = { readonly key: string; readonly values: readonly number[]; readonly at: number };
type Computation = 'list' | 'aggregate' | 'reduce';

const firing = (values: readonly number[], { key, window }: WindowContext): Firing => ({
  key: key as string | undefined,
  ...window,
  values,
  step: now,
});

/** The values of a window: whole, folded one by one with a merge, or folded without an accumulator. */
const COMPUTATIONS: Readonly<Record<Computation, WindowComputation>> = {
  list: {
    kind: 'process',
    create: () => ({
      process(items: readonly Item[], context) {
        const values = items.flatMap((item) => item.values);
        context.emit(firing(values, context));
      },
    }),
  },
  aggregate: {
    kind: 'aggregate',
    aggregate: {
      create: () => [] as number[],
      add: (values: number[], item: Item) => [...values, ...item.values],
      result: (values: number[]) => values,
      merge: (one: number[], other: number[]) => [...one, ...other],
    },
    result: (values: number[], context) => firing(values, context),
  },
  reduce: {
    kind: 'reduce',
    reduce: (one: Item, other: Item) => ({ ...one, values: [...one.values, ...other.values] }),
    result: ({ values }: Item, context) => firing(values, context),
  },
};

type Case = Omit<WindowDescriptor, 'kind' | 'key' | 'computation' | 'allowedLatenessMs'> & {
  readonly isKeyed: boolean;
  readonly latenessMs?: number;
  readonly computation?: Computation;
};

/** What an operator gives of a stream, beside what happened to it. */
function run({ isKeyed, latenessMs = 0, computation = 'list', ...window }: Case, stream: Disorder) {
  const harness = harnessOf<Firing>({
    kind: 'window',
    ...(isKeyed && { key: byKeyOf }),
    allowedLatenessMs: latenessMs,
    computation: COMPUTATIONS[computation],
    ...window,
  });
  const happened = replay(stream, harness);
  const late = harness.sideOutput('late').map(({ value }) => value as Item);
  return { happened, firings: harness.values(), late, lateCount: harness.metrics.late, stateSize: harness.stateSize };
}

/** Order within a window and a step is held; between windows it is not said here. Sessions hold values in any order. */
function expectAlike(actual: ReturnType<typeof run>, expected: Recount, isOrdered = true): void {
  const line = ({ key, start, end, values, step }: Firing) =>
    JSON.stringify([step, key, start, end, isOrdered ? values : values.toSorted()]);
  expect(actual.firings.map(line).sort()).toEqual(expected.firings.map(line).sort());
  expect(actual.late).toEqual(expected.late.map(({ key, value, at }) => ({ key, values: [value], at })));
  expect(actual.lateCount).toBe(expected.late.length);
}

/** At the end of the input every window of time is gone, with its timers. */
function expectGone({ stateSize }: ReturnType<typeof run>): void {
  expect(stateSize).toBe(0);
}

const byKeyOf = { of: ({ key }: Item) => key, columns: ['key'] };
const keyed = (isKeyed: boolean) => (arrival: Arrival) => (isKeyed ? arrival.key : undefined);
const lateness = fc.constantFrom(0, 5, 20);
const computation = fc.constantFrom<Computation>('list', 'aggregate', 'reduce');

describe('windows give what a recount of the whole stream gives', () => {
  it('tumbling, at any offset', () => {
    const size = fc.integer({ min: 1, max: 12 });
    const cases = size.chain((sizeMs) =>
      fc.tuple(fc.constant(sizeMs), fc.integer({ min: 1 - sizeMs, max: sizeMs - 1 })),
    );
    fc.assert(
      fc.property(
        disorder,
        cases,
        lateness,
        computation,
        fc.boolean(),
        (stream, [sizeMs, offset], latenessMs, how, isKeyed) => {
          const actual = run({ assigner: tumbling(sizeMs, { offset }), latenessMs, computation: how, isKeyed }, stream);
          const aligned = { sizeMs, slideMs: sizeMs, offsetMs: offset, latenessMs };
          expectAlike(actual, recountAligned(actual.happened, aligned, keyed(isKeyed)));
          expectGone(actual);
        },
      ),
    );
  });

  it('sliding, with slides that divide the size, do not, or are above it', () => {
    const slide = fc.integer({ min: 1, max: 14 });
    const cases = slide.chain((slideMs) =>
      fc.tuple(
        fc.integer({ min: 1, max: 14 }),
        fc.constant(slideMs),
        fc.integer({ min: 1 - slideMs, max: slideMs - 1 }),
      ),
    );
    fc.assert(
      fc.property(
        disorder,
        cases,
        lateness,
        computation,
        fc.boolean(),
        (stream, [sizeMs, slideMs, offset], latenessMs, how, isKeyed) => {
          const assigner = sliding(sizeMs, slideMs, { offset });
          const actual = run({ assigner, latenessMs, computation: how, isKeyed }, stream);
          const aligned = { sizeMs, slideMs, offsetMs: offset, latenessMs };
          // Panes are folded by time, so a sliding window holds its values in that order and not in that of arrival.
          expectAlike(actual, recountAligned(actual.happened, aligned, keyed(isKeyed)), how === 'list');
          expectGone(actual);
        },
      ),
    );
  });

  it('sessions, that merge, are prolonged by late records and begin anew when they are over', () => {
    const gaps = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('by value' as const));
    fc.assert(
      fc.property(disorder, gaps, lateness, computation, fc.boolean(), (stream, gap, latenessMs, how, isKeyed) => {
        const gapOf = (value = 0) => (gap === 'by value' ? 1 + value : gap);
        const assigner = session<Item>(gap === 'by value' ? ({ values }) => gapOf(values[0]) : gap);
        const actual = run({ assigner: assigner as never, latenessMs, computation: how, isKeyed }, stream);
        const expected = recountSessions(
          actual.happened,
          { gapOf: ({ value }) => gapOf(value), latenessMs },
          keyed(isKeyed),
        );
        expectAlike(actual, expected, false);
        expectGone(actual);
      }),
    );
  });

  it('counts, side by side and sliding', () => {
    const number = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(disorder, number, fc.option(number), fc.boolean(), (stream, size, slide, isKeyed) => {
        const actual = run({ assigner: countWindow(size, slide ?? size), isKeyed }, stream);
        const expected = byKey(actual.happened, isKeyed).flatMap((values) =>
          values.flatMap((_value, place) =>
            (place + 1) % (slide ?? size) === 0 ? [values.slice(Math.max(0, place + 1 - size), place + 1)] : [],
          ),
        );
        expect(actual.firings.map(({ values }) => values.join()).sort()).toEqual(
          expected.map((each) => each.join()).sort(),
        );
        expect(actual.late).toEqual([]);
      }),
    );
  });

  it('the one of all time, when the input ends', () => {
    fc.assert(
      fc.property(disorder, fc.boolean(), computation, (stream, isKeyed, how) => {
        const actual = run({ assigner: endOfStream(), isKeyed, computation: how }, stream);
        const expected = byKey(actual.happened, isKeyed).map((values) => values.toSorted().join());
        expect(actual.firings.map(({ values }) => values.toSorted().join()).sort()).toEqual(expected.sort());
      }),
    );
  });
});

/** The values of each key in order of arrival. */
function byKey({ arrivals }: Run, isKeyed: boolean): readonly (readonly number[])[] {
  const keys = Map.groupBy(arrivals, keyed(isKeyed));
  return [...keys.values()].map((own) => own.map(({ value }) => value));
}

describe('windows of processing time give what a recount by the clock gives', () => {
  it('tumbling and sliding', () => {
    const moves = fc.array(fc.record({ forward: fc.integer({ min: 0, max: 9 }), key: fc.constantFrom('a', 'b') }));
    const number = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(moves, number, number, (steps, size, slide) => {
        const harness = harnessOf<Firing>({
          kind: 'window',
          key: byKeyOf,
          assigner:
            size === slide ? tumbling(size, { time: 'processing' }) : sliding(size, slide, { time: 'processing' }),
          allowedLatenessMs: 0,
          computation: COMPUTATIONS.list,
        });
        let clock = 0;
        let held: { readonly key: string; readonly start: number; readonly values: number[] }[] = [];
        const expected: string[] = [];
        const tick = (to: number) => {
          clock = to;
          harness.processingTime(clock);
          for (const { key, start, values } of held.filter((each) => each.start + size <= clock)) {
            expected.push(JSON.stringify([key, start, values]));
          }
          held = held.filter(({ start }) => start + size > clock);
        };
        steps.forEach(({ forward, key }, value) => {
          tick(clock + forward);
          // The timestamp of a record counts for nothing.
          harness.record({ key, values: [value], at: 0 }, -value);
          for (let start = clock - size + 1; start <= clock; start++) {
            if (start % slide !== 0) continue;
            const window = held.find((each) => each.key === key && each.start === start);
            if (window === undefined) held.push({ key, start, values: [value] });
            else window.values.push(value);
          }
        });
        tick(clock + size);
        const given = harness.values().map(({ key, start, values }) => JSON.stringify([key, start, values]));
        expect(given.sort()).toEqual(expected.sort());
        expect(harness.stateSize).toBe(0);
      }),
    );
  });
});

describe('a co-group', () => {
  it('gives for each window what both sides have of it, as a recount does', () => {
    fc.assert(
      fc.property(disorder, fc.integer({ min: 1, max: 12 }), lateness, (stream, sizeMs, latenessMs) => {
        const side = (value: number) => value % 2;
        const harness = harnessOf<Firing>({
          kind: 'coGroup',
          keys: [byKeyOf, byKeyOf],
          assigner: tumbling(sizeMs),
          allowedLatenessMs: latenessMs,
          coGroup: (left: readonly Item[], right: readonly Item[], { key, window, emit }) =>
            emit({
              key,
              ...window,
              values: [left, right].map((each) => each.flatMap(({ values }) => values)),
              step: now,
            }),
        });
        const { arrivals, rises } = replay(stream, harness, ({ value }) => side(value));
        const aligned = { sizeMs, slideMs: sizeMs, offsetMs: 0, latenessMs };
        const expected = recountAligned({ arrivals, rises }, aligned, keyed(true)).firings.map(
          ({ values, ...window }) => ({
            ...window,
            values: [0, 1].map((one) => values.filter((value) => side(value) === one)),
          }),
        );
        const line = (each: object) => JSON.stringify(Object.entries(each).sort());
        expect(harness.values().map(line).sort()).toEqual(expected.map(line).sort());
        expect(harness.stateSize).toBe(0);
      }),
    );
  });
});

describe('triggers and evictors give what a recount gives', () => {
  const aligned = { sizeMs: 10, slideMs: 10, offsetMs: 0 };
  const everyNth = (count: number): Firer & { seen: number } => ({
    seen: 0,
    taken() {
      this.seen++;
      if (this.seen < count) return false;
      this.seen = 0;
      return true;
    },
    atEnd: false,
  });

  it('at every n-th record of a window, which keeps or loses what it held', () => {
    fc.assert(
      fc.property(
        disorder,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.boolean(),
        lateness,
        (stream, count, purges, isGlobal, latenessMs) => {
          const chosen = purges ? trigger.purging(trigger.count(count)) : trigger.count(count);
          const firerOf = () => Object.assign(everyNth(count), { purges });
          if (isGlobal) {
            const { happened, firings } = run({ assigner: globalWindow(), isKeyed: true, trigger: chosen }, stream);
            const expected = recountGlobal(happened, keyed(true), firerOf);
            expect(firings.map(({ key, values, step }) => [key, values, step])).toEqual(
              expected
                .map(({ key, values, step }) => [key, values, step])
                .sort((one, other) => Number(one[2]) - Number(other[2])),
            );
            return;
          }
          const actual = run({ assigner: tumbling(10), trigger: chosen, latenessMs, isKeyed: true }, stream);
          expectAlike(actual, recountAligned(actual.happened, { ...aligned, latenessMs }, keyed(true), firerOf));
        },
      ),
    );
  });

  it('when a value has moved away from that of the last firing', () => {
    fc.assert(
      fc.property(disorder, fc.integer({ min: 0, max: 6 }), (stream, threshold) => {
        const moved = (one: Item, other: Item) => Math.abs((other.values[0] ?? 0) - (one.values[0] ?? 0));
        const { happened, firings } = run(
          { assigner: globalWindow(), isKeyed: true, trigger: trigger.delta(threshold, moved) },
          stream,
        );
        const firerOf = (): Firer => {
          let mark: number | undefined;
          return {
            taken(contents) {
              const value = (contents.at(-1) as Arrival).value;
              const fires = mark !== undefined && Math.abs(value - mark) > threshold;
              if (fires || mark === undefined) mark = value;
              return fires;
            },
            atEnd: false,
          };
        };
        const expected = recountGlobal(happened, keyed(true), firerOf).toSorted((one, other) => one.step - other.step);
        expect(firings.map(({ values }) => values)).toEqual(expected.map(({ values }) => values));
      }),
    );
  });

  it('with the last n records, or those not long before the newest, of a window', () => {
    const kinds = fc.record({ kind: fc.constantFrom('count', 'time'), n: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(disorder, kinds, lateness, (stream, { kind, n }, latenessMs) => {
        const evicting = kind === 'count' ? evictor.count(n) : evictor.time(n);
        const evict = (contents: Arrival[]) => {
          const newest = Math.max(...contents.map(({ at }) => at));
          const kept = kind === 'count' ? contents.slice(-n) : contents.filter(({ at }) => at > newest - n);
          contents.splice(0, contents.length, ...kept);
        };
        const actual = run({ assigner: tumbling(10), evictor: evicting, latenessMs, isKeyed: true }, stream);
        const firerOf = () => ({ ...atEnd, evict });
        expectAlike(actual, recountAligned(actual.happened, { ...aligned, latenessMs }, keyed(true), firerOf));
      }),
    );
  });
});
