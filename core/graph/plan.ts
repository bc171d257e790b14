import { combinesBeforeShuffle } from './combine.ts';
import { type HeldState, heldStateOf } from './held-state.ts';
import type { Edge, Graph, GraphNode, JobSettings, OperatorNode, Partitioning } from './node.ts';
import { keysOf } from './operator-facts.ts';

/**
 * The stage plan of a job: what remains of its graph as plain JSON, without the user's functions. It can be printed
 * (explain.ts), compared with that of another version, and tells runtimes where the graph is cut.
 *
 * Model (Flink's chaining rules): an edge is chained, so that records are handed on by a call, if it is forward, its
 * reader has no other input, and both sides have as many subtasks. A stage is a tree of nodes over chained edges; it is
 * named after the node at its head. All other edges are exchanges between stages.
 * 1. Every node is in exactly one stage; only a stage's head is reached by exchanges.
 * 2. Stages and the nodes in them stand in the graph's order, so that equal graphs give equal plans, text for text.
 * 3. Time and memory are linear in nodes and edges; nothing recurs.
 */
export type Plan = {
  /** Of this format; raised when its meaning changes. */
  readonly version: 1;
  readonly job: string;
  readonly settings: JobSettings;
  readonly stages: readonly Stage[];
  readonly exchanges: readonly Exchange[];
};

/** A chain of nodes between shuffles, run by subtasks: a record passes it without leaving its thread. */
export type Stage = {
  /** The uid of its head. */
  readonly name: string;
  readonly parallelism: number;
  /** Key columns of the head, for each of its inputs that is keyed; empty where it is not keyed. */
  readonly keyedBy: readonly (readonly string[])[];
  /** The key groups of each subtask, first and last; absent where the stage is not keyed. */
  readonly keyGroups?: readonly (readonly [first: number, last: number])[];
  readonly nodes: readonly PlanNode[];
};

/** A source, operator or sink as a plan tells of it: plain data, without functions. */
export type PlanNode = {
  readonly uid: string;
  readonly uidGiven: boolean;
  readonly kind: GraphNode['kind'];
  /** What it does, by one word: the operator's kind, or the connector's name. */
  readonly does: string;
  readonly description?: string;
  /** The chained input; absent at a stage's head. */
  readonly input?: { readonly from: string; readonly output?: string };
  readonly state: readonly HeldState[];
  /** Of a source: whether it ends, and whether its records have event time. */
  readonly bounded?: boolean;
  readonly eventTime?: 'none' | 'ingestion' | 'assigned';
  /** Of a sink. */
  readonly guarantee?: 'exactly-once' | 'at-least-once' | 'none';
};

/** An edge from stage to stage. */
export type Exchange = {
  readonly from: string;
  readonly output?: string;
  readonly fromStage: string;
  readonly to: string;
  readonly port: number;
  readonly partitioning: Partitioning['kind'];
  /** Of a hash partitioning. */
  readonly columns?: readonly string[];
  /** True where accumulators cross instead of records. */
  readonly combined: boolean;
};

/**
 * Plans a graph that has no faults.
 *
 * @example
 * const plan = planOf(graph);
 * console.log(explain(plan, 'text'));
 */
export function planOf(graph: Graph): Plan {
  const subtasks = new Map(graph.nodes.map((node) => [node.uid, parallelismOf(node, graph.settings)]));
  const heads = headsOf(graph, subtasks);
  const stages = new Map<string, { head: GraphNode; nodes: PlanNode[] }>();
  const exchanges: Exchange[] = [];
  for (const node of graph.nodes) {
    const head = heads.get(node.uid) ?? node.uid;
    const chained = head !== node.uid;
    const stage = stages.get(head);
    if (stage === undefined) stages.set(head, { head: node, nodes: [planNodeOf(node, chained)] });
    else stage.nodes.push(planNodeOf(node, chained));
    if (!chained) exchanges.push(...exchangesTo(node, heads, subtasks));
  }
  return {
    version: 1,
    job: graph.name,
    settings: graph.settings,
    stages: [...stages.values()].map(({ head, nodes }) => stageOf(head, nodes, graph.settings)),
    exchanges,
  };
}

