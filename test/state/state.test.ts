import { describe, expect, it } from 'vitest';
import { JobSpecError } from '../../core/error/error.ts';
import type { Serializer } from '../../core/state/serializer.ts';
import { state } from '../../core/state/state.ts';
import { redeclareAll, withStateBuilder } from '../../core/state/state-scope.ts';
import { Bench } from './scope.ts';

const mean = {
  create: () => ({ sum: 0, count: 0 }),
  add: (so: { sum: number; count: number }, value: number) => ({ sum: so.sum + value, count: so.count + 1 }),
  result: ({ sum, count }: { sum: number; count: number }) => sum / count,
};

function allKinds() {
  return {
    value: state.value<string>('value'),
    counted: state.value<number>('counted', { default: 0 }),
    list: state.list<number>('list'),
    map: state.map<string, number>('map'),
    largest: state.reducing<number>('largest', (left, right) => Math.max(left, right)),
    mean: state.aggregating('mean', mean),
  };
}

describe('keyed state', () => {
  it('is apart for each key', () => {
    const bench = new Bench(allKinds);
    bench.at('a').value.set('x');
    bench.at('a').list.add(1);
    bench.at('b').list.addAll([2, 3]);
    bench.at('a').map.set('k', 1);
    bench.at('b').largest.add(5);
    bench.at('b').largest.add(4);
    bench.at('a').mean.add(1);
    bench.at('a').mean.add(2);
    const a = bench.at('a');
    expect([a.value.get(), a.list.get(), a.map.entries(), a.largest.get(), a.mean.get()]).toEqual([
      'x',
      [1],
      [['k', 1]],
      undefined,
      1.5,
    ]);
    const b = bench.at('b');
    expect([b.value.get(), b.list.get(), b.map.entries(), b.largest.get(), b.mean.get()]).toEqual([
      undefined,
      [2, 3],
      [],
      5,
      undefined,
    ]);
  });

  it('is gone when it is cleared, and holds no cell then', () => {
    const bench = new Bench(allKinds);
    const touch = bench.at('a');
    touch.value.set('x');
    touch.list.add(1);
    touch.map.set('k', 1);
    touch.largest.add(5);
    touch.mean.add(1);
    expect(bench.size).toBe(5);
    for (const handle of Object.values(bench.at('a'))) handle.clear();
    expect(bench.size).toBe(0);
    const { value, list, map, largest, mean: average } = bench.at('a');
    expect([value.get(), list.get(), map.size, largest.get(), average.get()]).toEqual([
      undefined,
      [],
      0,
      undefined,
      undefined,
    ]);
  });

  it('holds no cell for an emptied list or map, or a value set to undefined', () => {
    const bench = new Bench(allKinds);
    bench.at('a').list.update([1, 2]);
    bench.at('a').list.update([]);
    bench.at('a').map.set('k', 1);
    bench.at('a').map.delete('k');
    bench.at('a').map.delete('k');
    bench.at('a').value.set('x');
    (bench.at('a').value as { set(value: undefined): void }).set(undefined);
    expect(bench.size).toBe(0);
  });

  it('reads its own writes of one record', () => {
    const { value, counted } = new Bench(allKinds).at('a');
    value.set('x');
    value.set('y');
    expect(value.get()).toBe('y');
    value.clear();
    expect(value.get()).toBeUndefined();
    value.set('z');
    counted.set(counted.get() + 1);
    counted.set(counted.get() + 1);
    expect([value.get(), counted.get()]).toEqual(['z', 2]);
  });

  it('visits every key with that key at hand, and gives the key back', () => {
    const bench = new Bench(allKinds);
    for (const key of ['a', 'b', 'c']) bench.at(key).counted.set(key.charCodeAt(0));
    const { counted } = bench.at('c');
    const seen: unknown[] = [];
    counted.forEachKey((key) => {
      seen.push([key, counted.get()]);
      if (key === 'b') counted.clear();
    });
    expect(seen).toEqual([
      ['a', 97],
      ['b', 98],
      ['c', 99],
    ]);
    expect(counted.get()).toBe(99);
    expect(bench.at('b').counted.get()).toBe(0);
  });

  it('without a key at hand is an error that says so', () => {
    const { value } = new Bench(allKinds).at(undefined);
    expect(() => value.get()).toThrow(JobSpecError);
    expect(() => value.set('x')).toThrow('state.value: belongs to a key, and no key is at hand');
  });

  it('used before it is bound is an error that says so', () => {
    const loose = state.value<number>('loose');
    expect(() => loose.get()).toThrow('state.loose: was used before it was bound');
  });

  it('of one name twice is refused', () => {
    expect(() => new Bench(() => [state.value('x'), state.list('x')])).toThrow(
      'two states of one operator are named "x"',
    );
  });
});

