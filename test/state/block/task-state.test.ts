import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BasePointer } from '../../../core/state/block/base.ts';
import { TaskState } from '../../../core/state/block/task-state.ts';
import { MemoryStore } from '../../../core/testing/memory-store.ts';
import { type Change, change, Doer, Model } from './model.ts';

type Step =
  | { readonly kind: 'change'; readonly change: Change }
  /** `reopen`: the process dies and another begins from what is durable. */
  | { readonly kind: 'commit' | 'discard' | 'compact' | 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: change.map((each): Step => ({ kind: 'change', change: each })) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'commit' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'discard' }, { kind: 'compact' }, { kind: 'reopen' }) },
);

const range = { first: 0, last: 1023, maxParallelism: 1024 };

/** A task with one operator, and the rows that it wrote. */
class Task {
  readonly store: MemoryStore;
  readonly rows: { readonly delta: Uint8Array; readonly base: BasePointer | undefined }[] = [];
  readonly model = new Model();
  #committed = new Model();
  #state: TaskState;
  #compactions = 0;
  #pending: BasePointer | undefined;
  doer: Doer;

  constructor(state: TaskState, store: MemoryStore) {
    this.store = store;
    this.#state = state;
    this.doer = new Doer(state.backendOf('operator'));
  }

  async step(each: Step): Promise<void> {
    switch (each.kind) {
      case 'change':
        expect(this.doer.do(each.change)).toEqual(this.model.do(each.change));
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
      case 'reopen':
        this.#state = await this.replica();
        this.#back();
    }
  }

  async replica(): Promise<TaskState> {
    const last = this.rows.findLastIndex(({ base }) => base !== undefined);
    const base = this.rows[last]?.base;
    const state = await TaskState.open({ store: this.store, range, ...(base && { bases: [base] }) });
    for (const { delta } of this.rows.slice(Math.max(0, last))) state.apply(delta);
    return state;
  }

  #commit(): void {
    this.rows.push({ delta: this.#state.takeDelta(), base: this.#pending });
    this.#state.committed(this.#pending);
    this.#pending = undefined;
    this.#committed = this.model.copy();
  }

  #back(): void {
    this.#pending = undefined;
    Object.assign(this.model, this.#committed.copy());
    this.doer = new Doer(this.#state.backendOf('operator'));
  }
}

async function newTask(): Promise<Task> {
  const store = new MemoryStore();
  return new Task(await TaskState.open({ store, range }), store);
}

describe('the state of a task', () => {
  it('is what plain arrays would hold, whenever it is committed, discarded, folded, or read back by another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const task = await newTask();
        for (const each of steps) {
          await task.step(each);
          expect(task.doer.look()).toEqual(task.model.look());
          expect(task.doer.sizes).toEqual(task.model.sizes);
        }
      }),
      { numRuns: 300 },
    );
  });
});
