import { InvariantError } from '../error/error.ts';
import {
  type EntryResult,
  type FrameLog,
  HASH_SPACE,
  type LogEntry,
  MAX_ENTRY_BYTES,
  MAX_PUT_ENTRIES,
  type Shard,
} from '../port/frame-log.ts';

/** An entry as its shard holds it. */
export type HeldEntry = { readonly sequence: string; readonly bytes: Uint8Array };

type Held = Shard & { readonly entries: HeldEntry[] };

/** A sharded log in memory, for tests: its shards share the hash space evenly, and can be split and merged. */
export class MemoryFrameLog implements FrameLog {
  readonly #shards = new Map<string, Held>();
  #sequence = 0;

  constructor(shards = 1) {
    for (let i = 0; i < shards; i++) {
      const first = (HASH_SPACE * BigInt(i)) / BigInt(shards);
      const last = (HASH_SPACE * BigInt(i + 1)) / BigInt(shards) - 1n;
      this.#add(first, last, []);
    }
  }

  async put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]> {
    if (entries.length > MAX_PUT_ENTRIES) throw new InvariantError(`a put of ${entries.length} entries`);
    return entries.map(({ hashKey, bytes }) => {
      if (bytes.length > MAX_ENTRY_BYTES) throw new InvariantError(`an entry of ${bytes.length} bytes`);
      const shard = this.#shardOf(hashKey);
      shard.entries.push({ sequence: this.#nextSequence(), bytes: bytes.slice() });
      return { kind: 'taken', shard: shard.id };
    });
  }

  async shards(): Promise<readonly Shard[]> {
    return [...this.#shards.values()].map(({ entries: _, ...shard }) => shard);
  }

  async after(shard: string, position: string | undefined): Promise<'more' | 'nothing' | 'ended'> {
    const held = this.#shard(shard);
    if (held.entries.some(({ sequence }) => position === undefined || sequence > position)) return 'more';
    return held.open ? 'nothing' : 'ended';
  }

  /** What a shard holds, oldest first. */
  entries(shard: string): readonly HeldEntry[] {
    return this.#shard(shard).entries;
  }

  /** Closes a shard and opens one for each half of its range; gives their ids. */
  split(id: string): readonly [string, string] {
    const { first, last } = this.#close(id);
    const middle = first + (last - first) / 2n;
    return [this.#add(first, middle, [id]), this.#add(middle + 1n, last, [id])];
  }

  /** Closes two neighbours and opens one for both ranges; gives its id. */
  merge(left: string, right: string): string {
    return this.#add(this.#close(left).first, this.#close(right).last, [left, right]);
  }

  #add(first: bigint, last: bigint, parents: readonly string[]): string {
    const id = `shard-${String(this.#shards.size).padStart(3, '0')}`;
    this.#shards.set(id, { id, first, last, parents, open: true, entries: [] });
    return id;
  }

  #close(id: string): Held {
    const closed = { ...this.#shard(id), open: false };
    this.#shards.set(id, closed);
    return closed;
  }

  #shard(id: string): Held {
    const shard = this.#shards.get(id);
    if (shard === undefined) throw new RangeError(`there is no shard ${id}`);
    return shard;
  }

  #shardOf(hashKey: bigint): Held {
    for (const shard of this.#shards.values()) {
      if (shard.open && shard.first <= hashKey && hashKey <= shard.last) return shard;
    }
    throw new InvariantError(`no open shard holds the hash key ${hashKey}`);
  }

  /** As long as those of Kinesis, so that their order as text is their order. */
  #nextSequence(): string {
    return String(++this.#sequence).padStart(56, '0');
  }
}
