import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { StateKey } from '../../codec/key.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { MemoryTimerQueue } from '../memory-timer-queue.ts';
import type { Namespace } from '../state-table.ts';
import type { Timer, TimerQueue } from '../timer-queue.ts';
import { readAtom, writeAtom } from './atom.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import type { Space } from './space.ts';

/**
 * A timer queue of a task: the timers in memory, and those set and removed since the last commit.
 *
 * 1. A timer removed and then set again is in both: what was removed is applied first, so it comes behind those that were
 *    set meanwhile, here and after a restore.
 * 2. Before the first removal at a time, the timers of that time are copied, so that `discard` puts them back in order.
 */
export class TaskTimers implements TimerQueue {
  readonly space: Space;
  #timers = new MemoryTimerQueue();
  #added = new MemoryTimerQueue();
  #removed = new MemoryTimerQueue();
  #before = new Map<Timestamp, readonly Timer[]>();

  constructor(space: Space) {
    this.space = space;
  }

  get nextAt(): Timestamp {
    return this.#timers.nextAt;
  }

  get size(): number {
    return this.#timers.size;
  }

  set(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const { size } = this.#timers;
    this.#timers.set(at, key, namespace);
    if (this.#timers.size > size) this.#added.set(at, key, namespace);
  }

  delete(at: Timestamp, key: StateKey, namespace: Namespace): void {
    this.#keep(at);
    const { size } = this.#timers;
    this.#timers.delete(at, key, namespace);
    if (this.#timers.size < size) this.#noteRemoval(at, key, namespace);
  }

  poll(limit: Timestamp): Timer | undefined {
    const at = this.#timers.nextAt;
    if (at > limit) return undefined;
    this.#keep(at);
    const timer = this.#timers.poll(limit);
    if (timer !== undefined) this.#noteRemoval(timer.at, timer.key, timer.namespace);
    return timer;
  }

  all(): Iterable<Timer> {
    return this.#timers.all();
  }

  writeDelta(out: DeltaWriter): void {
    if (this.#added.size === 0 && this.#removed.size === 0) return;
    out.begin(this.space);
    writeTimers(out, this.#removed);
    writeTimers(out, this.#added);
  }

  /** All timers, as of the last commit. */
  writeAll(out: DeltaWriter): void {
    if (this.#timers.size === 0) return;
    out.begin(this.space);
    writeTimers(out, new MemoryTimerQueue());
    writeTimers(out, this.#timers);
  }

  applyDelta(from: DeltaReader): void {
    for (const timer of readTimers(from)) this.#timers.delete(timer.at, timer.key, timer.namespace);
    for (const timer of readTimers(from)) this.#timers.set(timer.at, timer.key, timer.namespace);
  }

  committed(): void {
    this.#settled();
  }

  discard(): void {
    for (const { at, key, namespace } of this.#added.all()) this.#timers.delete(at, key, namespace);
    for (const [at, timers] of this.#before) {
      for (const { key, namespace } of [...this.#timers.allAt(at)]) this.#timers.delete(at, key, namespace);
      for (const { key, namespace } of timers) this.#timers.set(at, key, namespace);
    }
    this.#settled();
  }

  /** Remembers the committed timers of a time, before one of them goes. */
  #keep(at: Timestamp): void {
    if (this.#before.has(at)) return;
    const isNew =
      this.#added.size === 0 ? () => false : (timer: Timer) => this.#added.has(at, timer.key, timer.namespace);
    this.#before.set(
      at,
      [...this.#timers.allAt(at)].filter((timer) => !isNew(timer)),
    );
  }

  #noteRemoval(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const { size } = this.#added;
    this.#added.delete(at, key, namespace);
    if (this.#added.size === size) this.#removed.set(at, key, namespace);
  }

  #settled(): void {
    if (this.#added.size > 0) this.#added = new MemoryTimerQueue();
    if (this.#removed.size > 0) this.#removed = new MemoryTimerQueue();
    if (this.#before.size > 0) this.#before = new Map();
  }
}

function writeTimers({ parts }: DeltaWriter, timers: MemoryTimerQueue): void {
  parts.varint(timers.size);
  for (const { at, key, namespace } of timers.all()) {
    writeAtom(parts, at);
    writeAtom(parts, key);
    writeAtom(parts, namespace);
  }
}

function* readTimers({ parts }: DeltaReader): Iterable<Timer> {
  for (let left = parts.varint(); left > 0; left--) {
    const at = readAtom(parts);
    const key = readAtom(parts);
    const namespace = readAtom(parts);
    if (typeof at !== 'number' || typeof namespace === 'boolean')
      throw new CorruptBytesError('a timer is not well formed');
    yield { at, key, namespace };
  }
}
