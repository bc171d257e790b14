import { AbsentStateError } from '../core/state/block/absent-state.ts';
import type { BasePointer } from '../core/state/block/base.ts';
import type { Steps } from '../core/state/block/steps.ts';
import { TaskState } from '../core/state/block/task-state.ts';
import type { TaskStateOptions } from '../core/state/block/task-state-options.ts';
import type { StateBackend, StateSnapshot } from '../core/state/state-backend.ts';
import { MemoryStore } from '../core/testing/memory-store.ts';
import type { HarnessState } from '../core/testing/operator-harness.ts';

/** Hardly anything fits: blocks of an entry or two, objects of a few blocks, a cache of next to nothing. */
export const TINY: Omit<TaskStateOptions, 'store' | 'range'> = {
  cacheBytes: 6_000,
  wholeBytes: 0,
  inlineBytes: 0,
  blockBytes: 64,
  segmentBytes: 256,
};

/** The objects of a test, at hand at once. */
export class Objects {
  readonly bytes = new Map<string, Uint8Array>();
  reads = 0;

  /** Does work that is cut where it needs the store. */
  run<T>(steps: Steps<T>): T {
    for (let step = steps.next([]); ; ) {
      if (step.done) return step.value;
      const request = step.value;
      if (request.kind === 'put') this.bytes.set(request.name, request.bytes);
      this.reads += request.kind === 'read' ? request.reads.length : 0;
      step = steps.next(request.kind === 'put' ? [] : request.reads.map(({ name, part }) => this.#get(name, part)));
    }
  }

  #get(name: string, part: { readonly start: number; readonly length: number } | undefined): Uint8Array {
    const bytes = this.bytes.get(name);
    if (bytes === undefined) throw new Error(`no object ${name}`);
    return part === undefined ? bytes : bytes.subarray(part.start, part.start + part.length);
  }
}

/**
 * The state of a harness's operator as a task has it, in the worst of circumstances: after every call it is committed, and
 * in turn kept, discarded, folded into a base, or read back by another; and nearly nothing stays in memory.
 */
export class BlockHarnessState implements HarnessState {
  readonly #objects = new Objects();
  readonly #options: TaskStateOptions;
  readonly #uid: string;
  #state: TaskState;
  #base: BasePointer | undefined;
  #pending: BasePointer | undefined;
  #deltas: Uint8Array[] = [];
  #calls = 0;

  constructor(uid: string, sizes: Partial<TaskStateOptions> = {}, maxParallelism = 1024) {
    const range = { first: 0, last: maxParallelism - 1, maxParallelism };
    this.#uid = uid;
    this.#options = { ...TINY, store: new MemoryStore(), range, ...sizes };
    this.#state = this.#objects.run(TaskState.opening(this.#options));
  }

  backend(): StateBackend {
    return this.#state.backendOf(this.#uid);
  }

  settle(): boolean {
    const delta = this.#state.takeDelta();
    this.#state.committed(this.#pending);
    if (this.#pending !== undefined) {
      this.#base = this.#pending;
      this.#deltas = [];
    }
    this.#pending = undefined;
    this.#deltas.push(delta);
    return this.#disturb(this.#calls++ % 4);
  }

  recover(error: unknown): boolean {
    if (!(error instanceof AbsentStateError)) return false;
    this.#state.discard();
    this.#objects.run(this.#state.loading(error.absent));
    return true;
  }

  snapshot(): StateSnapshot {
    for (;;) {
      try {
        return this.#state.snapshotOf(this.#uid);
      } catch (error) {
        if (!this.recover(error)) throw error;
      }
    }
  }

  get size(): number {
    const { tables, timers } = this.snapshot();
    return [...tables, ...timers].reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** Cells and timers, also those that have expired. */
  get entries(): number {
    return this.#state.size.entries;
  }

  #disturb(turn: number): boolean {
    if (turn === 0) return false;
    if (turn === 1) this.#state.discard();
    if (turn === 2) this.#pending = this.#objects.run(this.#state.compacting(`blocks/${this.#calls}`));
    if (turn === 3) this.#reopen();
    return true;
  }

  #reopen(): void {
    this.#state = this.#objects.run(
      TaskState.opening({ ...this.#options, ...(this.#base && { bases: [this.#base] }) }),
    );
    for (const delta of this.#deltas) this.#state.apply(delta);
  }
}
