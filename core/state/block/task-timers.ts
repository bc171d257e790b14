import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { StateKey } from '../../codec/key.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { MemoryTimerQueue } from '../memory-timer-queue.ts';
import type { TimerSnapshot } from '../state-backend.ts';
import type { Namespace } from '../state-table.ts';
import { NEVER, type Timer, type TimerQueue } from '../timer-queue.ts';
import { type AbsentState, AbsentStateError } from './absent-state.ts';
import { readAtom, writeAtom } from './atom.ts';
import type { SpaceSizes } from './base.ts';
import type { Entry } from './block.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import { divisionNumber, partsOf } from './entry-key.ts';
import type { FreshEntries } from './fresh.ts';
import { ABSENT, type Needs } from './run-stack.ts';
import type { Space } from './space.ts';
import type { SpaceBase } from './space-base.ts';
import type { Progress } from './table-cells.ts';

/** What a timer takes in memory, about. */
const TIMER_BYTES = 200;

/**
 * A timer queue of a task: the timers in memory, those set and removed since the last commit and since the last base, and
 * the base.
 *
 * 1. All timers up to `#horizon` are in memory; of later ones, those that rows since the base set.
 * 2. A timer removed and then set again is in both: what was removed is applied first, so it comes behind those that were
 *    set meanwhile, here and after a restore.
 * 3. Before the first removal at a time, the timers of that time are copied, so that `discard` puts them back in order.
 */
export class TaskTimers implements TimerQueue {
  readonly space: Space;
  readonly hasText = false;
  readonly #progress: Progress;
  #timers = new MemoryTimerQueue();
  #added = new MemoryTimerQueue();
  #removed = new MemoryTimerQueue();
  #before = new Map<Timestamp, readonly Timer[]>();
  #recentlyAdded = new MemoryTimerQueue();
  #recentlyRemoved = new MemoryTimerQueue();
  #base: SpaceBase | undefined;
  #horizon: Timestamp = NEVER;
  /** How many there are behind the horizon that are not in memory; about, where some were set twice. */
  #unloaded = 0;

  constructor(space: Space, progress: Progress) {
    this.space = space;
    this.#progress = progress;
  }

  /** Not after the earliest timer: where that is not in memory, the moment after what is. */
  get nextAt(): Timestamp {
    const { nextAt } = this.#timers;
    return nextAt <= this.#horizon || this.#horizon === NEVER ? nextAt : this.#horizon + 1;
  }

  get size(): number {
    return this.#timers.size + this.#unloaded;
  }

  get bytes(): number {
    return this.#timers.size * TIMER_BYTES;
  }

