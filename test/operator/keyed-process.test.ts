import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperatorDescriptor } from '../../core/operator/descriptor.ts';
import { keyedProcessForm, processForm } from '../../core/operator/process-form.ts';
import type {
  Context,
  KeyedContext,
  KeyedProcessFunction,
  ProcessFunction,
  TimerContext,
} from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import { NEVER } from '../../core/state/timer-queue.ts';
import { MAX_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from '../../core/time/timestamp.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

type Command = {
  readonly key: string;
  readonly act: 'set' | 'delete';
  readonly at: Timestamp;
  /** The timer sets this one when it fires. */
  readonly next?: Timestamp;
};

const byKey = { of: ({ key }: { readonly key: string }) => key, columns: ['key'] };

function keyed<In, Out>(create: () => KeyedProcessFunction<string, In, Out>): OperatorDescriptor {
  return { kind: 'keyedProcess', key: byKey, create };
}

/** Does what each record says with timers, and tells each that fires. */
class TimerCommands implements KeyedProcessFunction<string, Command, unknown> {
  readonly #next = state.map<number, number>('next');

  process({ act, at, next }: Command, { timers }: KeyedContext<string, unknown>): void {
    if (act === 'delete') {
      timers.deleteEventTime(at);
    } else {
      timers.eventTime(at);
      if (next !== undefined) this.#next.set(at, next);
    }
  }

  onTimer(at: Timestamp, { key, timers, emit, watermark }: TimerContext<string, unknown>): void {
    emit([key, at, watermark]);
    const next = this.#next.get(at);
    this.#next.delete(at);
    if (next !== undefined) timers.eventTime(next);
  }
}

const command = fc.record(
  {
    key: fc.constantFrom('a', 'b'),
    act: fc.constantFrom('set' as const, 'set' as const, 'delete' as const),
    at: fc.integer({ min: 0, max: 12 }),
    next: fc.integer({ min: 0, max: 12 }),
  },
  { requiredKeys: ['key', 'act', 'at'] },
);
const steps = fc.array(fc.oneof(command, fc.integer({ min: 0, max: 12 })), { maxLength: 30 });

/** A list of timers sorted anew for each one that fires. */
function naiveRun(run: readonly (Command | number)[]): readonly unknown[] {
  let timers: { key: string; at: number }[] = [];
  const next = new Map<string, number>();
  const fired: unknown[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  const set = (key: string, at: number) => {
    if (!timers.some((timer) => timer.key === key && timer.at === at)) timers.push({ key, at });
  };
  for (const step of [...run, MAX_TIMESTAMP]) {
    if (typeof step !== 'number') {
      if (step.act === 'set') {
        set(step.key, step.at);
        if (step.next !== undefined) next.set(`${step.key} ${step.at}`, step.next);
      } else {
        timers = timers.filter(({ key, at }) => key !== step.key || at !== step.at);
      }
    } else if (step > watermark) {
      watermark = step;
      for (;;) {
        timers.sort((left, right) => left.at - right.at);
        const due = timers[0];
        if (due === undefined || due.at > watermark) break;
        timers.shift();
        fired.push([due.key, due.at, watermark]);
        const after = next.get(`${due.key} ${due.at}`);
        next.delete(`${due.key} ${due.at}`);
        if (after !== undefined) set(due.key, after);
      }
    }
  }
  return fired;
}

describe('event-time timers', () => {
  it('fire by time, once per key and time, unless deleted, as from a list that is sorted each time', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const harness = harnessOf(keyed(() => new TimerCommands()));
        for (const step of run) {
          if (typeof step === 'number') harness.watermark(step);
          else harness.record(step, 0);
        }
        harness.watermark(MAX_TIMESTAMP);
        const perKey = (rows: readonly unknown[], key: string) => rows.filter((row) => (row as string[])[0] === key);
        const naive = naiveRun(run);
        for (const key of ['a', 'b']) expect(perKey(valuesOf(harness), key)).toEqual(perKey(naive, key));
        const times = valuesOf(harness).map((row) => (row as number[])[2]);
        expect(times).toEqual(times.toSorted((left, right) => Number(left) - Number(right)));
      }),
    );
  });

  it('fire before the watermark is handed on, with the time they were set for', () => {
    const harness = harnessOf(keyed(() => new TimerCommands()));
    harness.record({ key: 'a', act: 'set', at: 5 }, 0);
    harness.watermark(9);
    expect(harness.events).toEqual([
      { kind: 'record', value: ['a', 5, 9], timestamp: 5 },
      { kind: 'watermark', at: 9 },
    ]);
  });

  it('set behind the watermark wait for its next step', () => {
    const harness = harnessOf(keyed(() => new TimerCommands()));
    harness.watermark(10);
    harness.record({ key: 'a', act: 'set', at: 5 }, 11);
    expect(harness.output).toEqual([]);
    harness.watermark(11);
    expect(valuesOf(harness)).toEqual([['a', 5, 11]]);
  });

  it('that fail are dead letters that name the key and the time, and the others fire', () => {
    const create = () => ({
      process: ({ at }: Command, { timers }: KeyedContext) => timers.eventTime(at),
      onTimer: (at: Timestamp, { emit }: TimerContext) => {
        if (at === 5) throw new Error('bad timer');
        emit(at);
      },
    });
    const harness = harnessOf(keyed(create), { onPoison: 'collect' });
    for (const at of [4, 5, 6]) harness.record({ key: 'a', at }, 0);
    harness.watermark(10);
    expect(valuesOf(harness)).toEqual([4, 6]);
    expect(harness.deadLetters).toMatchObject([{ reason: 'bad timer', value: { key: 'a', timer: 5 }, timestamp: 5 }]);
  });

  it('refuse a time that is none', () => {
    const create = () => ({
      process: (_value: unknown, { timers }: KeyedContext) => timers.eventTime(Number.NaN),
    });
    expect(() => harnessOf(keyed(create)).record({ key: 'a' }, 0)).toThrow("a timer's time must be an integer");
  });
});

