import type { Timestamp } from '../time/timestamp.ts';
import type { DecodeFault, Source } from './source.ts';

/**
 * A source whose records come in the entries of a sharded log, one entry after another, such as a Kinesis stream read by
 * a task. Positions and order are the log's; the source only says what is in an entry.
 *
 * Laws: `decode` depends on the entry alone, so that an entry that comes again gives the same; it throws nothing, what it
 * cannot read is among the faults.
 */
export interface LogSource<T = unknown> extends Source<T> {
  decode(entry: SourceEntry): DecodedEntry<T>;
}

export type SourceEntry = {
  readonly bytes: Uint8Array;
  /** When the log took it; absent where it does not say. */
  readonly arrival?: Timestamp;
  /** Where it stands, for messages, such as `clicks/shardId-000000000000 49590338271490256608559692538361571095`. */
  readonly place: string;
};

export type DecodedEntry<T = unknown> = {
  readonly values: readonly T[];
  /** Of each value where the source knows one; absent: the arrival of the entry. */
  readonly timestamps?: readonly Timestamp[];
  readonly faults?: readonly DecodeFault[];
};

export function isLogSource(source: Source): source is LogSource {
  return 'decode' in source && typeof source.decode === 'function';
}
