import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue } from '../../../core/codec/value-codec.ts';
import { compileAggregate } from '../../../core/expression/aggregate.ts';
import { aggregateByName } from '../../../core/operator/aggregate/aggregate-by-name.ts';
import { approxCountDistinct } from '../../../core/operator/aggregate/approx-count-distinct.ts';
import { approxPercentile, percentile } from '../../../core/operator/aggregate/percentile.ts';
import type { AnyAggregate } from '../../../core/operator/aggregate-function.ts';

/** The records in parts, each aggregated apart, stored and read, and all merged. */
function resultOf(aggregate: AnyAggregate, ...parts: readonly (readonly unknown[])[]): unknown {
  const folded = parts.map((part) =>
    decodeValue(encodeValue(part.reduce((sum, value) => aggregate.add(sum, value, 0), aggregate.create()))),
  );
  return aggregate.result(folded.reduce((into, from) => aggregate.merge?.(into, from), aggregate.create()));
}
const itself = (value: number) => value;

describe('percentile', () => {
  it('interpolates between the two values around its rank', () => {
    expect(resultOf(percentile(itself, 0.5), [1, 2], [3, 10])).toBe(2.5);
    expect(resultOf(percentile(itself, 1), [1, 2], [3, 10])).toBe(10);
    expect(resultOf(percentile(itself, 0.25), [5, 5, 5], [9])).toBe(5);
    expect(resultOf(percentile(itself, 0.5), [])).toBe(null);
  });

  it('refuses a fraction that is none', () => {
    expect(() => percentile(itself, 95)).toThrow('from 0 to 1, like 0.95; it is 95');
  });
});

describe('approxPercentile', () => {
  it('is within 1 % of the value at its rank, negative and positive, however the records are grouped', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true }).filter((v) => v === 0 || Math.abs(v) > 1e-9);
    const values = fc.array(value, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.nat(60), fc.double({ min: 0, max: 1, noNaN: true }), (all, cut, fraction) => {
        const found = resultOf(approxPercentile(itself, fraction), all.slice(0, cut), all.slice(cut));
        const exact = all.toSorted((a, b) => a - b)[Math.floor(fraction * (all.length - 1))] as number;
        expect(Math.abs((found as number) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.0101);
      }),
    );
  });
});

describe('approxCountDistinct', () => {
  it('is within 5 % of the truth from nothing to 100,000 values, merged or not', () => {
    for (const many of [0, 1, 100, 513, 5_000, 100_000]) {
      const values = Array.from({ length: many }, (_, i) => `user ${i}`);
      const [first, second] = [values.slice(0, many / 3), values.slice(many / 4)];
      const whole = resultOf(approxCountDistinct(String), values) as number;
      expect(Math.abs(whole - many)).toBeLessThanOrEqual(many * 0.05);
      expect(resultOf(approxCountDistinct(String), first, second)).toBe(whole);
    }
  });

  it('counts a value once, and tells 1 from "1"', () => {
    expect(
      resultOf(
        approxCountDistinct((v) => v),
        [1, 1, '1', null, { a: 1 }],
        [{ a: 1 }, 1],
      ),
    ).toBe(3);
  });
});

describe('an aggregate written as text', () => {
  const rows = [
    { user: 'a', ms: 4 },
    { user: 'b', ms: 4 },
    { user: 'a', ms: 8 },
    { user: null, ms: null },
  ];
  it.each([
    ['count(*)', 4],
    ['count(user)', 3],
    ['count(distinct user)', 2],
    ['sum(ms)', 16],
    ['sum(distinct ms)', 12],
    ['avg(ms)', 16 / 3],
    ['avg(distinct ms)', 6],
    ['min(ms)', 4],
    ['max(ms + 1)', 9],
    ['first(user)', 'a'],
    ['last(user)', 'a'],
    ['percentile(ms, 0.5)', 4],
    ['collect(ms)', [4, 4, 8]],
    ['min_by(user, ms)', 'a'],
    ['max_by(user, ms)', 'a'],
    ['var_pop(ms)', 32 / 9],
    ['var_samp(ms)', 16 / 3],
    ['stddev_pop(ms)', Math.sqrt(32 / 9)],
    ['stddev_samp(ms)', Math.sqrt(16 / 3)],
    ['approx_count_distinct(user)', 2],
    ["count(*) filter (where user = 'a')", 2],
  ])('%s', (text, expected) => {
    const result = resultOf(aggregateByName(compileAggregate(text)), rows.slice(0, 2), rows.slice(2));
    if (typeof expected === 'number') expect(result).toBeCloseTo(expected, 9);
    else expect(result).toEqual(expected);
  });
});
