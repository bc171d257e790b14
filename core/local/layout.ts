import { combinesBeforeShuffle } from '../graph/combine.ts';
import type { Edge, Graph, GraphNode } from '../graph/node.ts';

/**
 * How a graph lies over N subtasks: how many each node has, and which edges cross from one to another.
 *
 * The level of a node is how many crossings lie between it and its sources at most. What sits in a channel at level n is
 * worked off before level n + 1 is looked at; that is how a run comes to rest for a checkpoint.
 */
export type Layout = {
  readonly graph: Graph;
  readonly parallelism: number;
  /** Every edge with its reader, numbered by place: the same numbers in every worker. */
  readonly edges: readonly LaidEdge[];
  parallelismOf(uid: string): number;
  levelOf(uid: string): number;
  readonly levels: number;
};

export type LaidEdge = {
  readonly id: number;
  readonly edge: Edge;
  readonly reader: GraphNode;
  readonly crosses: boolean;
  /** Whether accumulators cross instead of records. */
  readonly combined: boolean;
};

export function layoutOf(graph: Graph, parallelism: number): Layout {
  const subtasks = new Map(
    graph.nodes.map((node) => [node.uid, Math.min(node.parallelism ?? parallelism, parallelism)]),
  );
  const of = (uid: string) => subtasks.get(uid) ?? 1;
  const edges: LaidEdge[] = [];
  const levels = new Map<string, number>();
  for (const reader of graph.nodes) {
    let level = 0;
    for (const edge of reader.kind === 'source' ? [] : reader.inputs) {
      const same = of(edge.from) === of(reader.uid);
      const crosses =
        parallelism > 1 && !(edge.partitioning.kind === 'forward' && same) && of(edge.from) + of(reader.uid) > 2;
      const combined =
        crosses &&
        edge.partitioning.kind === 'hash' &&
        reader.kind === 'operator' &&
        combinesBeforeShuffle(reader.operator);
      edges.push({ id: edges.length, edge, reader, crosses, combined });
      level = Math.max(level, (levels.get(edge.from) ?? 0) + (crosses ? 1 : 0));
    }
    levels.set(reader.uid, level);
  }
  return {
    graph,
    parallelism,
    edges,
    parallelismOf: of,
    levelOf: (uid) => levels.get(uid) ?? 0,
    levels: Math.max(0, ...levels.values()) + 1,
  };
}
