/**
 * The order of a graph's nodes: every node after its inputs.
 *
 * Model: a depth-first walk against the edges, from each node in the order given, with a stack of its own, so that ten
 * thousand nodes in a row overflow nothing. A node is written down when all its inputs are.
 * 1. Nodes that stand in order already stay as they are.
 * 2. An edge back to a node that is still on the stack closes a cycle; it is reported and otherwise ignored.
 * 3. Each node and edge is visited once: O(nodes + edges).
 */
export type Topology<T> = {
  readonly order: readonly T[];
  /** The nodes of each cycle, at most {@link MAX_CYCLE_SHOWN} of them; the first reads from the last. */
  readonly cycles: readonly (readonly T[])[];
};

/** Of a longer cycle only the end is told: a person looks for the edge that closes it. */
export const MAX_CYCLE_SHOWN = 12;

export function topologyOf<T>(nodes: readonly T[], inputsOf: (node: T) => readonly T[]): Topology<T> {
  const order: T[] = [];
  const cycles: T[][] = [];
  const done = new Set<T>();
  const depth = new Map<T, number>();
  const stack: { readonly node: T; readonly inputs: readonly T[]; next: number }[] = [];

  const enter = (node: T): void => {
    depth.set(node, stack.length);
    stack.push({ node, inputs: inputsOf(node), next: 0 });
  };
  const leave = (node: T): void => {
    stack.pop();
    depth.delete(node);
    done.add(node);
    order.push(node);
  };

  for (const start of nodes) {
    if (!done.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.inputs[top.next++];
      if (input === undefined) {
        leave(top.node);
        continue;
      }
      if (done.has(input)) continue;
      const at = depth.get(input);
      if (at === undefined) enter(input);
      else cycles.push(cycleFrom(stack.slice(Math.max(at, stack.length - MAX_CYCLE_SHOWN)).map((entry) => entry.node)));
    }
  }
  return { order, cycles };
}

/** The walk goes against the edges; people read along them. */
function cycleFrom<T>(walked: readonly T[]): T[] {
  return [...walked].reverse();
}
