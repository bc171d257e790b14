import { describe, expect, it } from 'vitest';
import { rollingAggregate } from '../../core/operator/rolling.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

type Bid = { readonly page: string; readonly price: number; readonly name: string };
const byPage = { of: ({ page }: Bid) => page, columns: ['page'] };
const bids: readonly Bid[] = [
  { page: 'a', price: 3, name: 'first' },
  { page: 'b', price: 9, name: 'other' },
  { page: 'a', price: 1, name: 'second' },
  { page: 'a', price: 5, name: 'third' },
  { page: 'a', price: 5, name: 'fourth' },
];

function rolled(aggregate: Parameters<typeof rollingAggregate>[0]): readonly unknown[] {
  const harness = harnessOf<Bid>(rollingAggregate(aggregate, 'price', byPage));
  bids.forEach((bid, at) => {
    harness.record(bid, at);
  });
  return harness.output.filter(({ value }) => value.page === 'a').map(({ value }) => [value.price, value.name]);
}

describe('a rolling reduce', () => {
  it('emits the first record of a key as it is, then what each one makes of the last result', () => {
    const reduce = (left: Bid, right: Bid) => ({ ...right, price: left.price + right.price });
    const harness = harnessOf({ kind: 'reduce', key: byPage, reduce });
    bids.forEach((bid, at) => {
      harness.record(bid, at);
    });
    expect(
      harness.output.map(({ value, timestamp }) => [(value as Bid).name, (value as Bid).price, timestamp]),
    ).toEqual([
      ['first', 3, 0],
      ['other', 9, 1],
      ['second', 4, 2],
      ['third', 9, 3],
      ['fourth', 14, 4],
    ]);
  });

  it('keeps its result where a record cannot be folded in', () => {
    const reduce = (left: number, right: number) => {
      if (right < 0) throw new Error('negative');
      return left + right;
    };
    const harness = harnessOf(
      { kind: 'reduce', key: { of: () => 'all', columns: ['key'] }, reduce },
      { onPoison: 'collect' },
    );
    for (const value of [1, 2, -1, 3]) harness.record(value, 0);
    expect(valuesOf(harness)).toEqual([1, 3, 6]);
    expect(harness.deadLetters).toHaveLength(1);
  });
});

describe('rolling aggregates', () => {
  it('of sum, min and max keep the other fields of the first record', () => {
    expect(rolled('sum')).toEqual([
      [3, 'first'],
      [4, 'first'],
      [9, 'first'],
      [14, 'first'],
    ]);
    expect(rolled('min')).toEqual([
      [3, 'first'],
      [1, 'first'],
      [1, 'first'],
      [1, 'first'],
    ]);
    expect(rolled('max')).toEqual([
      [3, 'first'],
      [3, 'first'],
      [5, 'first'],
      [5, 'first'],
    ]);
  });

  it('of minBy and maxBy give whole records, of equal ones the first', () => {
    expect(rolled('minBy')).toEqual([
      [3, 'first'],
      [1, 'second'],
      [1, 'second'],
      [1, 'second'],
    ]);
    expect(rolled('maxBy')).toEqual([
      [3, 'first'],
      [3, 'first'],
      [5, 'third'],
      [5, 'third'],
    ]);
  });

  it.each([undefined, null, 'text', Number.NaN, {}])(
    'refuse %s as a summand, also in the first record of a key',
    (price) => {
      const harness = harnessOf<Bid>(rollingAggregate('sum', 'price', byPage), { onPoison: 'collect' });
      harness.record({ page: 'a', price }, 0);
      harness.record({ page: 'a', price: 2 }, 1);
      harness.record({ page: 'a', price: 3 }, 2);
      expect(harness.output.map(({ value }) => value.price)).toEqual([2, 5]);
      expect(harness.deadLetters[0]?.reason).toContain('"price" must be a number to be added up');
    },
  );

  it('compare texts, dates and bigints, but not one with another', () => {
    const highest = (...prices: readonly unknown[]) => {
      const harness = harnessOf<Bid>(rollingAggregate('max', 'price', byPage), { onPoison: 'collect' });
      for (const price of prices) harness.record({ page: 'a', price }, 0);
      return [harness.output.at(-1)?.value.price, harness.deadLetters.length];
    };
    expect(highest('b', 'c', 'a')).toEqual(['c', 0]);
    expect(highest(2n, 5n, 3n)).toEqual([5n, 0]);
    expect(highest(new Date(2), new Date(7))).toEqual([new Date(7), 0]);
    expect(highest(2, '7')).toEqual([2, 1]);
  });
});
