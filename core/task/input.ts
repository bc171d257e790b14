import type { Wanted } from '../state/block/task-state.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { TaskTime } from './task-memory.ts';

/** An entry of the shard that a task reads. */
export type InputEntry = { readonly sequence: string; readonly bytes: Uint8Array; readonly arrival?: Timestamp };

/**
 * How much of an entry is handled: not the first `skip` records, which a part before this one has applied, then at most
 * `limit`. Where `blamed` is said, the first of them is not handled but sent to the dead letters with that reason.
 */
export type Share = { readonly skip: number; readonly limit: number; readonly blamed?: string };

export const WHOLE: Share = { skip: 0, limit: Number.POSITIVE_INFINITY };

/**
 * What was done with an entry: whether all of its records are applied now, else how many; and how many were handled, those
 * not counted that were skipped.
 */
export type Taken = { readonly records: number; readonly complete: boolean; readonly handled: number };

/** Turns entries into records of the stage's chain. */
export interface TaskInput {
  take(entry: InputEntry, share: Share): Taken;
  /**
   * Lets time go on from where it stands, as far as what was taken says and `reach` allows, which is asked how far the state
   * at hand does; timers fire.
   */
  advance(time: TaskTime, reach: (watermark: Timestamp) => Promise<Timestamp>): Promise<TaskTime>;
  /** What these entries will ask the head's state for. Absent: nothing is kept by key. */
  wantedBy?(entries: readonly InputEntry[]): Wanted;
  /** Whether what was taken says that time is to go on from where it stands. */
  isBehind(time: TaskTime): boolean;
  /** Of a source: nothing came for so long that nobody should wait for it. */
  becomeIdle?(): void;
}

/** Counts the records of an entry, so that a share of them is handled. Records come in the same order every time. */
export class ShareCounter {
  readonly #share: Share;
  #count = 0;

  constructor(share: Share) {
    this.#share = share;
  }

  /** What to do with the next record. */
  next(): 'skip' | 'handle' | 'blame' | 'stop' {
    const { skip, limit, blamed } = this.#share;
    if (this.#count >= skip + limit) return 'stop';
    this.#count++;
    if (this.#count <= skip) return 'skip';
    return blamed !== undefined && this.#count === skip + 1 ? 'blame' : 'handle';
  }

  /** Why the first one is not handled. */
  get blamed(): string {
    return this.#share.blamed ?? '';
  }

  /** What was done, once the records were asked for. */
  taken(complete: boolean): Taken {
    return {
      complete,
      records: complete ? 0 : this.#count,
      handled: Math.max(0, this.#count - this.#share.skip),
    };
  }
}

/** Sequence numbers are decimal numbers without leading zeros, or all of one length. */
export function isAfter(sequence: string, position: string | undefined): boolean {
  if (position === undefined) return true;
  return sequence.length === position.length ? sequence > position : sequence.length > position.length;
}