/** Subtasks of a node: its own, else the job's; a window over all keys has one. */
export function parallelismOf(node: GraphNode, settings: JobSettings): number {
  if (node.kind === 'operator' && node.operator.kind === 'window' && node.operator.key === undefined) return 1;
  return node.parallelism ?? settings.parallelism;
}

/** First and last key group of each subtask, as even as can be (Flink: KeyGroupRangeAssignment). */
export function keyGroupRanges(parallelism: number, maxParallelism: number): readonly (readonly [number, number])[] {
  return Array.from({ length: parallelism }, (_, subtask) => [
    Math.ceil((subtask * maxParallelism) / parallelism),
    Math.ceil(((subtask + 1) * maxParallelism) / parallelism) - 1,
  ]);
}

/** The head of each node's stage, by uid. */
export function headsOf({ nodes }: Graph, subtasks: ReadonlyMap<string, number>): Map<string, string> {
  const heads = new Map<string, string>();
  for (const node of nodes) {
    const chained = chainedInputOf(node, subtasks);
    heads.set(node.uid, chained === undefined ? node.uid : (heads.get(chained.from) ?? chained.from));
  }
  return heads;
}

/** The edge over which a node is chained to the one before it; undefined at the head of a stage. */
export function chainedInputOf(node: GraphNode, subtasks: ReadonlyMap<string, number>): Edge | undefined {
  if (node.kind === 'source' || node.inputs.length !== 1) return undefined;
  const [edge] = node.inputs;
  if (edge?.partitioning.kind !== 'forward') return undefined;
  return subtasks.get(edge.from) === subtasks.get(node.uid) ? edge : undefined;
}

function stageOf(head: GraphNode, nodes: readonly PlanNode[], settings: JobSettings): Stage {
  const keyedBy =
    head.kind === 'operator' ? keysOf(head.operator).flatMap((key) => (key === undefined ? [] : [key.columns])) : [];
  const parallelism = parallelismOf(head, settings);
  return {
    name: head.uid,
    parallelism,
    keyedBy,
    ...(keyedBy.length > 0 && { keyGroups: keyGroupRanges(parallelism, settings.maxParallelism) }),
    nodes,
  };
}

function planNodeOf(node: GraphNode, chained: boolean): PlanNode {
  const { uid, uidGiven, kind } = node;
  const base = { uid, uidGiven, kind };
  switch (node.kind) {
    case 'source': {
      const { source, eventTime = 'none' } = node;
      const { name, bounded } = source;
      return {
        ...base,
        does: name,
        state: [],
        bounded,
        eventTime: typeof eventTime === 'string' ? eventTime : 'assigned',
      };
    }
    case 'operator':
      return { ...base, ...operatorOf(node), ...(chained && inputOf(node)), state: heldStateOf(node.operator) };
    case 'sink': {
      const { name, guarantee } = node.sink;
      return { ...base, does: name, ...(chained && inputOf(node)), state: [], guarantee };
    }
  }
}

function operatorOf({ operator, description }: OperatorNode): Pick<PlanNode, 'does' | 'description'> {
  return { does: operator.kind, ...(description !== undefined && { description }) };
}

function inputOf({ inputs }: { readonly inputs: readonly Edge[] }): Pick<PlanNode, 'input'> {
  const [edge] = inputs;
  if (edge === undefined) return {};
  return { input: { from: edge.from, ...(edge.output !== undefined && { output: edge.output }) } };
}

function exchangesTo(
  node: GraphNode,
  heads: ReadonlyMap<string, string>,
  subtasks: ReadonlyMap<string, number>,
): Exchange[] {
  if (node.kind === 'source') return [];
  const combined = node.kind === 'operator' && combinesBeforeShuffle(node.operator);
  return node.inputs.map(({ from, output, port, partitioning }) => ({
    from,
    ...(output !== undefined && { output }),
    fromStage: heads.get(from) ?? from,
    to: node.uid,
    port,
    partitioning: effective(partitioning, subtasks.get(from) === subtasks.get(node.uid)),
    ...(partitioning.kind === 'hash' && { columns: partitioning.key.columns }),
    combined: combined && partitioning.kind === 'hash',
  }));
}

/** Forward between unequal parallelisms is round robin. */
function effective({ kind }: Partitioning, equal: boolean): Partitioning['kind'] {
  return kind === 'forward' && !equal ? 'rebalance' : kind;
}
