import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { ObjectStore } from '../port/object-store.ts';
import type { BasePointer } from '../state/block/base.ts';
import { TaskState } from '../state/block/task-state.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { Base, CommitRow, NodeTime, Position, Trying } from './commit-row.ts';
import type { FrameOrder } from './frame-order.ts';
import type { HeldFrame } from './held-frames.ts';
import type { Outbox } from './outbox.ts';
import type { ProducerProgress } from './progress.ts';
import type { RangeMap } from './range-map.ts';
import type { LastFrame } from './sent.ts';
import type { Trust } from './trust.ts';

/** What an instance remembers of a task: `state(task, n)`, and what has not left yet. */
export type TaskMemory = {
  /** The last row; -1 where there is none. */
  n: number;
  kind: CommitRow['kind'] | undefined;
  position: Position;
  time: TaskTime;
  nodeTimes: readonly NodeTime[];
  activeAt: Timestamp;
  readonly sent: Map<string, RangeMap<LastFrame>>;
  publishedUpTo: number;
  /** Oldest first. */
  unpublished: readonly { readonly n: number; readonly outbox: Outbox }[];
  base: Base;
  /** A base that was made and that no row carries yet. */
  nextBase: BasePointer | undefined;
  /** What the last row announces. */
  trying: Trying | undefined;
  /** This instance has committed since the task was loaded: it need not announce itself. */
  isProven: boolean;
  /** This instance has never announced itself for the task: whoever did before may have died of what comes next. */
  isNewHere: boolean;
  wakeAt: Timestamp | undefined;
  readonly order: FrameOrder;
  readonly state: TaskState;
  readonly trust: Trust;
};

/** The watermark that a task has acted on, and whether it said that it is idle. */
export type TaskTime = { readonly watermark: Timestamp; readonly idle: boolean };

export type MemoryOptions = {
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  readonly store: ObjectStore;
  readonly trust: Trust;
  readonly now: Timestamp;
  readonly isNewHere: boolean;
  /** Rows on a base, before it is folded anew. */
  readonly compactAfter?: number;
  /** What state may take in memory. */
  readonly stateBytes?: number;
  readonly orderOf: (progress: readonly ProducerProgress[], held: readonly HeldFrame[]) => FrameOrder;
};

const NO_BASE: Base = { n: 0, pointer: new Uint8Array() };

/** What the rows of a log make, from the last base on; without rows, a task that begins. */
export async function memoryOf(rows: readonly CommitRow[], options: MemoryOptions): Promise<TaskMemory> {
  const head = rows.at(-1);
  const base = head?.base ?? NO_BASE;
  const { store, trust, maxParallelism, compactAfter, stateBytes } = options;
  const range = { ...options.range, maxParallelism };
  const state = await TaskState.open({
    store,
    range,
    ...(compactAfter !== undefined && { compactAfter }),
    ...(stateBytes !== undefined && { cacheBytes: stateBytes }),
    bases: base.pointer.length === 0 ? [] : [decodeBase(base.pointer)],
  });
  const progress = new Map<string, ProducerProgress>();
  const sent = new Map<string, RangeMap<LastFrame>>();
  let held: readonly HeldFrame[] = [];
  // Rows were read from the base of an older head on; a row that came meanwhile may have begun another one.
  for (const row of rows.filter(({ n }) => n >= base.n)) {
    state.apply(row.payload.delta);
    for (const entry of row.progress) progress.set(entry.producer, entry);
    for (const { stage, frames } of row.sent) sent.set(stage, frames);
    held = row.payload.held ?? held;
  }
  const publishedUpTo = head?.publishedUpTo ?? -1;
  return {
    n: head?.n ?? -1,
    kind: head?.kind,
    position: head?.position ?? { records: 0 },
    time: { watermark: head?.watermark ?? MIN_TIMESTAMP, idle: head?.idle ?? false },
    nodeTimes: head?.nodeTimes ?? [],
    activeAt: head?.activeAt ?? options.now,
    sent,
    publishedUpTo,
    unpublished: rows.filter(({ n }) => n > publishedUpTo).map(({ n, payload: { outbox } }) => ({ n, outbox })),
    base,
    nextBase: undefined,
    trying: head?.trying,
    isProven: false,
    isNewHere: options.isNewHere,
    wakeAt: head?.wakeAt,
    order: options.orderOf([...progress.values()], held),
    state,
    trust,
  };
}

export function encodeBase(pointer: BasePointer): Uint8Array {
  return encodeValue(pointer);
}

function decodeBase(bytes: Uint8Array): BasePointer {
  return decodeValue(bytes) as BasePointer;
}
