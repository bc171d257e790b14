import { JobSpecError } from '../error/error.ts';
import type { AnyAggregate } from '../operator/aggregate-function.ts';
import type { WindowComputation } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { Untyped } from '../operator/untyped.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import type { WindowResultFunction } from '../window/window-function.ts';
import { type Aggregates, aggregateRecord } from './aggregate-record.ts';

/** The columns that windows of time give their results. */
export const WINDOW_COLUMNS: readonly string[] = ['windowStart', 'windowEnd'];

/** The columns that a window's results have beside those of its aggregates: the key's, then the window's bounds. */
export function windowColumns(key: KeySelector | undefined, assigner: WindowAssigner<Untyped>): readonly string[] {
  const timed = assigner.kind !== 'count' && assigner.kind !== 'global';
  return [...(key?.columns ?? []), ...(timed ? WINDOW_COLUMNS : [])];
}

type RowComputation = {
  readonly kind: 'aggregate';
  readonly aggregate: AnyAggregate<Untyped>;
  readonly result: WindowResultFunction<Untyped, object, object>;
};

/**
 * What a window computes for a map of aggregates: records of the key's columns, `windowStart` and `windowEnd` where
 * windows are of time, and the results, in this order.
 *
 * @throws JobSpecError where a result has the name of a column, or what is named is no aggregate.
 *
 * @example
 * const computation = rowComputation({ views: count() }, fieldKey(['page']), tumbling('10s'));
 */
export function rowComputation<T>(
  aggregates: Aggregates<T>,
  key: KeySelector | undefined,
  assigner: WindowAssigner<Untyped>,
): RowComputation & WindowComputation {
  const columns = windowColumns(key, assigner);
  const clashes = Object.keys(aggregates).filter((name) => columns.includes(name) || name === '__proto__');
  if (clashes.length > 0) {
    const message = `is a column of the key or the window (${columns.join(', ')}); choose another name`;
    throw new JobSpecError(clashes.map((name) => ({ path: `aggregate.${name}`, message })));
  }
  return { kind: 'aggregate', aggregate: aggregateRecord(aggregates, columns), result: filling(key, columns) };
}

/** Fills the columns of the key and the window into a row that has them already. */
function filling(
  key: KeySelector | undefined,
  columns: readonly string[],
): WindowResultFunction<Untyped, object, object> {
  const keyColumns = key?.columns ?? [];
  const [only] = keyColumns;
  const isTuple = key?.fields !== undefined && keyColumns.length > 1;
  const timed = columns.length > keyColumns.length;
  return (results, context) => {
    const row = results as Record<string, unknown>;
    if (isTuple) {
      for (let index = 0; index < keyColumns.length; index++) row[keyColumns[index] as string] = context.key[index];
    } else if (only !== undefined) row[only] = context.key;
    if (timed) {
      row.windowStart = context.window.start;
      row.windowEnd = context.window.end;
    }
    return row;
  };
}
