import type { StateSnapshot } from '../state/state-backend.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * A checkpoint: one consistent cut through a running job (Chandy and Lamport, 1985).
 *
 * 1. It holds the position of every split, the state of every operator and what the sinks have prepared, all after the
 *    same records: no record before the cut is missing from it, none behind it is in it.
 * 2. It is complete exactly if its manifest is there; the parts are written before.
 * 3. Its parts name no thread and no file of the machine that wrote it: it can be restored elsewhere, at another
 *    parallelism.
 */
export type Manifest = {
  readonly format: typeof CHECKPOINT_FORMAT;
  /** Counted up through a job's life, restarts included. */
  readonly id: number;
  /** `end`: the input had ended; there is nothing left to run. */
  readonly kind: 'checkpoint' | 'savepoint' | 'end';
  readonly job: string;
  readonly maxParallelism: number;
  /** Raised on every start of the job, restored or not. */
  readonly incarnation: number;
  readonly at: Timestamp;
  readonly parts: readonly PartEntry[];
};

/** Where a part is, and how to tell that it is whole. */
export type PartEntry = { readonly name: string; readonly bytes: number; readonly crc32: number };

export const CHECKPOINT_FORMAT = 1;

/** What one subtask holds at the cut. */
export type SubtaskSnapshot = {
  readonly sources: readonly SourceSnapshot[];
  readonly operators: readonly OperatorSnapshot[];
  readonly sinks: readonly SinkSnapshot[];
};

export type SourceSnapshot = {
  readonly uid: string;
  readonly watermark: Timestamp;
  readonly splits: readonly SplitSnapshot[];
};

export type SplitSnapshot = {
  readonly id: string;
  readonly split: unknown;
  /** Absent: not begun. */
  readonly position?: unknown;
  /** Of the split alone: splits are read on in the order in which they would have been. Absent: no event time. */
  readonly watermark?: Timestamp;
  readonly ended: boolean;
};

export type OperatorSnapshot = {
  readonly uid: string;
  readonly watermark: Timestamp;
  readonly state: StateSnapshot;
};

export type SinkSnapshot = { readonly uid: string; readonly committables: readonly unknown[] };

/** A checkpoint read back. */
export type RestoredCheckpoint = { readonly manifest: Manifest; readonly subtasks: readonly SubtaskSnapshot[] };
