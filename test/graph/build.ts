import type { Sink } from '../../core/connector/sink.ts';
import type { Source } from '../../core/connector/source.ts';
import { GraphBuilder } from '../../core/graph/graph-builder.ts';
import type { JobSettings } from '../../core/graph/node.ts';
import type { OperatorDescriptor, WindowDescriptor } from '../../core/operator/descriptor.ts';
import type { KeySelector } from '../../core/operator/key-selector.ts';

/** Builders of graphs for tests: connectors that are never opened, operators that are never run. */

export const source = (name = 'source'): Source => ({
  name,
  bounded: true,
  splits: () => Promise.reject(new Error('a graph was run that is only to be looked at')),
  open: () => Promise.reject(new Error('a graph was run that is only to be looked at')),
});

export const sink = (name = 'sink'): Sink => ({
  name,
  guarantee: 'exactly-once',
  open: () => Promise.reject(new Error('a graph was run that is only to be looked at')),
});

export const page: KeySelector = {
  of: (value) => (value as { page: string }).page,
  columns: ['page'],
  fields: ['page'],
};
export const byPage = { kind: 'hash', key: page } as const;

export const filter: OperatorDescriptor = { kind: 'filter', filter: () => true };
export const map: OperatorDescriptor = { kind: 'map', map: (value) => value };
export const monotonous = { timestampOf: () => 0, generator: () => ({ onRecord: (_: unknown, at: number) => at }) };

export const tumbling: WindowDescriptor = {
  kind: 'window',
  key: page,
  assigner: { kind: 'tumbling', sizeMs: 10_000, offsetMs: 0, time: 'event' },
  allowedLatenessMs: 0,
  computation: {
    kind: 'aggregate',
    aggregate: { create: () => 0, add: (n) => n + 1, result: (n) => n, merge: (left, right) => left + right },
  },
};

export const builder = (settings: Partial<JobSettings> = {}): GraphBuilder => new GraphBuilder('job', settings);

/** A builder with a source of event time, `clicks`. */
export function withClicks(settings: Partial<JobSettings> = {}): GraphBuilder {
  const made = builder(settings);
  made.source({ uid: 'clicks', source: source(), eventTime: monotonous });
  return made;
}

/** The faults of a builder's graph, as `path: message`. */
export function faultsOf(made: GraphBuilder): string[] {
  return made.check().faults.map(({ path, message }) => `${path}: ${message}`);
}
