import { defineSource } from '../../core/connector/define-source.ts';
import type { Source } from '../../core/connector/source.ts';

/** A source that gives what a test pushes, when it pushes it; all of it again to a run that begins anew. */
export type Feed<T> = {
  readonly source: Source<T>;
  push(...values: readonly T[]): void;
  end(): void;
};

export function feed<T>(): Feed<T> {
  const values: T[] = [];
  let ended = false;
  let more = Promise.withResolvers<void>();
  const tell = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const source = defineSource<T, null, number>({
    name: 'feed',
    bounded: true,
    splits: async () => [{ id: 'feed', split: null }],
    async open(_split, position = 0) {
      let next = position;
      return {
        read(limit) {
          const batch = values.slice(next, next + limit);
          next += batch.length;
          return { values: batch, ended: ended && next === values.length };
        },
        arrived: () => more.promise,
        position: () => next,
        close: async () => {},
      };
    },
  });
  return {
    source: source as Source<T>,
    push(...pushed) {
      values.push(...pushed);
      tell();
    },
    end() {
      ended = true;
      tell();
    },
  };
}
