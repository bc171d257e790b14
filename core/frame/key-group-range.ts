import { HASH_SPACE, type Shard } from '../port/frame-log.ts';

/** Key groups from `first` to `last`, both included. A range is never empty. */
export type KeyGroupRange = { readonly first: number; readonly last: number };

/**
 * Where a key group lives in the 128-bit hash space of a sharded log: the start of its slice. It belongs to the shard
 * that holds this point, whatever the number of shards.
 */
export function hashKeyOfGroup(group: number, maxParallelism: number): bigint {
  return (HASH_SPACE / BigInt(maxParallelism)) * BigInt(group);
}

/** The key groups that live in a shard; undefined where it holds none, being narrower than a slice. */
export function groupsOfShard(shard: Pick<Shard, 'first' | 'last'>, maxParallelism: number): KeyGroupRange | undefined {
  const slice = HASH_SPACE / BigInt(maxParallelism);
  const first = Number((shard.first + slice - 1n) / slice);
  const last = Number(shard.last / slice);
  return first > last ? undefined : { first, last };
}
