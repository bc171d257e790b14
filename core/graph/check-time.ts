import type { Fault } from '../error/error.ts';
import type { Graph, GraphNode } from './node.ts';
import { pathOf } from './node-path.ts';
import { eventTimeNeed } from './operator-facts.ts';

/**
 * Operators that need event time behind sources that give none: their windows would never close.
 *
 * Model: along the order of the nodes each carries a source upstream that gives no event time, if there is one. A node
 * that assigns timestamps carries none.
 */
export function eventTimeFaults({ nodes }: Graph): Fault[] {
  const timeless = new Map<string, string>();
  const faults: Fault[] = [];
  for (const node of nodes) {
    const source = timelessSourceOf(node, timeless);
    if (source === undefined) continue;
    const need = node.kind === 'operator' ? eventTimeNeed(node.operator) : undefined;
    if (need === undefined) timeless.set(node.uid, source);
    else faults.push({ path: pathOf(node), message: messageOf(need, source) });
  }
  return faults;
}

function timelessSourceOf(node: GraphNode, timeless: ReadonlyMap<string, string>): string | undefined {
  if (node.kind === 'source') return node.eventTime === undefined ? node.uid : undefined;
  if (node.kind === 'operator' && node.operator.kind === 'assignTimestamps') return undefined;
  // A broadcast side that is timeless holds the watermark back like any other input.
  const from = node.inputs.find((edge) => timeless.has(edge.from))?.from;
  return from === undefined ? undefined : timeless.get(from);
}

function messageOf(need: string, source: string): string {
  return `${need} needs event time, and "${source}" gives none; say eventTime there, such as { field: at, outOfOrderness: 5s }, or use processing time`;
}
