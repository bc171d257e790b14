/** A record of a stream, as an event of Lambda holds it: already JSON, so that its size in the payload is known. */
export type EventRecord = {
  /** The number that orders it within its shard. */
  readonly sequence: string;
  readonly json: string;
};

export type ShardBatch = {
  readonly records: readonly EventRecord[];
  /** More records wait behind these. */
  readonly behind: boolean;
  /** The shard was split or merged, and these were its last records. */
  readonly ended: boolean;
};

/**
 * One shard of a stream, read on from where the reads before it ended.
 *
 * Laws: records come in order, each once. A read that fails may be tried again and loses nothing.
 */
export interface ShardReader {
  read(): Promise<ShardBatch>;
}
