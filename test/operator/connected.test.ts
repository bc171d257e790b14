import { describe, expect, it } from 'vitest';
import type {
  BroadcastProcessFunction,
  Context,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedContext,
  KeyedCoProcessFunction,
  TimerContext,
} from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import type { Timestamp } from '../../core/time/timestamp.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

type Item = { readonly key: string; readonly n: number };
const byKey = { of: ({ key }: Item) => key, columns: ['key'] };

class Difference implements KeyedCoProcessFunction<string, Item, Item, unknown> {
  readonly #sum = state.value<number>('sum', { default: 0 });

  processLeft({ n }: Item, { timers }: KeyedContext<string, unknown>): void {
    this.#sum.set(this.#sum.get() + n);
    timers.eventTime(100);
  }

  processRight({ n }: Item, { timers }: KeyedContext<string, unknown>): void {
    this.#sum.set(this.#sum.get() - n);
    timers.eventTime(100);
  }

  onTimer(at: Timestamp, { key, emit }: TimerContext<string, unknown>): void {
    emit([key, at, this.#sum.get()]);
  }
}

class Sides implements CoProcessFunction<number, string, unknown> {
  processLeft(value: number, { emit }: Context<unknown>): void {
    emit(value);
  }

  processRight(value: string, { side }: Context<unknown>): void {
    side('texts', value);
  }
}

describe('connected inputs', () => {
  it('keyed alike share state and timers', () => {
    const harness = harnessOf({ kind: 'keyedCoProcess', keys: [byKey, byKey], create: () => new Difference() });
    harness.record({ key: 'a', n: 5 }, 1, 0);
    harness.record({ key: 'a', n: 3 }, 2, 1);
    harness.record({ key: 'b', n: 7 }, 3, 1);
    harness.watermark(100);
    expect(valuesOf(harness)).toEqual([
      ['a', 100, 2],
      ['b', 100, -7],
    ]);
  });

  it('not keyed have a function each', () => {
    const harness = harnessOf({ kind: 'coProcess', create: () => new Sides() });
    harness.record(1, 1, 0);
    harness.record('x', 2, 1);
    expect(valuesOf(harness)).toEqual([1]);
    expect(harness.sideOutput('texts')).toEqual([{ value: 'x', timestamp: 2 }]);
  });
});

class Limits implements BroadcastProcessFunction<Item, Item, unknown> {
  readonly #limits = state.broadcast<string, number>('limits');

  process({ key, n }: Item, { emit }: Context<unknown>): void {
    if (n === 0) this.#limits.clear();
    if (n > (this.#limits.get(key) ?? Number.POSITIVE_INFINITY)) emit([key, n]);
  }

  processBroadcast({ key, n }: Item): void {
    this.#limits.set(key, n);
  }
}

/** Counts per key; a rule tells the counts of all keys, resets those above it, and may not touch a key otherwise. */
class Reset implements KeyedBroadcastProcessFunction<string, Item, number, unknown> {
  readonly #count = state.value<number>('count', { default: 0 });

  process({ n }: Item, { emit }: KeyedContext<string, unknown>): void {
    this.#count.set(this.#count.get() + n);
    emit(this.#count.get());
  }

  processBroadcast(above: number, { emit }: Context<unknown>): void {
    if (above < 0) this.#count.get();
    this.#count.forEachKey((key) => {
      emit([key, this.#count.get()]);
      if (this.#count.get() > above) this.#count.clear();
    });
  }
}

describe('a broadcast input', () => {
  it('sets what the other side reads', () => {
    const harness = harnessOf({ kind: 'broadcastProcess', create: () => new Limits() });
    harness.record({ key: 'a', n: 5 }, 1, 0);
    harness.record({ key: 'a', n: 4 }, 2, 1);
    harness.record({ key: 'a', n: 5 }, 3, 0);
    harness.record({ key: 'b', n: 5 }, 4, 0);
    expect(valuesOf(harness)).toEqual([['a', 5]]);
  });

  it('alone may change broadcast state: doing so elsewhere stops the job', () => {
    const harness = harnessOf({ kind: 'broadcastProcess', create: () => new Limits() }, { onPoison: 'collect' });
    expect(() => harness.record({ key: 'a', n: 0 }, 1, 0)).toThrow('may be changed only in processBroadcast');
  });

  it('visits the state of all keys, and has no key of its own', () => {
    const harness = harnessOf({ kind: 'keyedBroadcastProcess', key: byKey, create: () => new Reset() });
    harness.record({ key: 'a', n: 5 }, 1, 0);
    harness.record({ key: 'b', n: 1 }, 1, 0);
    harness.record(3, 2, 1);
    harness.record({ key: 'a', n: 1 }, 3, 0);
    harness.record({ key: 'b', n: 1 }, 3, 0);
    expect(valuesOf(harness)).toEqual([5, 1, ['a', 5], ['b', 1], 1, 2]);
    expect(() => harness.record(-1, 4, 1)).toThrow('no key is at hand');
  });
});
