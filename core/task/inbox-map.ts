import { RetryableError } from '../error/error.ts';
import { keyGroupsOf } from '../frame/hash-key.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { FrameLog } from '../port/frame-log.ts';
import type { TopologyShard } from './topology.ts';

/**
 * Which shard of a stage's inbox holds which key groups, as far as an instance knows. It begins with what the topology
 * says, and is read anew when a put was taken by a shard that it does not have: no request is spent on it before.
 */
export class InboxMap {
  readonly log: FrameLog;
  readonly #maxParallelism: number;
  /** All that were ever heard of. */
  readonly #shards: Map<string, KeyGroupRange>;
  #open: readonly TopologyShard[];

  constructor(log: FrameLog, first: readonly TopologyShard[], maxParallelism: number) {
    this.log = log;
    this.#maxParallelism = maxParallelism;
    this.#open = byRange(first);
    this.#shards = new Map(first.map(({ id, range }) => [id, range]));
  }

  /** The open shards by range; together they hold all key groups. */
  get open(): readonly TopologyShard[] {
    return this.#open;
  }

  /** The key groups of a shard that took a frame. @throws RetryableError where the listing does not have it yet */
  async rangeOf(shard: string): Promise<KeyGroupRange> {
    if (!this.#shards.has(shard)) await this.#refresh();
    const range = this.#shards.get(shard);
    if (range === undefined)
      throw new RetryableError(`shard ${shard} took a frame and is not in the list of shards yet`);
    return range;
  }

  async #refresh(): Promise<void> {
    const open: TopologyShard[] = [];
    for (const shard of await this.log.shards()) {
      const range = keyGroupsOf(shard, this.#maxParallelism);
      if (range === undefined) continue;
      this.#shards.set(shard.id, range);
      if (shard.open) open.push({ id: shard.id, range });
    }
    this.#open = byRange(open);
  }
}

function byRange(shards: readonly TopologyShard[]): readonly TopologyShard[] {
  return [...shards].sort((left, right) => left.range.first - right.range.first);
}
