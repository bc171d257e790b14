import type { StateKey } from '../../codec/key.ts';
import { InvariantError, JobSpecError } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { StateBackend, StateSnapshot } from '../state-backend.ts';
import type { AbsentState, AbsentStateError } from './absent-state.ts';
import { BASE_FORMAT, type BasePointer, encodeManifest, type Manifest, rawBytesOf } from './base.ts';
import { type BlockCache, weightOf } from './block-cache.ts';
import { fold } from './compaction.ts';
import { DeltaReader, DeltaWriter } from './delta.ts';
import { FreshEntries } from './fresh.ts';
import { loadNeeds } from './load-needs.ts';
import { openedParts } from './open-parts.ts';
import { idOf, type Parts } from './parts.ts';
import { type Needs, RunStack } from './run-stack.ts';
import { type Space, spaceId } from './space.ts';
import { SpaceBase } from './space-base.ts';
import { runSteps, type Steps } from './steps.ts';
import { type TaskStateOptions, withDefaults } from './task-state-options.ts';
import type { TaskTimers } from './task-timers.ts';

/** What a batch is going to read: the keys, by the uid of the operator that they are selected for. */
export type Wanted = ReadonlyMap<string, readonly StateKey[]>;

/** The event time and the processing time up to which timers are to fire. */
export type Due = { readonly eventTime: Timestamp; readonly processingTime: Timestamp };

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
  readonly #options: Required<TaskStateOptions>;
  readonly #parts: Parts;
  readonly #cache: BlockCache;
  #stack: RunStack;
  #taken: { readonly delta: Uint8Array; readonly values: Uint8Array } | undefined;
  /** Of rows since the base, their count and the bytes of their deltas. */
  #rows = 0;
  #rowBytes = 0;
  #folded: { readonly pointer: BasePointer; readonly manifest: Manifest } | undefined;

  private constructor(options: Required<TaskStateOptions>, parts: Parts, stack: RunStack) {
    this.#options = options;
    this.#parts = parts;
    this.#stack = stack;
    this.#cache = stack.cache;
  }

  /** @throws InvariantError where an object of a base is gone; CorruptBytesError where one is damaged */
  static open(options: TaskStateOptions): Promise<TaskState> {
    return runSteps(TaskState.opening(options), options.store);
  }

  /** {@link open} as steps. */
  static *opening(given: TaskStateOptions): Steps<TaskState> {
    const options = withDefaults(given);
    const { parts, stack } = yield* openedParts(options);
    return new TaskState(options, parts, stack);
  }

  /** The state of one operator, to be asked for when the operator is made, and again each time it is made anew. */
  backendOf(uid: string): StateBackend {
    const claimed = new Set<string>();
    const claim = (space: Space): Space => {
      if (claimed.has(idOf(space))) {
        throw new InvariantError(
          `two states of one operator are named "${space.name}", in "${uid}"; give each its own name`,
        );
      }
      claimed.add(idOf(space));
      this.#parts.claim(this.#parts.of(space));
      return space;
    };
    return {
      table: (descriptor) => {
        const table = this.#parts.table(claim({ kind: 'table', uid, name: descriptor.name }));
        table.describe(descriptor as never);
        return table as never;
      },
      timers: (name, domain) =>
        this.#parts.timers(claim({ kind: domain === 'event' ? 'event timers' : 'processing timers', uid, name })),
      list: (descriptor, distribution) => {
        const list = this.#parts.list(claim({ kind: 'list', uid, name: descriptor.name }));
        list.describe(descriptor as never, distribution);
        return list as never;
      },
    };
  }

  /** What changed since the last commit, and nothing else; empty where nothing did. */
  takeDelta(): Uint8Array {
    const out = new DeltaWriter();
    for (const part of this.#parts.all()) part.writeDelta(out);
    this.#taken = out.finish();
    return this.#taken.delta;
  }

  /** The row with the delta that was taken last is written; with `base`, if it carried what {@link compact} gave. */
  committed(base?: BasePointer): void {
    if (this.#taken === undefined) throw new InvariantError('a commit without a delta taken');
    const { delta, values } = this.#taken;
    if (base !== undefined) this.#adopt(base);
    for (const part of this.#parts.all()) part.committed(values);
    this.#counted(delta);
    this.#evict();
  }

  /** Back to the last commit. */
  discard(): void {
    for (const part of this.#parts.all()) part.discard();
    this.#taken = undefined;
  }

  /**
   * Takes what another attempt has committed, row by row. Nothing may have changed here. (A row that carries a new base is
   * a reason to open the state anew: the objects of the old one will go.)
   */
  apply(delta: Uint8Array): void {
    if (this.takeDelta().length > 0) throw new InvariantError('a delta is applied over changes; discard them first');
    if (delta.length > 0) {
      const from = new DeltaReader(delta);
      for (let space = from.next(); space !== undefined; space = from.next()) this.#parts.of(space).applyDelta(from);
    }
    this.#counted(delta);
  }

  /** Whether it is time to fold what the rows since the last base say into a new one. */
  get wantsCompaction(): boolean {
    const { compactAfter, cacheBytes } = this.#options;
    return this.#rows >= compactAfter || this.#rowBytes >= cacheBytes / 4 || this.#parts.recentBytes >= cacheBytes / 2;
  }

  /**
   * Folds all that is committed into a new base, to be called between commits. The next row carries what it gives; nothing
   * of it counts before. Objects are put under `prefix`, which no other attempt ever uses.
   */
  compact(prefix: string): Promise<BasePointer> {
    return runSteps(this.compacting(prefix), this.#options.store);
  }

  /** {@link compact} as steps. */
  *compacting(prefix: string): Steps<BasePointer> {
    if (this.takeDelta().length > 0) throw new InvariantError('a base is made between commits, not over changes');
    const { range, inlineBytes } = this.#options;
    this.#cache.trim(0);
    let objects = 0;
    const nextName = (): string => `${prefix}/${objects++}`;
    const runs = yield* fold(this.#fresh(), this.#stack.refs, {
      ...this.#options,
      nextName,
      expiring: this.#parts.expiring(),
    });
    const spaces = [...this.#parts.all()].map((part) => ({
      ...part.space,
      sizes: part.sizes(),
      hasText: part.hasText,
    }));
    const manifest = { range, sequence: this.#parts.progress.sequence, spaces, runs };
    const bytes = encodeManifest(manifest);
    let place: BasePointer['manifest'] = { kind: 'inline', bytes };
    if (bytes.length > 2 * inlineBytes) {
      place = { kind: 'object', name: `${prefix}/manifest`, length: bytes.length };
      yield { kind: 'put', name: place.name, bytes };
    }
    const pointer: BasePointer = { format: BASE_FORMAT, manifest: place };
    this.#folded = { pointer, manifest };
    return pointer;
  }

  /** Loads what an operator did not find. */
  load(error: AbsentStateError): Promise<void> {
    return runSteps(this.loading(error.absent), this.#options.store);
  }

  /**
   * {@link load} as steps.
   *
   * @throws JobSpecError where it does not fit the cache
   */
  *loading(absent: AbsentState): Steps<void> {
    const parts = this.#parts.named(absent);
    const { cacheBytes } = this.#options;
    const before = this.#cache.bytes;
    for (;;) {
      const needs: Needs = [];
      for (const part of parts) part.take(absent, needs);
      if (needs.length === 0) break;
      const bytes = needs.reduce((sum, need) => sum + weightOf(need), this.#cache.bytes - before);
      if (bytes > cacheBytes) throw tooLarge(absent, cacheBytes);
      yield* loadNeeds(needs, this.#cache, cacheBytes);
    }
    this.#cache.trim();
  }

  /**
   * Loads all that these keys have, so that a batch of them reads nothing that is absent.
   *
   * @returns false where it does not all fit the cache at once: take fewer keys
   */
  prefetch(wanted: Wanted): Promise<boolean> {
    return runSteps(this.prefetching(wanted), this.#options.store);
  }

  /** {@link prefetch} as steps. */
  *prefetching(wanted: Wanted): Steps<boolean> {
    const { blockBytes, range } = this.#options;
    const atOnce = Math.max(1, Math.floor(this.#cache.limit / blockBytes));
    let pending = this.#parts.wanted(wanted, range.maxParallelism).map((each) => ({ ...each, isAgain: false }));
    while (pending.length > 0) {
      const needs: Needs = [];
      const waiting: typeof pending = [];
      for (const each of pending) {
        if (needs.length >= atOnce) waiting.push(each);
        else if (!each.table.takeKey(each.key, needs, each.isAgain)) waiting.push({ ...each, isAgain: true });
      }
      pending = waiting;
      if (!this.#hasRoom()) return false;
      this.#cache.trim();
      if (needs.length > 0) yield* loadNeeds(needs, this.#cache, this.#cache.limit);
    }
    this.#cache.trim();
    return true;
  }

  /**
   * Loads the timers that are due at these times, and what their keys have.
   *
   * @returns how far that went: give the operators no later watermark (or time) before the next commit and call
   */
  prefetchTimers(due: Due): Promise<Due> {
    return runSteps(this.prefetchingTimers(due), this.#options.store);
  }

  /** {@link prefetchTimers} as steps. */
  *prefetchingTimers(due: Due): Steps<Due> {
    const eventTime = yield* this.#reach('event timers', due.eventTime);
    const processingTime = yield* this.#reach('processing timers', due.processingTime);
    return { eventTime, processingTime };
  }

  /**
   * The state of one operator as plain data, as a savepoint has it.
   *
   * @throws AbsentStateError where not all of it is in memory: load it, and call again
   */
  snapshotOf(uid: string): StateSnapshot {
    return this.#parts.snapshotOf(uid);
  }

  /** State that no operator has asked for: the new version of the job would lose it. */
  unclaimed(): readonly Space[] {
    return this.#parts.unclaimed();
  }

  /** For metrics: cells and timers, and about what takes memory. */
  get size(): { readonly entries: number; readonly bytes: number; readonly baseBytes: number } {
    const baseBytes = this.#stack.refs.reduce((sum, run) => sum + rawBytesOf(run), 0);
    return { entries: this.#parts.entries, bytes: this.#parts.bytes + this.#cache.bytes, baseBytes };
  }

  *#reach(kind: 'event timers' | 'processing timers', limit: Timestamp): Steps<Timestamp> {
    let reached = limit;
    for (const timers of this.#parts.timersOf(kind)) {
      reached = Math.min(reached, yield* this.#loadTimers(timers, reached));
    }
    for (const timers of this.#parts.timersOf(kind)) reached = yield* this.#prefetchDue(timers, reached);
    return reached;
  }

  *#loadTimers(timers: TaskTimers, limit: Timestamp): Steps<Timestamp> {
    const { uid, name } = timers.space;
    for (;;) {
      const needs: Needs = [];
      const upTo = timers.reach(limit, this.#cache.limit / 4, needs);
      if (needs.length === 0) {
        yield* this.loading({ kind: 'timers', uid, name, upTo });
        return Math.min(limit, timers.horizon);
      }
      yield* loadNeeds(needs, this.#cache, this.#cache.limit);
    }
  }

  /** What the keys of due timers have; of fewer where it does not fit. */
  *#prefetchDue(timers: TaskTimers, limit: Timestamp): Steps<Timestamp> {
    const { uid } = timers.space;
    if (this.#parts.isWhole(uid)) return limit;
    let due = timers.dueKeys(limit);
    let reached = limit;
    while (due.length > 0 && !(yield* this.prefetching(new Map([[uid, due.map(({ key }) => key)]])))) {
      const half = due[due.length >> 1] as { readonly at: Timestamp };
      const isOneMoment = half.at === due[0]?.at;
      if (isOneMoment) throw tooLarge({ ...timers.space, kind: 'timers', upTo: half.at }, this.#options.cacheBytes);
      reached = half.at - 1;
      due = timers.dueKeys(reached);
    }
    return reached;
  }

  /** Whether what a batch has taken so far fits, if need be without what batches before it left. */
  #hasRoom(): boolean {
    const limit = this.#options.cacheBytes / 2 + this.#parts.recentBytes;
    if (this.#parts.bytes > limit) this.#parts.evictBefore(this.#parts.progress.commits);
    return this.#parts.bytes <= limit;
  }

  #fresh() {
    const fresh = new FreshEntries(this.#options.range);
    for (const part of this.#parts.all()) {
      const id = spaceId(part.space);
      fresh.begin(id, new SpaceBase(this.#stack, id, this.#options.range.maxParallelism));
      part.writeFresh(fresh);
    }
    return fresh.finish();
  }

  #adopt(base: BasePointer): void {
    if (this.#folded?.pointer !== base) {
      throw new InvariantError('a base was committed that is not the last one made, or rows came between');
    }
    this.#stack = new RunStack(this.#folded.manifest.runs, this.#cache);
    this.#parts.adopt(this.#stack, this.#options.range.maxParallelism);
    this.#rows = 0;
    this.#rowBytes = 0;
  }

  #counted(delta: Uint8Array): void {
    this.#taken = undefined;
    this.#folded = undefined;
    this.#rows++;
    this.#rowBytes += delta.length;
    this.#parts.progress.commits++;
  }

  #evict(): void {
    const limit = this.#options.cacheBytes / 4 + this.#parts.recentBytes;
    const { commits } = this.#parts.progress;
    if (this.#parts.bytes > limit) this.#parts.evictBefore(commits - 1);
    if (this.#parts.bytes > limit) this.#parts.evictBefore(commits);
  }
}

function tooLarge(absent: AbsentState, cacheBytes: number): JobSpecError {
  const what =
    absent.kind === 'cell' ? `a key of it` : absent.kind === 'walk' ? 'what is walked at once' : 'what is due at once';
  const message = `${what} takes more memory than the ${cacheBytes} bytes there are for state; give the stage more memory, or key by something finer`;
  return new JobSpecError([{ path: `operators.${absent.uid}.state.${absent.name}`, message }]);
}