describe('a default', () => {
  it('that can be changed is not shared between keys', () => {
    const bench = new Bench(() => ({ seen: state.value<string[]>('seen', { default: [] }) }));
    const { seen } = bench.at('a');
    seen.get().push('lost');
    seen.set([...seen.get(), 'kept']);
    expect(seen.get()).toEqual(['kept']);
    expect(bench.at('b').seen.get()).toEqual([]);
  });

  it('can be a function', () => {
    let calls = 0;
    const bench = new Bench(() => ({ made: state.value<{ n: number }>('made', { default: () => ({ n: ++calls }) }) }));
    const { made } = bench.at('a');
    expect([made.get().n, made.get().n]).toEqual([1, 2]);
  });
});

describe('declarations outside of a class', () => {
  it('become states of their own for each function that is made of them', () => {
    const declared = { counted: state.value<number>('counted', { default: 0 }), list: state.list<number>('list') };
    const one = new Bench(() => redeclareAll(declared));
    const two = new Bench(() => redeclareAll(declared));
    one.at('a').counted.set(1);
    one.at('a').list.add(1);
    expect([two.at('a').counted.get(), two.at('a').list.get()]).toEqual([0, []]);
    expect(() => declared.counted.get()).toThrow('before it was bound');
  });

  it('are bound by the innermost builder', () => {
    const outer = new Bench(() => undefined);
    const inner = new Bench(() => undefined);
    const made = withStateBuilder(outer.scope, () => {
      const within = withStateBuilder(inner.scope, () => state.value<number>('x'));
      return { within, after: state.value<number>('x') };
    });
    outer.scope.select('a');
    inner.scope.select('a');
    made.within.set(1);
    expect([inner.size, outer.size]).toEqual([1, 0]);
    made.after.set(2);
    expect([inner.size, outer.size]).toEqual([1, 1]);
  });
});

describe('a serializer', () => {
  type Total = { readonly n: number; readonly sum: number };
  const second: Serializer<Total> = {
    version: 2,
    serialize: ({ n, sum }) => [n, sum],
    deserialize: (plain, version) => {
      if (version === 1) return { n: plain as number, sum: 0 };
      const [n = 0, sum = 0] = plain as number[];
      return { n, sum };
    },
  };

  it('reads what an earlier version wrote', () => {
    const old = new Bench(() => ({ total: state.value<number>('total') }));
    old.at('a').total.set(7);
    const now = new Bench(() => ({ total: state.value<Total>('total', { serializer: second }) }), old.snapshot());
    expect(now.at('a').total.get()).toEqual({ n: 7, sum: 0 });
    expect(now.snapshot().tables).toEqual([{ name: 'total', version: 2, entries: [['a', '', [7, 0]]] }]);
  });

  it('is used for the items of lists and maps too', () => {
    const declare = () => ({
      list: state.list<Total>('list', { serializer: second }),
      map: state.map<string, Total>('map', { serializer: second }),
    });
    const bench = new Bench(declare);
    bench.at('a').list.add({ n: 1, sum: 2 });
    bench.at('a').map.set('k', { n: 3, sum: 4 });
    expect(bench.snapshot().tables.map(({ entries }) => entries[0]?.[2])).toEqual([[[1, 2]], new Map([['k', [3, 4]]])]);
    const again = new Bench(declare, bench.snapshot());
    expect([again.at('a').list.get(), again.at('a').map.get('k')]).toEqual([[{ n: 1, sum: 2 }], { n: 3, sum: 4 }]);
  });

  it('refuses what a later version wrote', () => {
    const later = new Bench(() => ({ total: state.value<Total>('total', { serializer: second }) }));
    later.at('a').total.set({ n: 1, sum: 1 });
    expect(() => new Bench(() => ({ total: state.value<number>('total') }), later.snapshot())).toThrow(
      'was written with schema version 2, and this job knows 1',
    );
  });
});

describe('broadcast state', () => {
  it('changes only while the broadcast side is handled', () => {
    const bench = new Bench(() => ({ rules: state.broadcast<string, number>('rules') }));
    expect(() => bench.at('a').rules.set('r', 1)).toThrow('may be changed only in processBroadcast');
    const { rules } = bench.at(undefined);
    bench.scope.broadcasting = true;
    rules.set('r', 1);
    rules.set('s', 2);
    rules.delete('s');
    bench.scope.broadcasting = false;
    const read = bench.at('a').rules;
    expect([read.get('r'), read.has('s'), [...read.entries()], read.size]).toEqual([1, false, [['r', 1]], 1]);
  });

  it('is whole after a restore from several subtasks', () => {
    const bench = new Bench(() => ({ rules: state.broadcast<string, number>('rules') }));
    const { rules } = bench.at(undefined);
    bench.scope.broadcasting = true;
    rules.set('r', 1);
    expect(
      new Bench(() => ({ rules: state.broadcast<string, number>('rules') }), bench.snapshot()).at('x').rules.size,
    ).toBe(1);
    rules.clear();
    expect(rules.size).toBe(0);
  });
});
