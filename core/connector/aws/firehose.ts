import type { Row } from '../file/file.ts';
import type { Sink } from '../sink.ts';
import { deployedSink } from './deployed.ts';

/** Options of the word `firehose`. */
export type FirehoseOptions = {
  /** The name of the delivery stream. */
  readonly stream: string;
  /** `json` (a line each) unless said, or `text`. */
  readonly format?: 'json' | 'text';
};

/**
 * A Firehose delivery stream as a sink: each record is a line, put at least once.
 *
 * @example
 * clicks.to('archive', firehose({ stream: 'archive' }));
 */
export function firehose<T = Row>(options: FirehoseOptions): Sink<T> {
  const resource = { kind: 'firehose-stream', name: options.stream } as const;
  return deployedSink<T>({ word: 'firehose', options, resource, guarantee: 'at-least-once' });
}