class Alarm implements KeyedProcessFunction<string, { key: string; inMs: number }, unknown> {
  process({ inMs }: { key: string; inMs: number }, { timers, processingTime }: KeyedContext<string, unknown>): void {
    timers.processingTime(processingTime + inMs);
    timers.processingTime(processingTime + inMs);
    timers.processingTime(processingTime + 1_000);
    timers.deleteProcessingTime(processingTime + 1_000);
  }

  onTimer(at: Timestamp, { key, domain, emit }: TimerContext<string, unknown>): void {
    emit([key, at, domain]);
  }
}

describe('processing-time timers', () => {
  it('fire when the clock reaches them, and what they emit has no event time', () => {
    const harness = harnessOf(
      keyed(() => new Alarm()),
      { now: 100 },
    );
    expect(harness.operator.nextProcessingTime).toBe(NEVER);
    harness.record({ key: 'a', inMs: 50 }, 7);
    harness.record({ key: 'b', inMs: 20 }, 7);
    expect(harness.operator.nextProcessingTime).toBe(120);
    harness.processingTime(149);
    expect(harness.output).toEqual([{ value: ['b', 120, 'processing'], timestamp: NO_TIMESTAMP }]);
    harness.processingTime(150);
    expect(harness.output.at(-1)?.value).toEqual(['a', 150, 'processing']);
    expect(harness.timers('processing')).toEqual([]);
  });

  it('that are not due when the input ends are dropped', () => {
    const harness = harnessOf(
      keyed(() => new Alarm()),
      { now: 100 },
    );
    harness.record({ key: 'a', inMs: 50 }, 7);
    harness.watermark(MAX_TIMESTAMP);
    harness.finish();
    expect(harness.output).toEqual([]);
  });
});

