import type { Fault } from '../error/error.ts';
import type { Edge, Graph, GraphNode, OperatorNode, SourceNode } from './node.ts';
import { pathOf } from './node-path.ts';
import { eventTimeNeed, portsOf } from './operator-facts.ts';

/**
 * Operators that need event time behind sources that give none: their windows would never close.
 *
 * Model: along the order of the nodes each carries a source upstream that gives no event time, if there is one.
 * 1. A node that assigns timestamps carries none.
 * 2. Of two connected inputs one may be without event time if it ends: records of the other have their timestamps, and
 *    an input that has ended holds no watermark back. (A list of rules read from a file is such an input.)
 */
export function eventTimeFaults({ nodes }: Graph): Fault[] {
  const timeless = new Map<string, SourceNode>();
  const faults: Fault[] = [];
  for (const node of nodes) {
    const need = node.kind === 'operator' ? eventTimeNeed(node.operator) : undefined;
    const source = need === undefined ? carriedBy(node, timeless) : firstOf(inputsOf(node), timeless);
    if (source === undefined) continue;
    if (need === undefined) timeless.set(node.uid, source);
    else faults.push({ path: pathOf(node), message: messageOf(need, source.uid) });
  }
  return faults;
}

function carriedBy(node: GraphNode, timeless: ReadonlyMap<string, SourceNode>): SourceNode | undefined {
  if (node.kind === 'source') return node.eventTime === undefined ? node : undefined;
  if (node.kind === 'operator' && node.operator.kind === 'assignTimestamps') return undefined;
  if (node.kind === 'operator' && portsOf(node.operator) === 2) return carriedByEither(node, timeless);
  return firstOf(node.inputs, timeless);
}

function carriedByEither({ inputs }: OperatorNode, timeless: ReadonlyMap<string, SourceNode>): SourceNode | undefined {
  const sides = [0, 1].map((port) =>
    firstOf(
      inputs.filter((edge) => edge.port === port),
      timeless,
    ),
  );
  const unbounded = sides.find((source) => source !== undefined && !source.source.bounded);
  return unbounded ?? (sides.includes(undefined) ? undefined : sides[0]);
}

function inputsOf(node: GraphNode): readonly Edge[] {
  return node.kind === 'source' ? [] : node.inputs;
}

function firstOf(edges: readonly Edge[], timeless: ReadonlyMap<string, SourceNode>): SourceNode | undefined {
  for (const { from } of edges) {
    const source = timeless.get(from);
    if (source !== undefined) return source;
  }
  return undefined;
}

function messageOf(need: string, source: string): string {
  return `${need} needs event time, and "${source}" gives none; say eventTime there, such as { from: 'at', outOfOrderness: '5s' }, or use processing time`;
}