  /** Up to when all timers are in memory. */
  get horizon(): Timestamp {
    return this.#horizon;
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
    if (this.#timers.size < size || at > this.#horizon) this.#noteRemoval(at, key, namespace);
  }

  poll(limit: Timestamp): Timer | undefined {
    const at = this.#timers.nextAt;
    if (at > Math.min(limit, this.#horizon)) {
      if (limit > this.#horizon) this.#need(limit);
      return this.#timers.nextAt > limit ? undefined : this.poll(limit);
    }
    this.#keep(at);
    const timer = this.#timers.poll(at);
    if (timer !== undefined) this.#noteRemoval(timer.at, timer.key, timer.namespace);
    return timer;
  }

  all(): Iterable<Timer> {
    if (this.#horizon < NEVER) this.#need(NEVER);
    return this.#timers.all();
  }

  /** As plain data. @throws AbsentStateError where not all is in memory */
  snapshot(): TimerSnapshot {
    const { name, kind } = this.space;
    const entries = [...this.all()].map(({ at, key, namespace }) => [at, key, namespace] as const);
    return { name, domain: kind === 'event timers' ? 'event' : 'processing', entries };
  }

  writeDelta(out: DeltaWriter): void {
    if (this.#added.size === 0 && this.#removed.size === 0) return;
    out.begin(this.space);
    writeTimers(out, this.#removed);
    writeTimers(out, this.#added);
  }

  applyDelta(from: DeltaReader): void {
    for (const { at, key, namespace } of readTimers(from)) {
      this.#timers.delete(at, key, namespace);
      this.#settleRemoval(at, key, namespace);
    }
    for (const { at, key, namespace } of readTimers(from)) {
      this.#timers.set(at, key, namespace);
      this.#recentlyAdded.set(at, key, namespace);
    }
  }

  committed(): void {
    for (const { at, key, namespace } of this.#removed.all()) this.#settleRemoval(at, key, namespace);
    for (const { at, key, namespace } of this.#added.all()) this.#recentlyAdded.set(at, key, namespace);
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

  writeFresh(out: FreshEntries): void {
    for (const { at, key, namespace } of this.#recentlyRemoved.all()) {
      if (!this.#recentlyAdded.has(at, key, namespace)) out.timer(at, key, namespace, undefined);
    }
    for (const { at, key, namespace } of this.#recentlyAdded.all()) {
      out.timer(at, key, namespace, this.#progress.sequence++);
    }
  }

  sizes(): SpaceSizes['sizes'] {
    return this.size > 0 ? [['', this.size]] : [];
  }

  adopt(base: SpaceBase): void {
    this.#base = base;
    if (this.#recentlyAdded.size > 0) this.#recentlyAdded = new MemoryTimerQueue();
    if (this.#recentlyRemoved.size > 0) this.#recentlyRemoved = new MemoryTimerQueue();
  }

  open(base: SpaceBase, { sizes }: SpaceSizes): void {
    this.#base = base;
    this.#horizon = Number.NEGATIVE_INFINITY;
    for (const [, size] of sizes) this.#unloaded += size;
  }

  setWhole(): void {
    this.#horizon = NEVER;
    this.#unloaded = 0;
  }

  take(absent: AbsentState, needs: Needs): void {
    if (absent.kind !== 'timers' || absent.upTo <= this.#horizon || this.#base === undefined) return;
    const found = this.#base.between(this.#horizon, absent.upTo, needs);
    if (found === ABSENT) return;
    this.#takeAll(found, absent.upTo);
    if (this.#isLast(this.#base, absent.upTo)) this.setWhole();
  }

  /** Of the base, at the opening of a task; more may follow. */
  takeEntry({ key }: Entry): void {
    const { order = 0, key: of, rest = '' } = partsOf(key);
    this.#timers.set(order, of, rest);
  }

  /** How far to load towards `limit`, so that it takes no more than so many bytes of blocks, or one moment. */
  reach(limit: Timestamp, maxBytes: number, needs: Needs): Timestamp {
    if (this.#base === undefined || limit <= this.#horizon) return this.#horizon;
    const blocks = this.#base.blocksBetween(this.#horizon, limit, needs);
    if (blocks === ABSENT) return this.#horizon;
    let bytes = 0;
    for (const { key, rawBytes } of blocks) {
      bytes += rawBytes;
      const before = (divisionNumber(key) ?? limit) - 1;
      if (bytes > maxBytes && before > this.#horizon) return before;
    }
    return limit;
  }

  /** The keys of the timers in memory that are due. */
  dueKeys(limit: Timestamp): readonly { readonly at: Timestamp; readonly key: StateKey }[] {
    return [...this.#timers.all()].filter(({ at }) => at <= limit).sort((left, right) => left.at - right.at);
  }

  #need(upTo: Timestamp): void {
    const absent: AbsentState = { kind: 'timers', uid: this.space.uid, name: this.space.name, upTo };
    const needs: Needs = [];
    this.take(absent, needs);
    if (needs.length > 0) throw new AbsentStateError(absent);
  }

  /** Those of the base were set before those that are in memory and later than the horizon. */
  #takeAll(entries: readonly Entry[], upTo: Timestamp): void {
    const later = this.#pollAll(upTo);
    const taken = entries.map(({ key, sequence }) => ({ ...partsOf(key), sequence }));
    taken.sort((left, right) => (left.order ?? 0) - (right.order ?? 0) || left.sequence - right.sequence);
    for (const { order = 0, key, rest = '' } of taken) {
      if (this.#recentlyRemoved.has(order, key, rest) || this.#removed.has(order, key, rest)) continue;
      this.#timers.set(order, key, rest);
    }
    for (const { at, key, namespace } of later) this.#timers.set(at, key, namespace);
    this.#unloaded = upTo === NEVER ? 0 : Math.max(0, this.#unloaded - taken.length);
    this.#horizon = upTo;
  }

  #pollAll(limit: Timestamp): readonly Timer[] {
    const polled: Timer[] = [];
    for (let timer = this.#timers.poll(limit); timer !== undefined; timer = this.#timers.poll(limit))
      polled.push(timer);
    return polled;
  }

  /** Whether the base is known to have none later; that is not worth a read. */
  #isLast(base: SpaceBase, upTo: Timestamp): boolean {
    const blocks = base.blocksBetween(upTo, NEVER, []);
    if (blocks === ABSENT || blocks.length > base.stack.runs.length) return false;
    const found = base.between(upTo, NEVER, []);
    return found !== ABSENT && found.length === 0;
  }

  #settleRemoval(at: Timestamp, key: StateKey, namespace: Namespace): void {
    this.#recentlyAdded.delete(at, key, namespace);
    if (this.#base !== undefined) this.#recentlyRemoved.set(at, key, namespace);
  }

  /** Remembers the committed timers of a time, before one of them goes. */
  #keep(at: Timestamp): void {
    if (this.#before.has(at)) return;
    const committed = [...this.#timers.allAt(at)].filter(({ key, namespace }) => !this.#added.has(at, key, namespace));
    this.#before.set(at, committed);
  }

  #noteRemoval(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const { size } = this.#added;
    this.#added.delete(at, key, namespace);
    if (this.#added.size === size || at > this.#horizon) this.#removed.set(at, key, namespace);
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
