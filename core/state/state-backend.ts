import type { StateKey } from '../codec/key.ts';
import type { StateTable, TableDescriptor } from './state-table.ts';
import type { TimerQueue } from './timer-queue.ts';

/** How operator state is shared out when the parallelism changes. */
export type ListDistribution = 'split' | 'union' | 'broadcast';

/**
 * Operator (not keyed) state: a list per subtask. On restore `split` shares the items of all subtasks out, `union`
 * gives each subtask all items, `broadcast` (the same on every subtask) gives each those of one.
 */
export interface OperatorListState<T> {
  get(): readonly T[];
  add(item: T): void;
  update(items: readonly T[]): void;
}

/** All state of one operator in one subtask. Tables and queues are asked for once, when the operator is made. */
export interface StateBackend {
  table<V>(descriptor: TableDescriptor<V>): StateTable<V>;
  timers(name: string, domain: 'event' | 'processing'): TimerQueue;
  list<T>(descriptor: TableDescriptor<T>, distribution: ListDistribution): OperatorListState<T>;
}

/** The state of one operator as plain data: what a checkpoint or a savepoint holds. */
export type StateSnapshot = {
  readonly tables: readonly TableSnapshot[];
  readonly timers: readonly TimerSnapshot[];
  readonly lists: readonly ListSnapshot[];
};

export type TableSnapshot = {
  readonly name: string;
  /** The serializer's version that wrote the values. */
  readonly version: number;
  readonly entries: readonly (readonly [key: StateKey, namespace: string | number, value: unknown])[];
};

export type TimerSnapshot = {
  readonly name: string;
  readonly domain: 'event' | 'processing';
  readonly entries: readonly (readonly [at: number, key: StateKey, namespace: string | number])[];
};

export type ListSnapshot = {
  readonly name: string;
  readonly version: number;
  readonly distribution: ListDistribution;
  readonly items: readonly unknown[];
};
