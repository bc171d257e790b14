import type { AggregateFunction } from '../aggregate-function.ts';
import { overPresent, type Present } from './over-present.ts';

/**
 * The aggregates that SQL has, over what a function takes out of each record. Missing values (null, undefined) are skipped,
 * and an aggregate of nothing is null, a count 0. All can be merged.
 */
export type AggregateOptions<T> = {
  /** Only records for which it is true count (SQL: FILTER). */
  readonly where?: (value: T) => boolean;
};

type Number_ = number | bigint;

/**
 * How many records there are; with a function, how many have a value.
 *
 * @example
 * clicks.keyBy('page').window(tumbling('10s')).aggregate({ views: count(), logins: count({ where: (c) => c.user !== null }) });
 */
export function count<T>(options?: AggregateOptions<T>): AggregateFunction<T, number, number>;
export function count<T>(
  take: (value: T) => unknown,
  options?: AggregateOptions<T>,
): AggregateFunction<T, number, number>;
export function count<T>(
  takeOrOptions: ((value: T) => unknown) | AggregateOptions<T> = {},
  options: AggregateOptions<T> = {},
): AggregateFunction<T, number, number> {
  const merge = (a: number, b: number) => a + b;
  if (typeof takeOrOptions === 'function') {
    return overPresent(takeOrOptions, options, { create: () => 0, add: (n) => n + 1, result: (n) => n, merge });
  }
  const { where } = takeOrOptions;
  const add = where === undefined ? (n: number) => n + 1 : (n: number, record: T) => (where(record) ? n + 1 : n);
  return { create: () => 0, add, result: (n) => n, merge };
}

/** The sum; of bigints a bigint. */
export function sum<T, R extends Number_ | null | undefined>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R> | null, Present<R> | null> {
  const plus = (a: Present<R> | null, b: Present<R> | null) =>
    a === null ? b : b === null ? a : (((a as number) + (b as number)) as Present<R>);
  return overPresent(take, options, {
    create: () => null as Present<R> | null,
    add: plus,
    result: (total) => total,
    merge: plus,
  });
}

/** The smallest value. */
export function min<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R> | null, Present<R> | null> {
  return extreme(take, options, (a, b) => b < a);
}

/** The largest value. */
export function max<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R> | null, Present<R> | null> {
  return extreme(take, options, (a, b) => b > a);
}

function extreme<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T>,
  better: (a: Present<R>, b: Present<R>) => boolean,
) {
  const choose = (a: Present<R> | null, b: Present<R> | null) => (a === null || (b !== null && better(a, b)) ? b : a);
  return overPresent(take, options, {
    create: () => null as Present<R> | null,
    add: choose,
    result: (best) => best,
    merge: choose,
  });
}

type Best<R, O> = { readonly value: R; readonly by: O } | null;

/** What `take` gives of the record with the smallest `by`; of equal ones the first. */
export function minBy<T, R, O>(take: (value: T) => R, by: (value: T) => O, options: AggregateOptions<T> = {}) {
  return extremeBy(take, by, options, (a, b) => b < a);
}

/** What `take` gives of the record with the largest `by`; of equal ones the first. */
export function maxBy<T, R, O>(take: (value: T) => R, by: (value: T) => O, options: AggregateOptions<T> = {}) {
  return extremeBy(take, by, options, (a, b) => b > a);
}

function extremeBy<T, R, O>(
  take: (value: T) => R,
  by: (value: T) => O,
  options: AggregateOptions<T>,
  better: (a: Present<O>, b: Present<O>) => boolean,
): AggregateFunction<T, Best<R, Present<O>>, R | null> {
  const choose = (a: Best<R, Present<O>>, b: Best<R, Present<O>>) =>
    a === null || (b !== null && better(a.by, b.by)) ? b : a;
  return overPresent(by, options, {
    create: () => null as Best<R, Present<O>>,
    add: (best, value, record) => choose(best, { value: take(record), by: value }),
    result: (best) => best?.value ?? null,
    merge: choose,
  });
}

type Mean = { n: number; sum: number };

