/**
 * A sharded log of byte strings, such as a Kinesis stream: the inbox of a stage, or the stream that a source reads.
 *
 * Each shard owns a range of a 128-bit hash space. An entry goes to the open shard whose range holds its hash key.
 *
 * Laws
 * 1. A put of several entries may succeed for some of them. Each has its own result, in the order of the entries.
 * 2. Entries of different puts may come out in another order than they were acknowledged in, and one that was put again
 *    after a lost answer may come out twice. An entry that was acknowledged comes out of the shard that took it.
 * 3. `put` throws UnansweredError where nothing is known of any entry, RetryableError where none was taken.
 * 4. `shards` gives every shard whose entries have not all passed out of retention, closed ones too; a parent that has is
 *    named all the same.
 */
export interface FrameLog {
  /** At most one entry for each shard, as far as the caller can know. At most {@link MAX_PUT_ENTRIES}, {@link MAX_PUT_BYTES}. */
  put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]>;
  shards(): Promise<readonly Shard[]>;
  /**
   * What stands in a shard behind a position (absent: from its start): an entry, nothing yet, or nothing ever, since the
   * shard is closed and read to its end. Reads the shard itself; no listing decides.
   */
  after(shard: string, position: string | undefined): Promise<'more' | 'nothing' | 'ended'>;
}

export type LogEntry = {
  /** Of the 128-bit hash space: from 0n up to 2n ** 128n - 1n. */
  readonly hashKey: bigint;
  /** At most {@link MAX_ENTRY_BYTES}. */
  readonly bytes: Uint8Array;
};

export type EntryResult =
  | { readonly kind: 'taken'; readonly shard: string }
  /** Not taken; may be put again. */
  | { readonly kind: 'refused'; readonly reason: string };

export type Shard = {
  readonly id: string;
  /** Its hash range, both ends included. */
  readonly first: bigint;
  readonly last: bigint;
  /** One after a split, two after a merge, none at first. */
  readonly parents: readonly string[];
  readonly open: boolean;
};

/** The size of the hash space. */
export const HASH_SPACE = 1n << 128n;

/** A frame of this size travels through every limit between Kinesis and Lambda. */
export const MAX_ENTRY_BYTES = 1_048_576;

/** What PutRecords takes in one call. */
export const MAX_PUT_ENTRIES = 500;

/** PutRecords takes 5 MiB in one call; four of the largest entries stay below it. */
export const MAX_PUT_BYTES = 4_500_000;
