import { JobSpecError } from '../error/error.ts';
import { type Duration, durationMs, formatDuration } from '../time/duration.ts';
import type { Evictor, Timestamped } from './evictor.ts';

/** Evictors run before the window's function unless `after` is true. */
export type EvictorOptions = { readonly after?: boolean };

type Keep<T> = (elements: readonly Timestamped<T>[]) => readonly Timestamped<T>[];

/** Keeps the last `size` records (Flink: CountEvictor). */
function count<T>(size: number, options: EvictorOptions = {}): Evictor<T> {
  if (!Number.isInteger(size) || size < 0) {
    throw new JobSpecError([{ path: 'evictor.count', message: `${size} is not a whole number` }]);
  }
  return evictorOf(`count(${size})`, options, (elements) => elements.slice(Math.max(0, elements.length - size)));
}

/** Keeps the records less than `keep` older than the newest (Flink: TimeEvictor). */
function time<T>(keep: Duration, options: EvictorOptions = {}): Evictor<T> {
  const keepMs = durationMs(keep, 'evictor.time');
  return evictorOf(`time(${formatDuration(keepMs)})`, options, (elements) => {
    const newest = elements.reduce((latest, { timestamp }) => Math.max(latest, timestamp), Number.NEGATIVE_INFINITY);
    return elements.filter(({ timestamp }) => timestamp > newest - keepMs);
  });
}

/** Keeps the records nearer than `threshold` to the last one (Flink: DeltaEvictor). */
function delta<T>(threshold: number, distance: (from: T, to: T) => number, options: EvictorOptions = {}): Evictor<T> {
  return evictorOf<T>(`delta(${threshold})`, options, (elements) => {
    const last = elements.at(-1);
    return last === undefined ? elements : elements.filter(({ value }) => distance(value, last.value) < threshold);
  });
}

/** The evictors that Flink has, by their names there: `evictor.count(100)`, `evictor.time('10s')`, `evictor.delta(5, distance)`. */
export const evictor = { count, time, delta } as const;

function evictorOf<T>(name: string, { after = false }: EvictorOptions, keep: Keep<T>): Evictor<T> {
  return after ? { name: `${name} after`, after: keep } : { name, before: keep };
}
