import { JobSpecError } from '../error/error.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Source, SourceSplit } from './source.ts';

/** Options of the word `collection`. */
export type CollectionOptions<T = unknown> = {
  readonly items: readonly T[];
  /** Event times in epoch milliseconds, one per item; absent: none. */
  readonly timestamps?: readonly Timestamp[];
};

type ItemRange = { readonly from: number; readonly to: number };

/**
 * Records that are in memory, for tests and small tables: divided into one range per subtask, in order within each.
 *
 * @throws JobSpecError where there are not as many timestamps as items
 * @example
 * source('clicks', collection([{ page: '/home', at: 1_000 }]));
 */
export function collection<T>(
  items: readonly T[],
  options: { readonly timestamps?: readonly Timestamp[] } = {},
): Source<T, ItemRange, number> {
  const { timestamps } = options;
  if (timestamps !== undefined && timestamps.length !== items.length) {
    const message = `${items.length} items have ${timestamps.length} timestamps; give one for each, or none`;
    throw new JobSpecError([{ path: 'collection.timestamps', message }]);
  }
  return {
    name: `collection of ${items.length}`,
    bounded: true,
    splits: (_context, parallelism) => Promise.resolve(rangesOf(items.length, parallelism)),
    open({ split }, position) {
      let next = position ?? split.from;
      return Promise.resolve({
        read(limit: number) {
          const from = next;
          next = Math.min(split.to, from + limit);
          const batch = { values: items.slice(from, next), ended: next === split.to };
          return timestamps === undefined ? batch : { ...batch, timestamps: timestamps.slice(from, next) };
        },
        position: () => next,
        close: () => Promise.resolve(),
      });
    },
  };
}

function rangesOf(count: number, parallelism: number): SourceSplit<ItemRange>[] {
  const splits: SourceSplit<ItemRange>[] = [];
  for (let index = 0; index < parallelism; index++) {
    const from = Math.floor((count * index) / parallelism);
    const to = Math.floor((count * (index + 1)) / parallelism);
    if (to > from || index === 0) splits.push({ id: `${from}-${to}`, split: { from, to } });
  }
  return splits;
}
