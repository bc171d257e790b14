import type { Row } from '../file/file.ts';
import type { Sink } from '../sink.ts';
import { deployedSink } from './deployed.ts';

/** Options of the word `sns`. */
export type SnsOptions = {
  /** The name of the topic, or its ARN. */
  readonly topic: string;
  /** `json` unless said, or `text`. */
  readonly format?: 'json' | 'text';
  /** Of a topic that ends in `.fifo`: the field whose value is the message group; absent: one group per task. */
  readonly group?: string;
};

/**
 * An SNS topic as a sink: each record is published at least once, and to a FIFO topic once within the five minutes in which
 * it drops repetitions.
 *
 * @example
 * spikes.to('alerts', sns({ topic: 'alerts' }));
 */
export function sns<T = Row>(options: SnsOptions): Sink<T> {
  const resource = { kind: 'sns-topic', name: options.topic } as const;
  return deployedSink<T>({ word: 'sns', options, resource, guarantee: 'at-least-once' });
}
