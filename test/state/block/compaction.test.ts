import { describe, expect, it } from 'vitest';
import { JobSpecError } from '../../../core/error/error.ts';
import { AbsentStateError } from '../../../core/state/block/absent-state.ts';
import { type BasePointer, type RunRef, rawBytesOf, readManifest } from '../../../core/state/block/base.ts';
import { BlockCache } from '../../../core/state/block/block-cache.ts';
import { fold } from '../../../core/state/block/compaction.ts';
import { divisionNumber, entryKey } from '../../../core/state/block/entry-key.ts';
import { loadNeeds } from '../../../core/state/block/load-needs.ts';
import { ABSENT, type Needs, RunStack } from '../../../core/state/block/run-stack.ts';
import { TaskState } from '../../../core/state/block/task-state.ts';
import { MemoryStore } from '../../../core/testing/memory-store.ts';
import { Objects } from '../../block-state.ts';

const range = { first: 0, last: 1023, maxParallelism: 1024 };

/** Folds entries into runs, and counts what that writes. */
class Folder {
  readonly objects = new Objects();
  readonly expiring = new Map<number, (stored: Uint8Array) => boolean>();
  runs: readonly RunRef[] = [];
  written = 0;
  #names = 0;

  fold(keys: readonly string[], drops: readonly number[] = [], order?: number): void {
    const entries = keys
      .map((key) => entryKey(1, { order, group: 0, key, rest: undefined }).bytes)
      .sort((left, right) => Buffer.compare(left, right))
      .map((key) => ({ key, sequence: 0, value: new Uint8Array(20) }));
    const before = this.#bytes();
    const fresh = {
      entries,
      drops: drops.map((each) => ({ space: 1, order: each, first: 0, last: 1023 })),
      bytes: entries.reduce((sum, { key, value }) => sum + key.length + value.length + 9, 0),
    };
    const options = {
      range,
      expiring: this.expiring,
      blockBytes: 512,
      segmentBytes: 2_048,
      inlineBytes: 0,
      nextName: () => `run-${this.#names++}`,
    };
    this.runs = this.objects.run(fold(fresh, this.runs, options));
    this.written += this.#bytes() - before;
  }

