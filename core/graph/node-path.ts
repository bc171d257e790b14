import type { GraphNode } from './node.ts';

/** Where a node stands in the job spec: `operators.perPage`. */
export function pathOf({ kind, uid }: Pick<GraphNode, 'kind' | 'uid'>): string {
  return `${kind}s.${uid}`;
}
