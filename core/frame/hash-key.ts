import { HASH_SPACE } from '../port/frame-log.ts';
import type { KeyGroupRange } from './key-group-range.ts';

/**
 * Key groups in the hash space of a sharded log. Each has an even slice of it, and belongs to the shard that holds the
 * start of its slice, however the space is cut: so every group has one open shard, and a small shard may have none.
 */

/** Where the slice of a key group starts: the hash key of all that is put for it. */
export function hashKeyOf(group: number, maxParallelism: number): bigint {
  return BigInt(group) * sliceOf(maxParallelism);
}

/** The key groups of a hash range; undefined where none starts in it. */
export function keyGroupsOf(
  { first, last }: { readonly first: bigint; readonly last: bigint },
  maxParallelism: number,
): KeyGroupRange | undefined {
  const slice = sliceOf(maxParallelism);
  const range = { first: Number((first + slice - 1n) / slice), last: Number(last / slice) };
  return range.first <= range.last ? range : undefined;
}

function sliceOf(maxParallelism: number): bigint {
  return HASH_SPACE / BigInt(maxParallelism);
}
