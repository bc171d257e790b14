import { keyGroupOf, type StateKey } from '../codec/key.ts';
import { InvariantError } from '../error/error.ts';
import { MemoryTable } from './memory-table.ts';
import { MemoryTimerQueue } from './memory-timer-queue.ts';
import { readerOf } from './schema-version.ts';
import type { Serializer } from './serializer.ts';
import type { ListDistribution, OperatorListState, StateBackend, StateSnapshot } from './state-backend.ts';
import type { StateTable, TableDescriptor } from './state-table.ts';
import type { TimerQueue } from './timer-queue.ts';

/** The key groups that a subtask owns, both ends included. */
export type KeyGroupRange = { readonly first: number; readonly last: number; readonly maxParallelism: number };

type Table = { readonly descriptor: TableDescriptor<unknown>; readonly cells: MemoryTable<unknown> };
type Queue = { readonly domain: 'event' | 'processing'; readonly timers: MemoryTimerQueue };
type List = {
  readonly descriptor: TableDescriptor<unknown>;
  readonly distribution: ListDistribution;
  items: unknown[];
};

/**
 * The state of one operator in one subtask, in memory.
 *
 * `snapshot` shares values with the live state: whoever keeps it must encode it before the next record. `restore` may
 * be given the snapshots of several subtasks (after a change of parallelism) and takes what its key groups own; what no
 * table asks for by the end of the operator's construction is named by {@link unclaimed}.
 */
export class MemoryBackend implements StateBackend {
  readonly #tables = new Map<string, Table>();
  readonly #queues = new Map<string, Queue>();
  readonly #lists = new Map<string, List>();
  readonly #restored: readonly StateSnapshot[];
  readonly #range: KeyGroupRange | undefined;
  readonly #subtask: { readonly index: number; readonly parallelism: number };

  constructor(
    restored: readonly StateSnapshot[] = [],
    range?: KeyGroupRange,
    subtask: { readonly index: number; readonly parallelism: number } = { index: 0, parallelism: 1 },
  ) {
    this.#restored = restored;
    this.#range = range;
    this.#subtask = subtask;
  }

  table<V>(descriptor: TableDescriptor<V>): StateTable<V> {
    this.#claim(this.#tables, descriptor.name);
    const cells = new MemoryTable<V>();
    for (const snapshot of this.#restored) {
      const old = snapshot.tables.find((table) => table.name === descriptor.name);
      if (old === undefined) continue;
      const read = readerOf(descriptor, old.version);
      for (const [key, namespace, value] of old.entries) if (this.#owns(key)) cells.insert(key, namespace, read(value));
    }
    this.#tables.set(descriptor.name, {
      descriptor: descriptor as TableDescriptor<unknown>,
      cells: cells as MemoryTable<unknown>,
    });
    return cells;
  }

  timers(name: string, domain: 'event' | 'processing'): TimerQueue {
    this.#claim(this.#queues, name);
    const timers = new MemoryTimerQueue();
    for (const snapshot of this.#restored) {
      const old = snapshot.timers.find((queue) => queue.name === name);
      for (const [at, key, namespace] of old?.entries ?? []) if (this.#owns(key)) timers.set(at, key, namespace);
    }
    this.#queues.set(name, { domain, timers });
    return timers;
  }

  list<T>(descriptor: TableDescriptor<T>, distribution: ListDistribution): OperatorListState<T> {
    this.#claim(this.#lists, descriptor.name);
    const list: List = {
      descriptor: descriptor as TableDescriptor<unknown>,
      distribution,
      items: this.#restoredItems(descriptor, distribution),
    };
    this.#lists.set(descriptor.name, list);
    return {
      get: () => list.items as readonly T[],
      add: (item) => {
        list.items.push(item);
      },
      update: (items) => {
        list.items = [...items];
      },
    };
  }

  snapshot(): StateSnapshot {
    return {
      tables: [...this.#tables].map(([name, { descriptor, cells }]) => {
        const write = (descriptor.serializer as Serializer<unknown> | undefined)?.serialize ?? ((value) => value);
        const entries: (readonly [StateKey, string | number, unknown])[] = [];
        for (const namespace of cells.namespaces()) {
          for (const cell of cells.cellsIn(namespace)) {
            if (descriptor.isExpired?.(cell.value)) continue;
            entries.push([cell.key, namespace, write(cell.value)]);
          }
        }
        return { name, version: descriptor.serializer?.version ?? 1, entries };
      }),
      timers: [...this.#queues].map(([name, { domain, timers }]) => ({
        name,
        domain,
        entries: [...timers.all()].map(({ at, key, namespace }) => [at, key, namespace] as const),
      })),
      lists: [...this.#lists].map(([name, { descriptor, distribution, items }]) => ({
        name,
        version: descriptor.serializer?.version ?? 1,
        distribution,
        items: descriptor.serializer ? items.map((item) => descriptor.serializer?.serialize(item)) : items,
      })),
    };
  }

  /** Cells and timers, for metrics. */
  get size(): number {
    let size = 0;
    for (const { cells } of this.#tables.values()) size += cells.size;
    for (const { timers } of this.#queues.values()) size += timers.size;
    return size;
  }

  /** Names of restored state that the operator did not ask for: it would be lost. */
  unclaimed(): readonly string[] {
    const names = new Set<string>();
    for (const { tables, timers, lists } of this.#restored) {
      for (const { name, entries } of tables) if (entries.length > 0 && !this.#tables.has(name)) names.add(name);
      for (const { name, entries } of timers) if (entries.length > 0 && !this.#queues.has(name)) names.add(name);
      for (const { name, items } of lists) if (items.length > 0 && !this.#lists.has(name)) names.add(name);
    }
    return [...names];
  }

  #restoredItems<T>(descriptor: TableDescriptor<T>, distribution: ListDistribution): T[] {
    const parts = this.#restored.flatMap((snapshot) => {
      const old = snapshot.lists.find((list) => list.name === descriptor.name);
      return old ? [old.items.map(readerOf(descriptor, old.version))] : [];
    });
    if (distribution === 'broadcast') return parts[0] ?? [];
    const all = parts.flat();
    if (distribution === 'union') return all;
    return all.filter((_, place) => place % this.#subtask.parallelism === this.#subtask.index);
  }

  #owns(key: StateKey): boolean {
    if (this.#range === undefined) return true;
    const group = keyGroupOf(key, this.#range.maxParallelism);
    return group >= this.#range.first && group <= this.#range.last;
  }

  #claim(taken: ReadonlyMap<string, unknown>, name: string): void {
    if (taken.has(name))
      throw new InvariantError(`two states of one operator are named "${name}"; give each its own name`);
  }
}
