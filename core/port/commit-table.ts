/**
 * The commit logs of a job's tasks: numbered rows that are written once, each by one conditional put.
 *
 * Laws
 * 1. `put` writes the row exactly if its log has none of that number, and is the only way a row comes to be. Of several
 *    puts of one number at once, at most one is written.
 * 2. A put that threw {@link UnansweredError} may have been written, may still be, or never. The caller puts the same row
 *    again and judges by that answer alone: 'taken' by a row of its own writer means that it won. A put that threw any
 *    other error was not written and never will be.
 * 3. Reads are strongly consistent: they see every row whose put was answered before they began.
 * 4. A row never changes; it goes only by `delete`. Logs come to be with their first row.
 */
export interface CommitTable {
  put(log: string, row: LogRow): Promise<'written' | 'taken'>;
  /** The row with the highest number; undefined where the log has none. */
  head(log: string): Promise<LogRow | undefined>;
  /**
   * Rows with numbers from `first` up, in order of number and without gaps of reading: at least one where there is one, at
   * most `limit`. Whoever wants all asks again behind the last one until there is none.
   */
  rows(log: string, first: number, limit: number): Promise<readonly LogRow[]>;
  /** Deletes rows; one that is absent is no error. Only a collector calls it, under the rule P10. */
  delete(log: string, numbers: readonly number[]): Promise<void>;
}

/** A row as the table sees it. */
export type LogRow = {
  /** An integer from 0 up. */
  readonly n: number;
  /** Who wrote it: an identity that no other attempt to write ever has. */
  readonly writer: string;
  /** At most {@link MAX_ROW_BYTES}. */
  readonly body: Uint8Array;
};

/** A DynamoDB item holds 400 KB, its names and keys included; what is left of it for the body. */
export const MAX_ROW_BYTES = 390_000;
