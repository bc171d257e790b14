import type { CompiledAggregate } from '../../expression/aggregate.ts';
import type { AnyAggregate } from '../aggregate-function.ts';
import {
  avg,
  collectAll,
  count,
  countDistinct,
  first,
  last,
  max,
  maxBy,
  min,
  minBy,
  stddev,
  stddevPop,
  sum,
  variance,
  variancePop,
} from './aggregates.ts';
import { approxCountDistinct } from './approx-count-distinct.ts';
import { overPresent } from './over-present.ts';
import { approxPercentile, percentile } from './percentile.ts';

/**
 * The aggregate function of an aggregate that was written as text.
 *
 * @example
 * aggregateByName(compileAggregate('count(distinct user)'));
 */
export function aggregateByName(compiled: CompiledAggregate): AnyAggregate {
  const { where, distinct, arguments: given } = compiled;
  const options = where === undefined ? {} : { where };
  const [take] = given;
  if (take === undefined) return count(options);
  if (!distinct) return plain(compiled, take, options);
  if (compiled.name === 'count') return countDistinct(take as (value: unknown) => string, options);
  return overDistinct(
    plain(compiled, (value) => value, {}),
    take,
    options,
  );
}

type Take = (value: unknown) => unknown;
type Options = { readonly where?: (value: unknown) => boolean };

function plain(
  { name, arguments: [, second], fraction }: CompiledAggregate,
  take: Take,
  options: Options,
): AnyAggregate {
  const takeNumber = take as (value: unknown) => number;
  const by = second ?? take;
  switch (name) {
    case 'count':
      return count(take, options);
    case 'sum':
      return sum(takeNumber, options);
    case 'min':
      return min(take, options);
    case 'max':
      return max(take, options);
    case 'avg':
      return avg(takeNumber, options);
    case 'first':
      return first(take, options);
    case 'last':
      return last(take, options);
    case 'percentile':
      return percentile(takeNumber, fraction ?? 0, options);
    case 'approx_percentile':
      return approxPercentile(takeNumber, fraction ?? 0, options);
    case 'collect':
      return collectAll(take, options);
    case 'min_by':
      return minBy(take, by, options);
    case 'max_by':
      return maxBy(take, by, options);
    case 'stddev_samp':
      return stddev(takeNumber, options);
    case 'stddev_pop':
      return stddevPop(takeNumber, options);
    case 'var_samp':
      return variance(takeNumber, options);
    case 'var_pop':
      return variancePop(takeNumber, options);
    case 'approx_count_distinct':
      return approxCountDistinct(take, options);
  }
}

/** An aggregate over each different value once: the values are held, and aggregated when the result is wanted. */
function overDistinct(aggregate: AnyAggregate, take: Take, options: Options): AnyAggregate {
  return overPresent(take, options, {
    create: () => new Set<unknown>(),
    add: (seen, value) => seen.add(value),
    result(seen) {
      let accumulator: unknown = aggregate.create();
      for (const value of seen) accumulator = aggregate.add(accumulator, value, 0);
      return aggregate.result(accumulator);
    },
    merge(into, from) {
      for (const value of from) into.add(value);
      return into;
    },
  });
}
