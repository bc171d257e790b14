import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbsentStateError } from '../../../core/state/block/absent-state.ts';
import { type BasePointer, reachedObjects } from '../../../core/state/block/base.ts';
import { runSteps } from '../../../core/state/block/steps.ts';
import { TaskState } from '../../../core/state/block/task-state.ts';
import type { TaskStateOptions } from '../../../core/state/block/task-state-options.ts';
import { MemoryStore } from '../../../core/testing/memory-store.ts';
import { TINY } from '../../block-state.ts';
import { type Change, change, Doer, KEYS, Model } from './model.ts';

type Step =
  | { readonly kind: 'change'; readonly change: Change }
  /** `reopen`: the process dies and another begins from what is durable. */
  | { readonly kind: 'commit' | 'discard' | 'compact' | 'reopen' | 'prefetch' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: change.map((each): Step => ({ kind: 'change', change: each })) },
  { weight: 4, arbitrary: fc.constantFrom<Step>({ kind: 'commit' }, { kind: 'compact' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'discard' }, { kind: 'reopen' }, { kind: 'prefetch' }) },
);

const range = { first: 0, last: 1023, maxParallelism: 1024 };

/** A task with one operator, and the rows that it wrote. */
class Task {
  readonly store: MemoryStore;
  readonly rows: { readonly delta: Uint8Array; readonly base: BasePointer | undefined }[] = [];
  readonly model = new Model();
  readonly #sizes: Partial<TaskStateOptions>;
  #committed = new Model();
  #done: Change[] = [];
  #state: TaskState;
  #compactions = 0;
  #pending: BasePointer | undefined;
  #doer: Doer;

  private constructor(state: TaskState, store: MemoryStore, sizes: Partial<TaskStateOptions>) {
    this.#state = state;
    this.store = store;
    this.#sizes = sizes;
    this.#doer = new Doer(state.backendOf('operator'));
  }

  static async begin(sizes: Partial<TaskStateOptions>): Promise<Task> {
    const store = new MemoryStore();
    return new Task(await TaskState.open({ store, range, ...sizes }), store, sizes);
  }

  /** What an operator does; where something is absent, all since the last commit is done again. */
  async run<T>(what: (doer: Doer) => T): Promise<T> {
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        if (attempt > 0) for (const each of this.#done) this.#doer.do(each);
        return what(this.#doer);
      } catch (error) {
        if (!(error instanceof AbsentStateError)) throw error;
        this.#state.discard();
        await this.#state.load(error);
        this.#doer = new Doer(this.#state.backendOf('operator'));
      }
    }
    throw new Error('nothing is ever loaded');
  }

  async step(each: Step): Promise<void> {
    switch (each.kind) {
      case 'change':
        expect(await this.run((doer) => doer.do(each.change))).toEqual(this.model.do(each.change));
        this.#done.push(each.change);
        return;
      case 'commit':
        this.#commit();
        return;
      case 'discard':
        this.#state.discard();
        this.#back();
        return;
      case 'compact':
        this.#commit();
        this.#pending = await this.#state.compact(`blocks/${this.#compactions++}`);
        return;
      case 'prefetch':
        await this.#state.prefetch(new Map([['operator', KEYS]]));
        return;
      case 'reopen':
        this.#pending = undefined;
        await this.#collect();
        this.#state = await this.replica();
        this.#back();
    }
  }

  async replica(): Promise<TaskState> {
    const last = this.rows.findLastIndex(({ base }) => base !== undefined);
    const base = this.rows[last]?.base;
    const state = await TaskState.open({ store: this.store, range, ...this.#sizes, ...(base && { bases: [base] }) });
    for (const { delta } of this.rows.slice(Math.max(0, last))) state.apply(delta);
    return state;
  }

  /** Deletes every object that the last base does not reach. */
  async #collect(): Promise<void> {
    const base = this.rows.findLast((row) => row.base !== undefined)?.base;
    const reached = base === undefined ? [] : await runSteps(reachedObjects(base), this.store);
    for (const name of await this.store.list('')) if (!reached.includes(name)) await this.store.delete(name);
  }

  #commit(): void {
    this.rows.push({ delta: this.#state.takeDelta(), base: this.#pending });
    this.#state.committed(this.#pending);
    this.#pending = undefined;
    this.#committed = this.model.copy();
    this.#done = [];
  }

  #back(): void {
    Object.assign(this.model, this.#committed.copy());
    this.#done = [];
    this.#doer = new Doer(this.#state.backendOf('operator'));
  }
}

async function expectModel(sizes: Partial<TaskStateOptions>, steps: readonly Step[]): Promise<void> {
  const task = await Task.begin(sizes);
  for (const each of steps) {
    await task.step(each);
    expect(await task.run((doer) => doer.look())).toEqual(task.model.look());
    expect(await task.run((doer) => doer.sizes)).toEqual(task.model.sizes);
  }
}

describe('the state of a task', () => {
  it('is what plain arrays would hold, whenever it is committed, discarded, folded, or read back by another from what its last base reaches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), (steps) => expectModel({}, steps)),
      { numRuns: 200 },
    );
  });

  it('is the same where hardly anything fits the memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), (steps) => expectModel(TINY, steps)),
      { numRuns: 200 },
    );
  });
});
