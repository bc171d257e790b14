import type { Exchange } from './plan.ts';

/** What an exchange does, in words: `by page, combined`, `late, broadcast`; empty where it only hands records on. */
export function edgeLabel({ output, partitioning, columns, combined }: Exchange): string {
  const how = partitioning === 'hash' ? `by ${columns?.join(' and ')}` : partitioning;
  return [output, how === 'forward' ? undefined : how, combined ? 'combined' : undefined]
    .filter((part) => part !== undefined)
    .join(', ');
}