describe('a keyed process function', () => {
  it('sees its key as the user gave it, in records and timers', () => {
    const create = () => ({
      process(_value: unknown, { key, timers, emit }: KeyedContext) {
        emit(key);
        timers.eventTime(1);
      },
      onTimer: (_at: Timestamp, { key, emit }: TimerContext) => emit(key),
    });
    for (const key of ['a', 7, -0, true, ['a', 7], ['a', [1]].flat(), 2n ** 70n, '\u0000odd']) {
      const harness = harnessOf({ kind: 'keyedProcess', key: { of: () => key as never, columns: ['key'] }, create });
      harness.record({}, 0);
      harness.watermark(1);
      const expected = Object.is(key, -0) ? 0 : key;
      expect(valuesOf(harness)).toEqual([expected, expected]);
    }
  });

  it('of a record without a usable key makes it poison', () => {
    const harness = harnessOf(
      keyed(() => ({ process: () => {} })),
      { onPoison: 'collect' },
    );
    harness.record({ key: null }, 0);
    harness.record({ key: { deep: 1 } }, 0);
    harness.record({}, 0);
    expect(harness.deadLetters).toHaveLength(3);
    expect(harness.deadLetters[0]?.reason).toContain('a key must be a string, number, bigint or boolean');
  });

  it('is opened once per subtask, and closed', () => {
    const seen: unknown[] = [];
    const create = () => ({
      open: (subtask: unknown) => seen.push(['open', subtask]),
      close: () => seen.push('close'),
      process: () => {},
    });
    const subtask = { index: 1, parallelism: 4, maxParallelism: 1024 };
    harnessOf(keyed(create as never), { subtask, restoreEveryRecord: false }).close();
    expect(seen).toEqual([['open', { index: 1, parallelism: 4 }], 'close']);
  });

  it('may be a plain object with its state', () => {
    type Page = { readonly key: string };
    const create = keyedProcessForm({
      state: { seen: state.value<number>('seen', { default: 0 }) },
      record(_page: Page, { key, state: { seen }, emit, timers }) {
        seen.set(seen.get() + 1);
        emit([key, seen.get()]);
        timers.eventTime(10);
      },
      onTimer: (at, { state: { seen }, emit }) => emit([at, seen.get()]),
    });
    const one = harnessOf(keyed(create));
    const two = harnessOf(keyed(create));
    for (const key of ['a', 'a', 'b']) one.record({ key }, 0);
    two.record({ key: 'a' }, 0);
    one.watermark(10);
    expect(valuesOf(one)).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 1],
      [10, 2],
      [10, 1],
    ]);
    expect(valuesOf(two)).toEqual([['a', 1]]);
  });
});

class LastThree implements ProcessFunction<number, unknown> {
  readonly #last = state.operatorList<number>('last', { distribution: 'union' });

  process(value: number, { emit, side, timestamp, watermark }: Context<unknown>): void {
    this.#last.update([...this.#last.get(), value].slice(-3));
    emit([...this.#last.get()]);
    side('times', [timestamp, watermark]);
  }
}

describe('a process function that is not keyed', () => {
  it('has operator state, side outputs, timestamp and watermark', () => {
    const harness = harnessOf({ kind: 'process', create: () => new LastThree() });
    for (const value of [1, 2, 3]) harness.record(value, value);
    harness.watermark(3);
    harness.record(4, 4);
    expect(valuesOf(harness)).toEqual([[1], [1, 2], [1, 2, 3], [2, 3, 4]]);
    expect(harness.sideOutput('times').at(-1)).toEqual({ value: [4, 3], timestamp: 4 });
  });

  it('may be a plain object too', () => {
    const create = processForm({
      state: { all: state.operatorList<number>('all') },
      record(value: number, { state: { all }, emit }) {
        all.add(value);
        emit(all.get().length);
      },
    });
    const harness = harnessOf({ kind: 'process', create });
    for (const value of [1, 2]) harness.record(value, value);
    expect(valuesOf(harness)).toEqual([1, 2]);
  });

  it('has no keyed state', () => {
    const create = () => {
      const count = state.value<number>('count');
      return { process: () => count.set(1) };
    };
    expect(() => harnessOf({ kind: 'process', create }).record(1, 1)).toThrow('no key is at hand');
  });
});
