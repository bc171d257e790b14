import type { Timestamp } from '../time/timestamp.ts';
import type { Sink, SinkContext } from './sink.ts';

/** Options of the word `collect`. */
export type CollectOptions = {
  /** True: values appear when their checkpoint is complete, each once. False (unless said): at once, also those of a run that then fails. */
  readonly onCommit?: boolean;
};

/** The sink that {@link collect} makes: what has come so far, in order. */
export type Collect<T> = Sink<T, string> & {
  readonly values: readonly T[];
  /** Event times, one per value. */
  readonly timestamps: readonly Timestamp[];
};

type Record<T> = { readonly value: T; readonly timestamp: Timestamp };

/** What writers of one incarnation have prepared, by the id that is committed. */
type Prepared<T> = { readonly incarnation: number; readonly records: readonly Record<T>[] };

/**
 * Keeps the results in memory, for tests and small jobs: read `values` afterwards. It belongs to one thread.
 *
 * @example
 * const results = collect<PageCount>(); // stream.to('results', results); … results.values
 */
export function collect<T>(options: CollectOptions = {}): Collect<T> {
  const values: T[] = [];
  const timestamps: Timestamp[] = [];
  const prepared = new Map<string, Prepared<T>>();
  const keep = ({ value, timestamp }: Record<T>) => {
    values.push(value);
    timestamps.push(timestamp);
  };
  const base = { name: 'collect', values, timestamps };
  if (options.onCommit !== true) {
    return { ...base, guarantee: 'at-least-once', open: () => Promise.resolve(directWriter(keep)) };
  }
  return {
    ...base,
    guarantee: 'exactly-once',
    open: (context) => Promise.resolve(preparingWriter(context, prepared)),
    async commit(ids) {
      for (const id of ids) {
        for (const record of prepared.get(id)?.records ?? []) keep(record);
        prepared.delete(id);
      }
    },
    async abandon({ incarnation }) {
      for (const [id, { incarnation: earlier }] of prepared) if (earlier < incarnation) prepared.delete(id);
    },
  };
}

function directWriter<T>(keep: (record: Record<T>) => void) {
  return {
    write: (value: T, timestamp: Timestamp) => keep({ value, timestamp }),
    flush: () => Promise.resolve(),
    buffered: 0,
    close: () => Promise.resolve(),
  };
}

function preparingWriter<T>(context: SinkContext, prepared: Map<string, Prepared<T>>) {
  const { uid, subtask, incarnation } = context;
  let records: Record<T>[] = [];
  let counter = 0;
  return {
    write(value: T, timestamp: Timestamp) {
      records.push({ value, timestamp });
    },
    flush: () => Promise.resolve(),
    // Records wait for a checkpoint, not for a flush.
    buffered: 0,
    async prepareCommit() {
      if (records.length === 0) return [];
      const id = `${uid}/${subtask.index}/${incarnation}/${counter++}`;
      prepared.set(id, { incarnation, records });
      records = [];
      return [id];
    },
    close: () => Promise.resolve(),
  };
}
