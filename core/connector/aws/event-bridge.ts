import type { Row } from '../file/file.ts';
import type { Sink } from '../sink.ts';
import { deployedSink } from './deployed.ts';

/** Options of the word `eventbridge`. */
export type EventBridgeOptions = {
  /** The name of the event bus, or its ARN; `default` unless said. */
  readonly bus?: string;
  /** The detail type of the events; rules match it. */
  readonly detailType: string;
  /** The source of the events; `millrace` unless said. */
  readonly source?: string;
};

/**
 * An EventBridge bus as a sink: each record is the detail of an event, put at least once.
 *
 * @example
 * spikes.to('spikes', eventBridge({ bus: 'shop', detailType: 'page spike' }));
 */
export function eventBridge<T = Row>(options: EventBridgeOptions): Sink<T> {
  const resource = { kind: 'event-bus', name: options.bus ?? 'default' } as const;
  return deployedSink<T>({ word: 'eventbridge', options, resource, guarantee: 'at-least-once' });
}
