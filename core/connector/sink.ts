import type { Clock } from '../port/clock.ts';
import type { TextOutput } from '../port/text-output.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { FileSystem } from './file/file-system.ts';
import type { Deployed, SinkResource } from './resource.ts';

/**
 * Sinks: where results go (Flink: the Sink API of FLIP-143, with a two-phase commit).
 *
 * A writer takes records synchronously into a buffer. `flush` sends them. A sink that is exactly-once gives, at each
 * checkpoint, what it has prepared; once the checkpoint is durable the runtime has it committed, and on restore commits
 * what the checkpoint holds once more.
 *
 * Laws
 * 1. Nothing written is visible before its commit (sinks that have `commit`), or after `flush` at the latest (others).
 * 2. `commit` is idempotent: committing the same thing twice, also after a crash in the middle, changes nothing.
 * 3. Committables and writer states are plain JSON data.
 */
export interface Sink<T = unknown, Committable = unknown> {
  /** For plans and messages, such as `file out/*.jsonl`. */
  readonly name: string;
  /** What a user may rely on after a crash and `--resume`. */
  readonly guarantee: 'exactly-once' | 'at-least-once' | 'none';
  /** What it writes in AWS; absent: something of the machine that it runs on, so that it is not deployed. */
  readonly resource?: SinkResource;
  /** Of a sink that cannot be opened on a machine, but by the function of its stage. */
  readonly deployed?: Deployed;
  open(context: SinkContext): Promise<SinkWriter<T, Committable>>;
  commit?(committables: readonly Committable[], context: SinkContext): Promise<void>;
  /**
   * On restore, after the commit of what the checkpoint holds: removes what writers of earlier incarnations left behind
   * (such as files in progress).
   */
  abandon?(context: SinkContext): Promise<void>;
}

/** What a runtime gives a sink: the clock, where relative paths begin, and who asks. */
export interface SinkContext {
  readonly clock: Clock;
  readonly baseFolder: string;
  readonly uid: string;
  readonly subtask: { readonly index: number; readonly parallelism: number };
  /** Raised on every restore: part of the names that a sink makes up. */
  readonly incarnation: number;
  /** Files as connectors see them; absent: those of this machine. */
  readonly files?: FileSystem;
  /** Where `stdout` writes; absent where the runtime has none. */
  readonly output?: TextOutput;
}

/** One subtask's end of a sink. It takes records without waiting; what it does with the world is awaited in `flush`. */
export interface SinkWriter<T = unknown, Committable = unknown> {
  write(value: T, timestamp: Timestamp): void;
  /** Sends what is buffered. A runtime awaits it when `buffered` is above its limit, at checkpoints and at the end. */
  flush(): Promise<void>;
  /** Bytes, or records, waiting; a writer without a buffer says 0. */
  readonly buffered: number;
  /** After `flush`: what this checkpoint is to commit. Absent: nothing to commit. */
  prepareCommit?(): Promise<readonly Committable[]>;
  close(): Promise<void>;
}
