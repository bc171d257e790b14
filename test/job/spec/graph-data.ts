import type { Graph } from '../../../core/graph/node.ts';

/** All of a graph that is data: functions by what they are, nodes by name, without what only people read. */
export function dataOf({ nodes, ...rest }: Graph): unknown {
  const sorted = nodes.toSorted((a, b) => a.uid.localeCompare(b.uid));
  return plainly({ ...rest, nodes: sorted });
}

function plainly(value: unknown): unknown {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'description');
  return Object.fromEntries(entries.map(([name, one]) => [name, plainly(one)]));
}
