import { JobSpecError } from '../error/error.ts';
import type { AggregateFunction, AnyAggregate } from '../operator/aggregate-function.ts';

/** Aggregates by the names of their results. */
export type Aggregates<T> = { readonly [name: string]: AnyAggregate<T> };

/** What a map of aggregates results in: a value under each name. */
export type ResultsOf<A> = { readonly [Name in keyof A]: A[Name] extends AnyAggregate<never, infer Out> ? Out : never };

/**
 * One aggregate of several: its accumulator is the list of theirs, in the order of their names in the map; its result a
 * record. It can be merged if all of them can. A single one is not wrapped in a list.
 *
 * `leading` are columns that somebody else fills in afterwards: the record has them first, undefined.
 *
 * @throws JobSpecError where there is no aggregate, or what stands under a name is none.
 *
 * @example
 * const stats = aggregateRecord({ views: count(), slowest: max((click: Click) => click.ms) });
 */
export function aggregateRecord<T, A extends Aggregates<T>>(
  aggregates: A,
  leading: readonly string[] = [],
): AnyAggregate<T, ResultsOf<A>> {
  const entries = Object.entries(aggregates);
  const faults = entries
    .filter(([, aggregate]) => typeof aggregate?.add !== 'function')
    .map(([name]) => ({ path: `aggregate.${name}`, message: 'is not an aggregate; use count(), sum(…) or the like' }));
  if (entries.length === 0) {
    faults.push({ path: 'aggregate', message: 'has no aggregate; name one, such as { views: count() }' });
  }
  if (faults.length > 0) throw new JobSpecError(faults);
  const [only] = entries;
  const empty = recordOf([...leading, ...entries.map(([name]) => name)]);
  const one = entries.length === 1 && only !== undefined;
  const record = one ? single(only[0], only[1], empty) : several(entries, empty);
  return record as unknown as AnyAggregate<T, ResultsOf<A>>;
}

type Row = Record<string, unknown>;

/** A record of undefined columns, to be copied: so all rows are of one shape, which engines make fast. */
function recordOf(columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, undefined]));
}

function single<T>(name: string, aggregate: AnyAggregate<T>, empty: Row): AnyAggregate<T> {
  return {
    ...bound(aggregate),
    result(accumulator) {
      const row = { ...empty };
      row[name] = aggregate.result(accumulator);
      return row;
    },
  };
}

/** The same functions without their object, whose methods may need it. */
function bound<T>(aggregate: AnyAggregate<T>): AnyAggregate<T> {
  return {
    create: () => aggregate.create(),
    add: (accumulator, value, timestamp) => aggregate.add(accumulator, value, timestamp),
    result: (accumulator) => aggregate.result(accumulator),
    ...(aggregate.merge !== undefined && { merge: (into, from) => aggregate.merge?.(into, from) }),
  };
}

function several<T>(
  entries: readonly (readonly [string, AnyAggregate<T>])[],
  empty: Row,
): AggregateFunction<T, unknown[], Row> {
  const names = entries.map(([name]) => name);
  const parts = entries.map(([, aggregate]) => aggregate);
  const count = parts.length;
  const partAt = (index: number): AnyAggregate<T> => parts[index] as AnyAggregate<T>;
  const record: AggregateFunction<T, unknown[], Row> = {
    create: () => parts.map((part) => part.create()),
    add(accumulators, value, timestamp) {
      for (let index = 0; index < count; index++) {
        accumulators[index] = partAt(index).add(accumulators[index], value, timestamp);
      }
      return accumulators;
    },
    result(accumulators) {
      const row = { ...empty };
      for (let index = 0; index < count; index++) {
        row[names[index] as string] = partAt(index).result(accumulators[index]);
      }
      return row;
    },
  };
  if (parts.some((part) => part.merge === undefined)) return record;
  return {
    ...record,
    merge(into, from) {
      for (let index = 0; index < count; index++) into[index] = partAt(index).merge?.(into[index], from[index]);
      return into;
    },
  };
}
