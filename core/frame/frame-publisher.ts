import { RetryableError, reasonOf } from '../error/error.ts';
import type { Clock } from '../port/clock.ts';
import type { EntryResult, FrameLog, Shard } from '../port/frame-log.ts';
import { MAX_PUT_BYTES, MAX_PUT_ENTRIES } from '../port/frame-log.ts';
import type { Random } from '../port/random.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { hashKeyOf, keyGroupsOf } from './hash-key.ts';
import type { KeyGroupRange } from './key-group-range.ts';

/**
 * Puts frames into a sharded log until every one has reached all shards of its range, whatever the log's shards are.
 *
 * P6  Frames go as they were cut. A frame is not put while one before it for the same key groups is under way, and no
 *     two are under way to one shard, as far as its shards are known.
 * P8  A put is answered with the shard that took it. The frame is put again, whole, at the first key group not yet
 *     covered, until the ranges of the shards that took it cover the frame's.
 *
 * A put without an answer is put again: consumers drop what they have seen (P7).
 */
export type OutgoingFrame = { readonly range: KeyGroupRange; readonly bytes: Uint8Array };

export type FramePublisherOptions = {
  readonly log: FrameLog;
  readonly maxParallelism: number;
  readonly clock: Clock;
  readonly random: Random;
};

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

type Pending = OutgoingFrame & { next: number };

export class FramePublisher {
  readonly #log: FrameLog;
  readonly #maxParallelism: number;
  readonly #clock: Clock;
  readonly #random: Random;
  #shards: ReadonlyMap<string, Shard> = new Map();

  constructor({ log, maxParallelism, clock, random }: FramePublisherOptions) {
    this.#log = log;
    this.#maxParallelism = maxParallelism;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * The key groups of each open shard, in order: the ranges to cut frames for. The log is asked once; later, what takes
   * frames tells of other shards.
   *
   * @throws RetryableError when the log gave no answer up to `until`
   */
  async ranges(until: Timestamp): Promise<readonly KeyGroupRange[]> {
    for (let failures = 1; this.#shards.size === 0; failures++) {
      const reason = await retryable(() => this.#refresh().then(() => undefined));
      if (reason !== undefined) await this.#pause(failures, until, `the shards are not known: ${reason}`);
    }
    const open = [...this.#shards.values()].filter((shard) => shard.open);
    return open
      .flatMap((shard) => keyGroupsOf(shard, this.#maxParallelism) ?? [])
      .sort((one, other) => one.first - other.first);
  }

  /**
   * Resolves when every frame is acknowledged for its whole range.
   *
   * @param until tries go on up to this time
   * @throws RetryableError when the time is over; what it has put may be put again
   */
  async publish(frames: readonly OutgoingFrame[], until: Timestamp): Promise<void> {
    let pending: readonly Pending[] = frames.map((frame) => ({ ...frame, next: frame.range.first }));
    let failures = 0;
    while (pending.length > 0) {
      const reason = await this.#round(this.#choose(pending));
      pending = pending.filter(({ next, range }) => next <= range.last);
      failures = reason === undefined ? 0 : failures + 1;
      if (reason !== undefined) await this.#pause(failures, until, `${pending.length} frames are not put: ${reason}`);
    }
  }

  /** What may go in one call: nothing behind an earlier frame of its key groups, and one for a shard. */
  #choose(pending: readonly Pending[]): readonly Pending[] {
    const chosen: Pending[] = [];
    const waiting: KeyGroupRange[] = [];
    const taken = new Set<string>();
    let bytes = 0;
    for (const frame of pending) {
      const shard = this.#openShardOf(frame.next);
      const blocked = waiting.some(({ first, last }) => first <= frame.range.last && frame.range.first <= last);
      const full = chosen.length === MAX_PUT_ENTRIES || (bytes > 0 && bytes + frame.bytes.length > MAX_PUT_BYTES);
      waiting.push(frame.range);
      if (blocked || full || (shard !== undefined && taken.has(shard.id))) continue;
      if (shard !== undefined) taken.add(shard.id);
      chosen.push(frame);
      bytes += frame.bytes.length;
    }
    return chosen;
  }

  /** One call. Gives the reason why a frame was not taken, if one was not. */
  #round(frames: readonly Pending[]): Promise<string | undefined> {
    const entries = frames.map(({ next, bytes }) => ({ hashKey: hashKeyOf(next, this.#maxParallelism), bytes }));
    return retryable(async () => this.#learn(frames, await this.#log.put(entries)));
  }

  async #learn(frames: readonly Pending[], results: readonly EntryResult[]): Promise<string | undefined> {
    let refused: string | undefined;
    for (const [place, result] of results.entries()) {
      const frame = frames[place] as Pending;
      if (result.kind === 'refused') refused = result.reason;
      else frame.next = (await this.#lastGroupOf(result.shard, frame.next)) + 1;
    }
    return refused;
  }

  /** The last key group of the shard that took a frame at `group`. */
  async #lastGroupOf(id: string, group: number): Promise<number> {
    if (!this.#shards.has(id)) await this.#refresh();
    const shard = this.#shards.get(id);
    const range = shard === undefined ? undefined : keyGroupsOf(shard, this.#maxParallelism);
    return range === undefined || range.last < group ? group : range.last;
  }

  #openShardOf(group: number): Shard | undefined {
    const point = hashKeyOf(group, this.#maxParallelism);
    for (const shard of this.#shards.values()) {
      if (shard.open && shard.first <= point && point <= shard.last) return shard;
    }
    return undefined;
  }

  async #refresh(): Promise<void> {
    this.#shards = new Map((await this.#log.shards()).map((shard) => [shard.id, shard]));
  }

  /** Exponential, with full jitter. */
  async #pause(failures: number, until: Timestamp, reason: string): Promise<void> {
    const ms = Math.ceil(this.#random.next() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
    if (this.#clock.now() + ms > until) throw new RetryableError(reason);
    await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}

/** The reason of a failure that may pass; others are thrown. */
async function retryable(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RetryableError) return reasonOf(error);
    throw error;
  }
}