  #bytes(): number {
    return [...this.objects.bytes.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

describe('folding', () => {
  it('keeps few runs and rewrites a byte a few times, however often it is done', () => {
    const folder = new Folder();
    const folds = 256;
    for (let each = 0; each < folds; each++) {
      folder.fold(Array.from({ length: 20 }, (_, place) => `key ${(each * 7919 + place * 104_729) % 1_000_003}`));
    }
    expect(folder.runs.length).toBeLessThanOrEqual(Math.log2(folds) + 1);
    const stored = folder.runs.flatMap(({ segments }) => segments).reduce((sum, { length }) => sum + length, 0);
    expect(folder.written).toBeLessThan(stored * (1.5 * Math.log2(folds)));
    const sizes = folder.runs.map(rawBytesOf);
    expect(sizes.toSorted((left, right) => left - right)).toEqual(sizes);
  });

  it('takes the blocks of other windows over, and forgets those of a window that is over without a read', () => {
    const folder = new Folder();
    const keys = Array.from({ length: 400 }, (_, place) => `key ${place}`);
    folder.fold(keys, [], 10);
    folder.fold(keys, [], 20);
    const [first] = folder.runs[folder.runs.length - 1]?.segments ?? [];
    folder.objects.reads = 0;
    folder.fold(keys, [], 30);
    expect(folder.runs.flatMap(({ segments }) => segments)).toContain(first);
    const readsToMerge = folder.objects.reads;
    folder.fold([], [10, 20, 30]);
    expect(folder.objects.reads).toBe(readsToMerge);
    const left = folder.runs.flatMap(({ segments }) => segments);
    expect(left.filter(({ first: from, last: to }) => divisionNumber(from) === divisionNumber(to))).toEqual([]);
  });

  it('leaves out what has expired, and lets nothing older come back', () => {
    const folder = new Folder();
    folder.fold(['a', 'b', ...Array.from({ length: 100 }, (_, place) => `old ${place}`)]);
    folder.expiring.set(1, () => true);
    folder.fold(['a']);
    expect(folder.runs.map(({ segments }) => segments.reduce((sum, each) => sum + each.entries, 0))).toEqual([1, 102]);
    const stack = new RunStack(folder.runs, new BlockCache(1_000_000));
    const find = (key: string) => {
      const needs: Needs = [];
      const wanted = entryKey(1, { order: undefined, group: 0, key, rest: undefined });
      for (let found = stack.find(wanted, needs); ; found = stack.find(wanted, needs)) {
        if (found !== ABSENT) return found !== undefined;
        folder.objects.run(loadNeeds(needs.splice(0), stack.cache, 1_000_000));
      }
    };
    expect([find('a'), find('b'), find('c')]).toEqual([false, true, false]);
    folder.fold(Array.from({ length: 200 }, (_, place) => `new ${place}`));
    expect(folder.runs).toEqual([]);
  });
});

describe('a base', () => {
  const written = async (store: MemoryStore, sizes: { readonly inlineBytes?: number } = {}) => {
    const state = await TaskState.open({ store, range, ...sizes });
    const table = state.backendOf('u').table<string>({ name: 't' });
    for (let key = 0; key < 500; key++) table.insert(key, '', `value ${key}`.repeat(20));
    state.takeDelta();
    state.committed();
    return state.compact('blocks/1');
  };

  it('that is small lies in the row and needs no object', async () => {
    const store = new MemoryStore();
    const state = await TaskState.open({ store, range });
    state.backendOf('u').table<number>({ name: 't' }).insert('a', '', 1);
    state.takeDelta();
    state.committed();
    const base = await state.compact('blocks/1');
    expect(await store.list('')).toEqual([]);
    const again = await TaskState.open({ store, range, bases: [base] });
    expect(again.backendOf('u').table<number>({ name: 't' }).cell('a', '')?.value).toBe(1);
  });

  it('whose object is damaged or gone is refused by name', async () => {
    const store = new MemoryStore();
    const base = await written(store);
    const [name] = await store.list('');
    const bytes = await store.get(name ?? '');
    if (name === undefined || bytes === undefined) throw new Error('no object was put');
    const damaged = bytes.slice();
    damaged[100] = (damaged[100] as number) ^ 1;
    await store.put(name, damaged);
    await expect(TaskState.open({ store, range, bases: [base] })).rejects.toThrow('damaged');
    await store.put(name, bytes.subarray(0, 200));
    await expect(TaskState.open({ store, range, bases: [base] })).rejects.toThrow('cut short');
    await store.delete(name);
    await expect(TaskState.open({ store, range, bases: [base] })).rejects.toThrow(`${name} is gone`);
  });

  it('of another format is refused', async () => {
    const base = { ...(await written(new MemoryStore())), format: 2 } as unknown as BasePointer;
    await expect(TaskState.open({ store: new MemoryStore(), range, bases: [base] })).rejects.toThrow('format 2');
  });

  it('says what it is made of', () => {
    const objects = new Objects();
    const state = objects.run(TaskState.opening({ store: new MemoryStore(), range }));
    state.backendOf('u').table<number>({ name: 't' }).insert('a', 5, 1);
    state.takeDelta();
    state.committed();
    const manifest = objects.run(readManifest(objects.run(state.compacting('b'))));
    expect(manifest.spaces).toEqual([{ kind: 'table', uid: 'u', name: 't', sizes: [[5, 1]], hasText: false }]);
    expect(manifest.runs).toHaveLength(1);
  });

  it('that fits memory is read at the opening, and never again', async () => {
    const store = new MemoryStore();
    const base = await written(store, { inlineBytes: 0 });
    const state = await TaskState.open({ store, range, bases: [base] });
    for (const name of await store.list('')) await store.delete(name);
    const table = state.backendOf('u').table<string>({ name: 't' });
    expect(await state.prefetch(new Map([['u', [1, 2, 'no such key']]]))).toBe(true);
    expect([table.cell(499, '')?.value, table.cell('no such key', ''), table.size]).toEqual([
      'value 499'.repeat(20),
      undefined,
      500,
    ]);
  });

  it('with a key that does not fit the memory says which state, and what to do', async () => {
    const store = new MemoryStore();
    const sizes = { cacheBytes: 20_000, wholeBytes: 0, inlineBytes: 0 };
    const state = await TaskState.open({ store, range, ...sizes });
    const noise = Array.from({ length: 30_000 }, (_, place) => String.fromCharCode(33 + ((place * 7919) % 89))).join(
      '',
    );
    state.backendOf('counts').table<string>({ name: 'seen' }).insert('a', '', noise);
    state.takeDelta();
    state.committed();
    const opened = await TaskState.open({ store, range, ...sizes, bases: [await state.compact('b')] });
    const table = opened.backendOf('counts').table<string>({ name: 'seen' });
    let absent: unknown;
    try {
      table.cell('a', '');
    } catch (error) {
      absent = error;
    }
    if (!(absent instanceof AbsentStateError)) throw new Error('nothing was absent');
    await expect(opened.load(absent)).rejects.toThrow(JobSpecError);
    await expect(opened.load(absent)).rejects.toThrow(
      'operators.counts.state.seen: a key of it takes more memory than',
    );
    expect(await opened.prefetch(new Map([['counts', ['a']]]))).toBe(false);
  });
});

describe('values of a task', () => {
  const opened = async () => TaskState.open({ store: new MemoryStore(), range });

  it('are written with the version of their serializer, and refused where that is newer than the job', async () => {
    const state = await opened();
    const serializer = {
      version: 3,
      serialize: (value: number) => value * 2,
      deserialize: (plain: unknown) => Number(plain) / 2,
    };
    state.backendOf('u').table({ name: 't', serializer }).insert('a', '', 21);
    const delta = state.takeDelta();
    const other = await opened();
    other.apply(delta);
    expect(other.backendOf('u').table({ name: 't', serializer }).cell('a', '')?.value).toBe(21);
    const older = await opened();
    older.apply(delta);
    const table = older.backendOf('u').table({ name: 't', serializer: { ...serializer, version: 2 } });
    expect(() => table.cell('a', '')).toThrow('schema version 3, and this job knows 2');
  });

  it('that have expired are removed rather than written', async () => {
    const state = await opened();
    const descriptor = { name: 't', isExpired: (value: number) => value < 0 };
    const table = state.backendOf('u').table<number>(descriptor);
    table.insert('new', '', -1);
    const changed = table.insert('old', '', 1);
    const first = state.takeDelta();
    state.committed();
    changed.value = -1;
    table.changed(changed);
    const second = state.takeDelta();
    state.committed();
    const other = await opened();
    other.apply(first);
    expect(other.size.entries).toBe(1);
    other.apply(second);
    expect([other.size.entries, state.size.entries]).toEqual([0, 0]);
  });

  it('of nothing changed are an empty delta', async () => {
    const state = await opened();
    const table = state.backendOf('u').table<number>({ name: 't' });
    expect(state.takeDelta()).toHaveLength(0);
    state.committed();
    const cell = table.insert('a', '', 1);
    table.remove(cell);
    const delta = state.takeDelta();
    state.committed();
    const other = await opened();
    other.apply(delta);
    expect(other.size.entries).toBe(0);
  });
});
