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
  edgesFrom(uid: string): readonly LaidEdge[];
  edgesTo(uid: string): readonly LaidEdge[];
  parallelismOf(uid: string): number;
  levelOf(uid: string): number;
  /** Whether so many calls lead to a node that its inputs are to be landings. */
  landsAt(uid: string): boolean;
  readonly levels: number;
};

/** An edge with its reader. */
export type LaidEdge = {
  /** By place in the graph: the same number in every worker. */
  readonly id: number;
  readonly edge: Edge;
  readonly reader: GraphNode;
  readonly crosses: boolean;
  /** Whether accumulators cross instead of records. */
  readonly combined: boolean;
};

/** Operators that call each other in a row: each may take a kilobyte of a stack, which has one megabyte at the least. */
const MAX_CALLS = 200;

export function layoutOf(graph: Graph, parallelism: number): Layout {
  const subtasks = new Map(
    graph.nodes.map((node) => [node.uid, Math.min(node.parallelism ?? parallelism, parallelism)]),
  );
  const of = (uid: string) => subtasks.get(uid) ?? 1;
  const edges: LaidEdge[] = [];
  const levels = new Map<string, number>();
  const calls = new Map<string, number>();
  for (const reader of graph.nodes) {
    let level = 0;
    let depth = 0;
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
      depth = Math.max(depth, ((calls.get(edge.from) ?? 0) % MAX_CALLS) + 1);
    }
    levels.set(reader.uid, level);
    calls.set(reader.uid, depth);
  }
  const edgesFrom = Map.groupBy(edges, ({ edge }) => edge.from);
  const edgesTo = Map.groupBy(edges, ({ reader }) => reader.uid);
  return {
    graph,
    parallelism,
    edgesFrom: (uid) => edgesFrom.get(uid) ?? [],
    edgesTo: (uid) => edgesTo.get(uid) ?? [],
    parallelismOf: of,
    levelOf: (uid) => levels.get(uid) ?? 0,
    landsAt: (uid) => calls.get(uid) === MAX_CALLS,
    levels: Math.max(0, ...levels.values()) + 1,
  };
}
