import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyGroupOf } from '../../../core/codec/key.ts';
import { AbsentStateError } from '../../../core/state/block/absent-state.ts';
import type { BasePointer } from '../../../core/state/block/base.ts';
import { TaskState } from '../../../core/state/block/task-state.ts';
import type { TaskStateOptions } from '../../../core/state/block/task-state-options.ts';
import type { ListDistribution } from '../../../core/state/state-backend.ts';
import { MemoryStore } from '../../../core/testing/memory-store.ts';
import { Objects, TINY } from '../../block-state.ts';
import { type Change, change, Doer, Model, type View } from './model.ts';

const WHOLE = { first: 0, last: 1023, maxParallelism: 1024 };
const LEFT = { ...WHOLE, last: 511 };
const RIGHT = { ...WHOLE, first: 512 };

type Sizes = Omit<TaskStateOptions, 'store' | 'range'>;

/** A task that lives from its parents' bases to its own. */
class Shard {
  readonly #objects: Objects;
  readonly #range: typeof WHOLE;
  readonly #state: TaskState;
  #doer: Doer;
  #base: BasePointer | undefined;

  constructor(objects: Objects, range: typeof WHOLE, options: Sizes) {
    this.#objects = objects;
    this.#range = range;
    this.#state = objects.run(TaskState.opening({ store: new MemoryStore(), range, ...options }));
    this.#doer = new Doer(this.#state.backendOf('operator'));
  }

  owns(key: string): boolean {
    const group = keyGroupOf(key, 1024);
    return this.#range.first <= group && group <= this.#range.last;
  }

  do(each: Change): readonly string[] {
    return this.#run((doer) => doer.do(each));
  }

  look(): View {
    return this.#run((doer) => doer.look());
  }

  /** Commits what was done so far, and says where it was folded to. */
  fold(): BasePointer {
    this.#commit();
    this.#base = this.#objects.run(this.#state.compacting(`blocks/${this.#objects.bytes.size}`));
    this.#commit(this.#base);
    return this.#base;
  }

  /** One change at a time is committed, so nothing has to be done again. */
  #run<T>(what: (doer: Doer) => T): T {
    this.#commit();
    for (;;) {
      try {
        return what(this.#doer);
      } catch (error) {
        if (!(error instanceof AbsentStateError)) throw error;
        this.#state.discard();
        this.#objects.run(this.#state.loading(error.absent));
        this.#doer = new Doer(this.#state.backendOf('operator'));
      }
    }
  }

  #commit(base?: BasePointer): void {
    this.#state.takeDelta();
    this.#state.committed(base);
  }
}

/** Gives each change to the shards that it is for, and to a model of all. */
function apply(changes: readonly Change[], shards: readonly Shard[], model: Model): void {
  for (const [place, each] of changes.entries()) {
    if (each.kind === 'add' || each.kind === 'update') continue;
    const own = shards.filter((shard) => !('key' in each) || shard.owns(each.key));
    expect(own.flatMap((shard) => shard.do(each)).sort()).toEqual(model.do(each));
    if (place % 9 === 8) for (const shard of shards) shard.fold();
  }
}

/** Without the order among keys of different tasks, of which nothing is said. */
function seen(views: readonly View[]): unknown {
  const tables = views.flatMap((view) =>
    view.tables.flatMap(([table, namespace, cells]) => cells.map((cell) => [table, namespace, ...cell])),
  );
  const texts = tables.map((cell) => JSON.stringify(cell)).sort();
  return { texts, timers: views.flatMap(({ timers }) => timers).sort() };
}

function expectAfterReshard(sizes: Sizes, parts: readonly (readonly Change[])[]): void {
  const objects = new Objects();
  const model = new Model();
  const parent = new Shard(objects, WHOLE, sizes);
  apply(parts[0] ?? [], [parent], model);
  const bases = [parent.fold()];
  const children = [LEFT, RIGHT].map((range) => new Shard(objects, range, { ...sizes, bases }));
  expect(seen(children.map((child) => child.look()))).toEqual(seen([model.look()]));
  apply(parts[1] ?? [], children, model);
  const merged = new Shard(objects, WHOLE, { ...sizes, bases: children.map((child) => child.fold()) });
  expect(seen([merged.look()])).toEqual(seen([model.look()]));
  apply(parts[2] ?? [], [merged], model);
  const reopened = new Shard(objects, WHOLE, { ...sizes, bases: [merged.fold()] });
  expect(seen([reopened.look()])).toEqual(seen([model.look()]));
}

describe('a task whose shard was split or merged', () => {
  const parts = fc.array(fc.array(change, { maxLength: 30 }), { minLength: 3, maxLength: 3 });

  it('owns what its parents had of its key groups, and goes on from there', () => {
    fc.assert(
      fc.property(parts, (each) => expectAfterReshard({}, each)),
      { numRuns: 100 },
    );
  });

  it('does so where hardly anything fits the memory', () => {
    fc.assert(
      fc.property(parts, (each) => expectAfterReshard(TINY, each)),
      { numRuns: 100 },
    );
  });

  it.each<[ListDistribution, readonly (readonly number[])[], readonly number[]]>([
    [
      'split',
      [
        [1, 3],
        [2, 4],
      ],
      [1, 3, 2, 4],
    ],
    [
      'union',
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
      [1, 2, 3, 4, 1, 2, 3, 4],
    ],
    [
      'broadcast',
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
      [1, 2, 3, 4],
    ],
  ])('shares its operator lists out: %s', (distribution, split, merged) => {
    const objects = new Objects();
    const open = (options: Partial<TaskStateOptions>) =>
      objects.run(TaskState.opening({ store: new MemoryStore(), range: WHOLE, ...options }));
    const listOf = (state: TaskState) => state.backendOf('operator').list<number>({ name: 'list' }, distribution);
    const folded = (state: TaskState, name: string) => {
      state.takeDelta();
      state.committed();
      return objects.run(state.compacting(name));
    };
    const parent = open({});
    listOf(parent).update([1, 2, 3, 4]);
    const bases = [folded(parent, 'parent')];
    const children = [LEFT, RIGHT].map((range, index) => open({ range, bases, share: { index, parallelism: 2 } }));
    expect(children.map((child) => listOf(child).get())).toEqual(split);
    const one = open({ bases: children.map((child, place) => folded(child, `child-${place}`)) });
    expect(listOf(one).get()).toEqual(merged);
    expect(listOf(open({ bases: [folded(one, 'one')] })).get()).toEqual(merged);
  });
});
