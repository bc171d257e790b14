import type { OperatorMetrics } from '../operator/operator-metrics.ts';

/** The counters of one node in one subtask, or over all of them. */
export type NodeMetrics = { readonly uid: string } & Readonly<OperatorMetrics> & {
    /** Cells and timers of an operator; splits that are being read of a source. */
    readonly state: number;
  };

/** Sums over subtasks; the watermark is the lowest, since that is what the node waits for. */
export function mergeMetrics(parts: readonly (readonly NodeMetrics[])[]): readonly NodeMetrics[] {
  const merged = new Map<string, NodeMetrics>();
  for (const node of parts.flat()) {
    const before = merged.get(node.uid);
    merged.set(node.uid, before === undefined ? node : sum(before, node));
  }
  return [...merged.values()];
}

function sum(one: NodeMetrics, other: NodeMetrics): NodeMetrics {
  return {
    uid: one.uid,
    recordsIn: one.recordsIn + other.recordsIn,
    recordsOut: one.recordsOut + other.recordsOut,
    late: one.late + other.late,
    deadLetters: one.deadLetters + other.deadLetters,
    watermark: Math.min(one.watermark, other.watermark),
    busyMs: one.busyMs + other.busyMs,
    state: one.state + other.state,
  };
}