/** The arithmetic mean. */
export function avg<T>(
  take: (value: T) => Number_ | null | undefined,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Mean, number | null> {
  return overPresent(take, options, {
    create: (): Mean => ({ n: 0, sum: 0 }),
    add(mean, value) {
      mean.n++;
      mean.sum += Number(value);
      return mean;
    },
    result: ({ n, sum: total }) => (n === 0 ? null : total / n),
    merge: (a, b) => ({ n: a.n + b.n, sum: a.sum + b.sum }),
  });
}

type Spread = { n: number; mean: number; squares: number };

/**
 * Spread around the mean by Welford's method, merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise
 * algorithm for computing sample variances" (1979).
 */
function spread<T>(
  take: (value: T) => Number_ | null | undefined,
  options: AggregateOptions<T>,
  result: (spread: Spread) => number | null,
): AggregateFunction<T, Spread, number | null> {
  return overPresent(take, options, {
    create: (): Spread => ({ n: 0, mean: 0, squares: 0 }),
    add(before, value) {
      const n = before.n + 1;
      const off = Number(value) - before.mean;
      const mean = before.mean + off / n;
      return { n, mean, squares: before.squares + off * (Number(value) - mean) };
    },
    result,
    merge(a, b) {
      if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a;
      const n = a.n + b.n;
      const off = b.mean - a.mean;
      return { n, mean: a.mean + (off * b.n) / n, squares: a.squares + b.squares + (off * off * a.n * b.n) / n };
    },
  });
}

/** The variance of a sample (divided by n - 1); null below two values. */
export const variance = <T>(take: (value: T) => Number_ | null | undefined, options: AggregateOptions<T> = {}) =>
  spread(take, options, ({ n, squares }) => (n < 2 ? null : squares / (n - 1)));
/** The variance of a population (divided by n); null without a value. */
export const variancePop = <T>(take: (value: T) => Number_ | null | undefined, options: AggregateOptions<T> = {}) =>
  spread(take, options, ({ n, squares }) => (n < 1 ? null : squares / n));
/** The standard deviation of a sample (the root of {@link variance}); null below two values. */
export const stddev = <T>(take: (value: T) => Number_ | null | undefined, options: AggregateOptions<T> = {}) =>
  spread(take, options, ({ n, squares }) => (n < 2 ? null : Math.sqrt(squares / (n - 1))));
/** The standard deviation of a population (the root of {@link variancePop}); null without a value. */
export const stddevPop = <T>(take: (value: T) => Number_ | null | undefined, options: AggregateOptions<T> = {}) =>
  spread(take, options, ({ n, squares }) => (n < 1 ? null : Math.sqrt(squares / n)));

/** The value of the first record that has one, in order of arrival. */
export function first<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R> | null, Present<R> | null> {
  return overPresent(take, options, {
    create: () => null as Present<R> | null,
    add: (held, value) => held ?? value,
    result: (held) => held,
    merge: (a, b) => a ?? b,
  });
}

/** The value of the last record that has one, in order of arrival. */
export function last<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R> | null, Present<R> | null> {
  return overPresent(take, options, {
    create: () => null as Present<R> | null,
    add: (_, value) => value,
    result: (held) => held,
    merge: (a, b) => b ?? a,
  });
}

/** All values, in order of arrival. */
export function collectAll<T, R>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Present<R>[], readonly Present<R>[]> {
  return overPresent(take, options, {
    create: (): Present<R>[] => [],
    add(list, value) {
      list.push(value);
      return list;
    },
    result: (list) => [...list],
    merge: (a, b) => [...a, ...b],
  });
}

/** How many different values there are; exact, so its state grows with them. */
export function countDistinct<T, R extends string | number | bigint | boolean | null | undefined>(
  take: (value: T) => R,
  options: AggregateOptions<T> = {},
): AggregateFunction<T, Set<Present<R>>, number> {
  return overPresent(take, options, {
    create: () => new Set<Present<R>>(),
    add: (seen, value) => seen.add(value),
    result: (seen) => seen.size,
    merge(a, b) {
      for (const value of b) a.add(value);
      return a;
    },
  });
}
