import { JobSpecError } from '../error/error.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { SinkResource } from './resource.ts';
import type { Sink, SinkContext } from './sink.ts';

/**
 * A sink that is a function, called once per record and right away: for what is quick and needs no transaction. After a
 * crash it is called again for the records since the last checkpoint.
 */
export type FunctionSink<T> = {
  readonly name: string;
  /** What it writes in AWS, `{ kind: 'none' }` for anything that needs no rights there; absent: it is not deployed. */
  readonly resource?: SinkResource;
  write(value: T, timestamp: Timestamp, context: SinkContext): void;
};

/**
 * A sink of one's own out of its parts: a writer and, for exactly-once, a committer; see the laws of {@link Sink}.
 *
 * @throws JobSpecError where a part is missing (for callers without types)
 * @example
 * defineSink<Spike>({ name: 'alarm', write: (spike) => bell.ring(spike.page) });
 */
export function defineSink<T, Committable>(sink: Sink<T, Committable>): Sink<T, Committable>;
export function defineSink<T>(sink: FunctionSink<T>): Sink<T, never>;
export function defineSink<T>(sink: Sink<T> | FunctionSink<T>): Sink<T> {
  const missing = ['name', ...('write' in sink ? [] : ['guarantee', 'open'])].filter((part) => !(part in sink));
  if (missing.length > 0) {
    throw new JobSpecError(missing.map((part) => ({ path: `sink.${part}`, message: 'it is missing; see defineSink' })));
  }
  return 'write' in sink ? functionSink(sink) : sink;
}

function functionSink<T>(sink: FunctionSink<T>): Sink<T> {
  return {
    name: sink.name,
    guarantee: 'at-least-once',
    ...(sink.resource !== undefined && { resource: sink.resource }),
    open: (context) =>
      Promise.resolve({
        write: (value: T, timestamp: Timestamp) => sink.write(value, timestamp, context),
        flush: () => Promise.resolve(),
        buffered: 0,
        close: () => Promise.resolve(),
      }),
  };
}
