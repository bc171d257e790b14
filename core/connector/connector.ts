import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/**
 * What a word such as `file` gives when it can stand on both sides of a job: the job takes the side that it needs. The
 * sides are made when asked for, so that options are checked against the side that is used.
 */
export type Connector<T = unknown> = { readonly source: Source<T>; readonly sink: Sink };

/** Whatever can be read from. */
export type AsSource<T = unknown> = Source<T> | { readonly source: Source<T> };

/** Whatever can be written to. */
export type AsSink<T = unknown> = Sink<T> | { readonly sink: Sink<T> };

/** The source of whatever can be read from: `sourceOf(file({ path: 'clicks.jsonl' }))`. */
export function sourceOf<T>(from: AsSource<T>): Source<T> {
  return 'source' in from ? from.source : from;
}

/** The sink of whatever can be written to: `sinkOf(file({ path: 'out' }))`. */
export function sinkOf<T>(to: AsSink<T>): Sink<T> {
  return 'sink' in to ? to.sink : to;
}
