import type { ByteInput } from '../port/byte-input.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { FileSystem } from './file/file-system.ts';
import type { Deployed, SourceResource } from './resource.ts';

/**
 * Sources: where records come from (Flink: the Source API of FLIP-27).
 *
 * A source is divided into splits (a file or a range of one, a shard, a partition of generated numbers). Each split is
 * read by one subtask, in order, from a position that the reader can tell and be opened at again.
 *
 * Laws
 * 1. Splits and positions are plain JSON data. The same split opened at the same position gives the same records.
 * 2. `position()` is that of the end of the last batch given: a checkpoint between batches neither loses nor doubles.
 * 3. What cannot be decoded is given as a {@link DecodeFault} of the batch, with its raw text; the reader goes on after it.
 */
export interface Source<T = unknown, Split = unknown, Position = unknown> {
  /** For plans and messages, such as `file clicks/*.jsonl`. */
  readonly name: string;
  /** A bounded source ends, and the job with it. */
  readonly bounded: boolean;
  /** What it reads in AWS; absent: something of the machine that it runs on, so that it is not deployed. */
  readonly resource?: SourceResource;
  /** Of a source that cannot be opened on a machine, but by the function of its stage. */
  readonly deployed?: Deployed;
  /**
   * The splits there are now. For an unbounded source it may be asked again, every `discoverEveryMs`, and then gives
   * those that came since too; a split's `id` says which is which. `parallelism` is a hint of how many are useful.
   */
  splits(context: SourceContext, parallelism: number): Promise<readonly SourceSplit<Split>[]>;
  readonly discoverEveryMs?: number;
  open(
    split: SourceSplit<Split>,
    position: Position | undefined,
    context: SourceContext,
  ): Promise<SplitReader<T, Position>>;
}

/** A part of a source that is read in order; its `id` is unique within the source, for good. */
export type SourceSplit<Split = unknown> = { readonly id: string; readonly split: Split };

/** What a runtime gives a source: clock, randomness and the streams of the machine. */
export interface SourceContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves relative paths: the folder of the job's file, or the working directory. */
  readonly baseFolder: string;
  /** Aborted when the job stops. */
  readonly signal: AbortSignal;
  /** Files as connectors see them; absent: those of this machine. */
  readonly files?: FileSystem;
  /** What `stdin` reads; absent where the runtime has none. */
  readonly input?: ByteInput;
}

/** Reads one split. Law: `position` after a batch is where a new reader goes on without losing or doubling a record. */
export interface SplitReader<T = unknown, Position = unknown> {
  /**
   * The next records, at most `limit`, `ended: true` when there will be no more. An empty batch that is not ended means:
   * nothing now; a runtime then asks again after a pause, or when `arrived` resolves. May be synchronous: a reader
   * that has data in memory should not return a promise.
   */
  read(limit: number): Batch<T> | Promise<Batch<T>>;
  /** Resolves when there is something to read; absent: poll. */
  arrived?(): Promise<void>;
  position(): Position;
  close(): Promise<void>;
}

/** What a read gave: records, what could not be decoded, and whether the split has ended. */
export type Batch<T = unknown> = {
  readonly values: readonly T[];
  /** Of each value where the source knows one (such as an arrival time); absent: NO_TIMESTAMP. */
  readonly timestamps?: readonly Timestamp[];
  readonly faults?: readonly DecodeFault[];
  readonly ended: boolean;
};

/** Something that the source could not decode. It goes to the dead letters. */
export type DecodeFault = {
  readonly reason: string;
  /** The raw text (cut to a limit), or the raw bytes in base64. */
  readonly raw: string;
  /** Where it stood, such as `clicks.jsonl:17`. */
  readonly place: string;
};
