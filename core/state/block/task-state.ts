import type { StateKey } from '../../codec/key.ts';
import { InvariantError } from '../../error/error.ts';
import type { ObjectStore } from '../../port/object-store.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { KeyGroupRange } from '../memory-backend.ts';
import type { StateBackend } from '../state-backend.ts';
import type { AbsentStateError } from './absent-state.ts';
import { BASE_FORMAT, type BasePointer } from './base.ts';
import { DeltaReader, DeltaWriter } from './delta.ts';
import type { Space, SpaceKind } from './space.ts';
import { TaskList } from './task-list.ts';
import { type Sequence, TaskTable } from './task-table.ts';
import { TaskTimers } from './task-timers.ts';

/** A put of an S3 object costs what eight write units cost: rows up to this size are no dearer. */
export const DEFAULT_INLINE_BYTES = 8 * 1024;
/** So many rows are read at a cold start at most; folding them costs one write in 64. */
export const COMPACT_AFTER_COMMITS = 64;

export type TaskStateOptions = {
  readonly store: ObjectStore;
  /** The key groups of the task. */
  readonly range: KeyGroupRange;
  /** Where it begins: nothing, its own last base, or those of its parents after a reshard. */
  readonly bases?: readonly BasePointer[];
  /** The task's place among those that its parents' state is shared out to; the only one unless said. */
  readonly share?: { readonly index: number; readonly parallelism: number };
  /** What state in memory may take, in bytes; 128 MiB unless said. */
  readonly cacheBytes?: number;
  /** A base up to this size is given to the caller as bytes and not put as an object; 8 KiB unless said. */
  readonly inlineBytes?: number;
};

/** What a batch is going to read: the keys, by the uid of the operator that they are selected for. */
export type Wanted = ReadonlyMap<string, readonly StateKey[]>;

/**
 * All keyed and operator state of one task: what the last commit says, and over it what has changed since.
 *
 * The operators of the task work on the backends that {@link backendOf} gives, synchronously. The task commits:
 *
 *     await state.prefetch(keys of the batch); run the operators; delta = state.takeDelta(); put the row; state.committed()
 *
 * 1. What is in memory and in rows and blocks together is `state(task, n)` (P1): it depends on the deltas alone, not on
 *    what was cached, when it was folded, or how often a part was run and discarded.
 * 2. After {@link discard} and {@link apply} operators are made anew: what they keep beside their state is void.
 * 3. An operator that reads what is not in memory gets an `AbsentStateError`; then: discard, {@link load}, run again.
 */
export class TaskState {
  readonly #options: TaskStateOptions;
  readonly #parts = new Map<string, Part>();
  readonly #sequence: Sequence = { next: 0 };
  #taken: { readonly delta: Uint8Array; readonly values: Uint8Array } | undefined;
  #commits = 0;

  private constructor(options: TaskStateOptions) {
    this.#options = options;
  }

  static async open(options: TaskStateOptions): Promise<TaskState> {
    const state = new TaskState(options);
    for (const base of options.bases ?? []) state.#applyTo(await manifestOf(base, options.store));
    return state;
  }

