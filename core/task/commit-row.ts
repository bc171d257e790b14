import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { HeldFrame } from './held-frames.ts';
import type { Outbox } from './outbox.ts';
import type { ProducerProgress } from './progress.ts';
import type { Sent } from './sent.ts';

/**
 * One row of a task's commit log: all that one step changed. `state(task, n)` is a function of the rows up to n alone (P1),
 * and whatever a step does, it does in one row (P3).
 *
 * What changes little is written only where it changed since the row before; a row that begins a base (`base.n` is its own
 * number) holds all of it, so that loading reads from there.
 */
export type CommitRow = {
  /**
   * `commit`: a batch or a part of one. `tick`: a timer or a look without data, whose outbox nobody gives again: the row
   * after it says that it left. `attempt`: nothing but the announcement that a batch is about to be tried. `seal`: the last
   * row of its log.
   */
  readonly kind: 'commit' | 'tick' | 'attempt' | 'seal';
  readonly n: number;
  /** The key groups of the task. */
  readonly range: KeyGroupRange;
  readonly position: Position;
  /** Since the row before. */
  readonly progress: readonly ProducerProgress[];
  /** The watermark that the task has acted on, and whether it told that it is idle. */
  readonly watermark: Timestamp;
  readonly idle: boolean;
  /** Of each operator, sink and exit of the stage's chain, in order, where it differs from the task's. */
  readonly nodeTimes: readonly NodeTime[];
  /** Destination stages whose last frames changed since the row before. */
  readonly sent: readonly Sent[];
  /** All rows up to here have left. */
  readonly publishedUpTo: number;
  /** The id of the last barrier; 0 before the first. */
  readonly barrier: number;
  readonly base: Base;
  /** When the task wants to run though no data comes; absent: never. */
  readonly wakeAt?: Timestamp;
  /** When it last took a record, by the clock: from here idleness is counted. */
  readonly activeAt: Timestamp;
  /** How many records whoever comes next will try at most, as each attempt may be its last; absent: it is not known. */
  readonly trying?: Trying;
  readonly payload: Payload;
};

/** What has been consumed: all up to a sequence number, and of what comes next so many records. */
export type Position = { readonly sequence?: string; readonly records: number };

export type NodeTime = { readonly place: number; readonly watermark: Timestamp; readonly idle: boolean };

/** `limit` records are tried at a time; this is the `attempt`-th time at this position and limit, from 1. */
export type Trying = { readonly limit: number; readonly attempt: number };

/** Where loading begins: the row of that number, and the state that it stands on. */
export type Base = {
  readonly n: number;
  /** Of the state's blocks; empty where the rows from `n` on are all there is. */
  readonly pointer: Uint8Array;
};

/** What takes room. Up to a threshold it is in the row; above, in an object that was written before it. */
export type Payload = {
  /** What the step changed in the operators' state. */
  readonly delta: Uint8Array;
  readonly outbox: Outbox;
  /** All frames that wait for one before them; absent: as in the row before. */
  readonly held?: readonly HeldFrame[];
};
