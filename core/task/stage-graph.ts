import { InvariantError } from '../error/error.ts';
import type { Edge, Graph, GraphNode } from '../graph/node.ts';
import { headsOf, parallelismOf } from '../graph/plan.ts';

/** One stage of a job with the user's functions: what the plan (core/graph/plan.ts) says of it, over the graph itself. */
export type StageGraph = {
  readonly graph: Graph;
  readonly name: string;
  readonly head: GraphNode;
  /** In the order of the graph; the head is the first. */
  readonly nodes: readonly GraphNode[];
  /** Edges to other stages. */
  readonly exits: readonly { readonly edge: Edge; readonly reader: GraphNode }[];
  /** The stages that send to it, each once. */
  readonly producers: readonly string[];
  /** The stage of a node, by its uid. */
  stageOf(uid: string): string;
  parallelismOf(node: GraphNode): number;
};

/** @throws InvariantError where the job has no stage of that name: the function runs another version of it */
export function stageGraphOf(graph: Graph, name: string): StageGraph {
  const subtasks = new Map(graph.nodes.map((node) => [node.uid, parallelismOf(node, graph.settings)]));
  const stages = headsOf(graph, subtasks);
  const nodes = graph.nodes.filter(({ uid }) => stages.get(uid) === name);
  const [head] = nodes;
  if (head === undefined)
    throw new InvariantError(`job ${graph.name} has no stage ${name}; deploy it again as a whole`);
  const inputs = head.kind === 'source' ? [] : head.inputs;
  return {
    graph,
    name,
    head,
    nodes,
    exits: graph.nodes.flatMap((reader) => {
      if (reader.kind === 'source' || stages.get(reader.uid) !== reader.uid) return [];
      return reader.inputs.filter(({ from }) => stages.get(from) === name).map((edge) => ({ edge, reader }));
    }),
    producers: [...new Set(inputs.map(({ from }) => stages.get(from) as string))],
    stageOf: (uid) => stages.get(uid) ?? uid,
    parallelismOf: (node) => parallelismOf(node, graph.settings),
  };
}
