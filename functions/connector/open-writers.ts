import type { Sink } from '../../core/connector/sink.ts';
import { InvariantError } from '../../core/error/error.ts';
import type { Graph } from '../../core/graph/node.ts';
import type { Clock } from '../../core/port/clock.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { machineWriter } from './machine-writer.ts';
import type { Writers } from './sink-target.ts';

export type OpenWriters = {
  readonly graph: Graph;
  /** The sinks to open, by uid, and where the deployment says that each writes. */
  readonly sinks: { readonly [uid: string]: string };
  /** By the words of the job's sinks: what is bundled with it. */
  readonly writers: Writers;
  readonly incarnation: number;
  readonly clock: Clock;
};

/**
 * The writers of a stage's sinks, by uid.
 *
 * @throws InvariantError where the graph has no such sink, or its word is not bundled
 */
export function openWriters(options: OpenWriters): ReadonlyMap<string, RecordWriter> {
  return new Map(Object.entries(options.sinks).map(([uid, address]) => [uid, writerOf(uid, address, options)]));
}

function writerOf(uid: string, address: string, options: OpenWriters): RecordWriter {
  const { graph, writers, clock, incarnation } = options;
  const node = graph.nodes.find((found) => found.uid === uid);
  if (node?.kind !== 'sink') throw new InvariantError(`the job has no sink ${uid}; deploy it again`);
  const { sink }: { readonly sink: Sink } = node;
  if (sink.deployed === undefined) return machineWriter(sink, { uid, clock, incarnation });
  const { word, options: given } = sink.deployed;
  const make = writers[word];
  if (make === undefined) throw new InvariantError(`the writer of ${word} is not in this bundle; deploy the job again`);
  return make({ uid, options: given as never, address, clock });
}
