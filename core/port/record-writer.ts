import type { Timestamp } from '../time/timestamp.ts';

/**
 * Takes records that a task has committed for a sink, or as dead letters, to where they go.
 *
 * Laws
 * 1. What was written is durable once `write` has resolved. A batch whose write failed is written again, whole, with the
 *    same identity and the same records, perhaps by another process, and perhaps while the first still writes.
 * 2. The batches of one task are written one after another, by rising n. One with a lower n than was written before is a
 *    repetition of an older one.
 * 3. A writer that can makes use of the identity, so that a repetition changes nothing.
 */
export interface RecordWriter {
  /** Gives the records that the destination refused for good, which go to the dead letters; throws where it may work later. */
  write(batch: RecordBatch): Promise<readonly RefusedRecord[]>;
}

/** All that one commit of a task sends to one sink. */
export type RecordBatch = {
  readonly identity: BatchIdentity;
  /** The place of a record in here is its index: (identity, index) is the identity of the record. */
  readonly records: readonly WrittenRecord[];
};

/** Compared in this order: an incarnation above another is newer, whatever its n. */
export type BatchIdentity = { readonly incarnation: number; readonly task: string; readonly n: number };

export type WrittenRecord = { readonly value: unknown; readonly timestamp: Timestamp };

export type RefusedRecord = { readonly index: number; readonly reason: string };
