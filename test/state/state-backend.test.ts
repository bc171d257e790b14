import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskState } from '../../core/state/block/task-state.ts';
import { MemoryBackend } from '../../core/state/memory-backend.ts';
import type { StateBackend } from '../../core/state/state-backend.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { change, Doer, Model } from './block/model.ts';

const range = { first: 0, last: 1023, maxParallelism: 1024 };
const BACKENDS: readonly (readonly [string, () => Promise<StateBackend>])[] = [
  ['in memory', async () => new MemoryBackend()],
  ['of a task', async () => (await TaskState.open({ store: new MemoryStore(), range })).backendOf('operator')],
];

describe.each(BACKENDS)('a state backend %s', (_, newBackend) => {
  it('holds what plain arrays would: cells in the order they were made, timers by time, lists', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (changes) => {
        const [doer, model] = [new Doer(await newBackend()), new Model()];
        for (const each of changes) {
          expect(doer.do(each)).toEqual(model.do(each));
          expect(doer.look()).toEqual(model.look());
          expect(doer.sizes).toEqual(model.sizes);
        }
      }),
    );
  });

  it('gives the same cell until it is removed, and another afterwards', async () => {
    const table = (await newBackend()).table<number>({ name: 'cells' });
    const cell = table.insert('a', 10, 1);
    expect([table.cell('a', 10), [...table.cellsIn(10)], [...table.cellsAtHand(10)]]).toEqual([cell, [cell], [cell]]);
    expect(table.cell('a', 10)).toBe(cell);
    table.remove(cell);
    expect([table.cell('a', 10), [...table.namespaces()], table.size]).toEqual([undefined, [], 0]);
    expect(table.insert('a', 10, 1)).not.toBe(cell);
  });

  it('lets the cell just visited be removed, and a namespace be dropped whole', async () => {
    const table = (await newBackend()).table<number>({ name: 'cells' });
    for (const key of ['a', 'b', 'c']) table.insert(key, 1, 0);
    table.insert('a', 2, 0);
    for (const cell of table.cellsIn(1)) if (cell.key !== 'c') table.remove(cell);
    expect([...table.cellsIn(1)].map(({ key }) => key)).toEqual(['c']);
    table.removeAll(1);
    table.removeAll(3);
    expect([[...table.namespaces()], table.size, table.cell('c', 1)]).toEqual([[2], 1, undefined]);
  });

  it('refuses two states of one name', async () => {
    const backend = await newBackend();
    backend.table({ name: 'x' });
    backend.timers('x', 'event');
    backend.list({ name: 'x' }, 'split');
    const refused = 'two states of one operator are named "x"';
    expect(() => backend.table({ name: 'x' })).toThrow(refused);
    expect(() => backend.timers('x', 'event')).toThrow(refused);
    expect(() => backend.list({ name: 'x' }, 'union')).toThrow(refused);
  });
});