  /** The state of one operator, to be asked for when the operator is made, and again each time it is made anew. */
  backendOf(uid: string): StateBackend {
    const claimed = new Set<string>();
    const part = <P extends Part>(space: Space, make: () => P): P => {
      const id = idOf(space);
      if (claimed.has(id)) {
        throw new InvariantError(`two states of operator "${uid}" are named "${space.name}"; give each its own name`);
      }
      claimed.add(id);
      return this.#part(space, make) as P;
    };
    return {
      table: (descriptor) => {
        const space: Space = { kind: 'table', uid, name: descriptor.name };
        const table = part(space, () => new TaskTable<never>(space, this.#sequence));
        table.describe(descriptor as never);
        return table as never;
      },
      timers: (name, domain) => {
        const space: Space = { kind: domain === 'event' ? 'event timers' : 'processing timers', uid, name };
        return part(space, () => new TaskTimers(space));
      },
      list: (descriptor, distribution) => {
        const space: Space = { kind: 'list', uid, name: descriptor.name };
        const list = part(space, () => new TaskList<never>(space));
        list.describe(descriptor as never, distribution);
        return list as never;
      },
    };
  }

  /** What changed since the last commit, and nothing else; empty where nothing did. */
  takeDelta(): Uint8Array {
    const out = new DeltaWriter();
    for (const part of this.#parts.values()) part.writeDelta(out);
    this.#taken = out.finish();
    return this.#taken.delta;
  }

  /** The row with the delta that was taken last is written; `base` if it carried what {@link compact} gave. */
  committed(base?: BasePointer): void {
    if (this.#taken === undefined) throw new InvariantError('a commit without a delta taken');
    for (const part of this.#parts.values()) part.committed(this.#taken.values);
    this.#taken = undefined;
    this.#commits = base === undefined ? this.#commits + 1 : 1;
  }

  /** Back to the last commit. */
  discard(): void {
    for (const part of this.#parts.values()) part.discard();
    this.#taken = undefined;
  }

  /** Takes what another attempt has committed, row by row. Nothing may have changed here. */
  apply(delta: Uint8Array): void {
    if (this.takeDelta().length > 0) throw new InvariantError('a delta is applied over changes; discard them first');
    this.#taken = undefined;
    this.#applyTo(delta);
    this.#commits++;
  }

  /** Whether it is time to fold the deltas since the last base into a new one. */
  get wantsCompaction(): boolean {
    return this.#commits >= COMPACT_AFTER_COMMITS;
  }

  /**
   * Folds all that is committed into a new base, to be called between commits. The next row carries what it gives; nothing
   * of it counts before. Objects are put under `prefix`, which no other attempt ever uses.
   */
  async compact(prefix: string): Promise<BasePointer> {
    if (this.takeDelta().length > 0) throw new InvariantError('a base is made between commits, not over changes');
    this.#taken = undefined;
    const out = new DeltaWriter();
    for (const part of this.#parts.values()) part.writeAll(out);
    const { delta } = out.finish();
    const { store, inlineBytes = DEFAULT_INLINE_BYTES } = this.#options;
    if (delta.length <= inlineBytes) return { format: BASE_FORMAT, manifest: { kind: 'inline', bytes: delta } };
    const name = `${prefix}/base`;
    await store.put(name, delta);
    return { format: BASE_FORMAT, manifest: { kind: 'object', name, length: delta.length } };
  }

  /** Loads what an operator did not find. */
  async load(_error: AbsentStateError): Promise<void> {}

  /**
   * Loads all that these keys have, so that a batch of them reads nothing that is absent.
   *
   * @returns false where it does not all fit the cache at once: take fewer keys
   */
  async prefetch(_wanted: Wanted): Promise<boolean> {
    return true;
  }

  /**
   * Loads the timers that are due at these times, and what their keys have.
   *
   * @returns how far that went: give the operators no later watermark (or time) before the next call
   */
  async prefetchTimers(due: Due): Promise<Due> {
    return due;
  }

  #part(space: Space, make: () => Part): Part {
    const id = idOf(space);
    let part = this.#parts.get(id);
    if (part === undefined) {
      part = make();
      this.#parts.set(id, part);
    }
    return part;
  }

  #applyTo(delta: Uint8Array): void {
    if (delta.length === 0) return;
    const from = new DeltaReader(delta);
    for (let space = from.next(); space !== undefined; space = from.next()) {
      const found = space;
      this.#part(found, () => newPart(found, this.#sequence)).applyDelta(from);
    }
  }
}

export type Due = { readonly eventTime: Timestamp; readonly processingTime: Timestamp };

interface Part {
  writeDelta(out: DeltaWriter): void;
  writeAll(out: DeltaWriter): void;
  applyDelta(from: DeltaReader): void;
  committed(values: Uint8Array): void;
  discard(): void;
}

function newPart(space: Space, sequence: Sequence): Part {
  switch (space.kind) {
    case 'table':
      return new TaskTable(space, sequence);
    case 'list':
      return new TaskList(space);
    default:
      return new TaskTimers(space);
  }
}

function idOf({ kind, uid, name }: { readonly kind: SpaceKind; readonly uid: string; readonly name: string }): string {
  return `${kind}\u0000${uid}\u0000${name}`;
}

async function manifestOf({ manifest }: BasePointer, store: ObjectStore): Promise<Uint8Array> {
  if (manifest.kind === 'inline') return manifest.bytes;
  const bytes = await store.get(manifest.name);
  if (bytes === undefined) throw new InvariantError(`the base ${manifest.name} is gone`);
  return bytes;
}
