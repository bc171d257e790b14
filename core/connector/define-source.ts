import { JobSpecError } from '../error/error.ts';
import type { Batch, Source, SourceContext } from './source.ts';

/**
 * A source of one's own out of its parts: splits and a reader for each. It is what `source(...)` takes; see the laws of
 * {@link Source}.
 *
 * @throws JobSpecError where a part is missing (for callers without types)
 */
export function defineSource<T, Split, Position>(source: Source<T, Split, Position>): Source<T, Split, Position>;
/** A source of one's own out of an iterable, read by one subtask; see {@link IterableSource}. */
export function defineSource<T>(source: IterableSource<T>): Source<T, null, number>;
export function defineSource<T>(source: Source<T> | IterableSource<T>): Source<T> {
  const missing = ['name', ...('records' in source ? [] : ['bounded', 'splits', 'open'])].filter(
    (part) => !(part in source),
  );
  if (missing.length > 0) {
    throw new JobSpecError(
      missing.map((part) => ({ path: `source.${part}`, message: 'it is missing; see defineSource' })),
    );
  }
  return 'records' in source ? (iterableSource(source) as Source<T>) : source;
}

/**
 * Records that an iterable gives. The iterable must give the same records each time, since a restart counts off those
 * that were read; one that waits for the outside to give records never does, and needs a reader of its own.
 *
 * @example
 * defineSource({ name: 'squares', *records() { for (let n = 0; n < 10; n++) yield { n, square: n * n }; } });
 */
export type IterableSource<T> = {
  readonly name: string;
  /** True unless said. */
  readonly bounded?: boolean;
  records(context: SourceContext): Iterable<T> | AsyncIterable<T>;
};

function iterableSource<T>(source: IterableSource<T>): Source<T, null, number> {
  return {
    name: source.name,
    bounded: source.bounded ?? true,
    splits: () => Promise.resolve([{ id: source.name, split: null }]),
    async open(_split, position, context) {
      const iterable = source.records(context);
      if (Symbol.asyncIterator in iterable) return asyncReader(iterable[Symbol.asyncIterator](), position ?? 0);
      return syncReader(iterable[Symbol.iterator](), position ?? 0);
    },
  };
}

function syncReader<T>(iterator: Iterator<T>, skip: number) {
  let count = 0;
  const take = (limit: number): Batch<T> => {
    const values: T[] = [];
    while (values.length < limit) {
      const next = iterator.next();
      if (next.done === true) return { values, ended: true };
      count++;
      values.push(next.value);
    }
    return { values, ended: false };
  };
  for (let skipped = false; count < skip && !skipped; ) skipped = take(skip - count).ended;
  return {
    read: take,
    position: () => count,
    async close() {
      iterator.return?.();
    },
  };
}

async function asyncReader<T>(iterator: AsyncIterator<T>, skip: number) {
  let count = 0;
  const take = async (limit: number): Promise<Batch<T>> => {
    const values: T[] = [];
    while (values.length < limit) {
      const next = await iterator.next();
      if (next.done === true) return { values, ended: true };
      count++;
      values.push(next.value);
    }
    return { values, ended: false };
  };
  for (let skipped = false; count < skip && !skipped; ) skipped = (await take(skip - count)).ended;
  return {
    read: take,
    position: () => count,
    async close() {
      await iterator.return?.();
    },
  };
}
