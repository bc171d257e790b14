import type { Sink } from '../connector/sink.ts';
import type { Source } from '../connector/source.ts';
import { JobSpecError } from '../error/error.ts';
import { suggestion } from '../expression/fault.ts';
import type { Graph, GraphNode } from './node.ts';

/** What to put in the place of a job's connectors, by name. */
export type Replacements = {
  readonly sources?: Readonly<Record<string, Source>>;
  readonly sinks?: Readonly<Record<string, Sink>>;
};

/**
 * The same job on other connectors: for a run on a laptop, or a test. Event time and schema stay those of the job.
 *
 * @throws JobSpecError naming every source or sink that the job does not have.
 *
 * @example
 * replaceConnectors(graph, { sources: { clicks: collection(clicks) }, sinks: { table: collect(rows) } });
 */
export function replaceConnectors(graph: Graph, { sources = {}, sinks = {} }: Replacements): Graph {
  const faults = [
    ...unknownNames(graph, 'source', Object.keys(sources)),
    ...unknownNames(graph, 'sink', Object.keys(sinks)),
  ];
  if (faults.length > 0) throw new JobSpecError(faults);
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.kind === 'source' && Object.hasOwn(sources, node.uid)) {
      return { ...node, source: sources[node.uid] ?? node.source };
    }
    if (node.kind === 'sink' && Object.hasOwn(sinks, node.uid)) return { ...node, sink: sinks[node.uid] ?? node.sink };
    return node;
  });
  return { ...graph, nodes };
}

function unknownNames({ name, nodes }: Graph, kind: 'source' | 'sink', wanted: readonly string[]) {
  const known = nodes.filter((node) => node.kind === kind).map(({ uid }) => uid);
  return wanted
    .filter((uid) => !known.includes(uid))
    .map((uid) => ({
      path: `${kind}s.${uid}`,
      message: `${name} has no ${kind} "${uid}"${suggestion(uid, known) || `; it has ${known.join(', ') || 'none'}`}`,
    }));
}
