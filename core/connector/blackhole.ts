import type { Sink } from './sink.ts';

/** A sink that counts what it gets, over all subtasks of this thread, and drops it. */
export type Blackhole = Sink & { readonly count: number };

/**
 * Takes everything and keeps nothing, for measuring the rest of a job.
 *
 * @example
 * const dropped = blackhole(); // … run the job … dropped.count
 */
export function blackhole(): Blackhole {
  const state = { count: 0 };
  return {
    name: 'blackhole',
    guarantee: 'none',
    resource: { kind: 'none' },
    get count() {
      return state.count;
    },
    open: () =>
      Promise.resolve({
        write() {
          state.count++;
        },
        flush: () => Promise.resolve(),
        buffered: 0,
        close: () => Promise.resolve(),
      }),
  };
}
