import type { AggregateFunction } from '../aggregate-function.ts';

/** What is left of a value once the missing are passed over. */
export type Present<R> = Exclude<R, null | undefined>;

/** An aggregate over what `take` gives of each record that counts; missing values (null, undefined) are passed over. */
export function overPresent<T, R, Accumulator, Out>(
  take: (value: T) => R,
  { where }: { readonly where?: (value: T) => boolean },
  inner: {
    create(): Accumulator;
    add(accumulator: Accumulator, value: Present<R>, record: T): Accumulator;
    result(accumulator: Accumulator): Out;
    merge(into: Accumulator, from: Accumulator): Accumulator;
  },
): AggregateFunction<T, Accumulator, Out> {
  return {
    create: inner.create,
    add(accumulator, record) {
      if (where !== undefined && !where(record)) return accumulator;
      const value = take(record);
      return value === null || value === undefined ? accumulator : inner.add(accumulator, value as Present<R>, record);
    },
    result: inner.result,
    merge: inner.merge,
  };
}
