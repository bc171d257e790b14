import type { StateKey } from '../codec/key.ts';
import type { Serializer } from './serializer.ts';

/**
 * Where keyed state lives: tables of cells, one cell per (key, namespace).
 *
 * An operator works on cells and says which it changed. So the hot path makes one look-up per record, a runtime that
 * writes deltas knows what to write, and one that keeps all in memory pays nothing. An operator is written once, over
 * this port; the local runtime, the test harness and the task runtime each bring a backend.
 *
 * Laws
 * 1. A change made through a cell counts only once `changed(cell)` was called; a cell that was removed is dead.
 * 2. Two calls of `cell` with one (key, namespace) give the same cell until it is removed.
 * 3. What a cell holds is plain data to the table's serializer; nobody else holds a reference to it across records.
 */

/** What one key's state is divided by: the start of a window, the identity of a session, or {@link VOID_NAMESPACE}. */
export type Namespace = string | number;

/** The namespace of state that is not divided. */
export const VOID_NAMESPACE: Namespace = '';

/** One value of one table. */
export type Cell<V> = { readonly key: StateKey; readonly namespace: Namespace; value: V };

export type TableDescriptor<V> = {
  /** Unique within the operator; stable across versions of the job. */
  readonly name: string;
  readonly serializer?: Serializer<V>;
  /** True for a value whose time to live is over: it need not be written. Absent: values live for ever. */
  readonly isExpired?: (value: V) => boolean;
};

export interface StateTable<V> {
  /** The cell of a key, or undefined where nothing was ever put or it was removed. */
  cell(key: StateKey, namespace: Namespace): Cell<V> | undefined;
  /** Makes the cell, which must be absent. */
  insert(key: StateKey, namespace: Namespace, value: V): Cell<V>;
  /**
   * To be called where a cell's value is replaced or changed in place: before it is, or at least before anything that may
   * throw. Else a step that is undone leaves the change behind.
   */
  changed(cell: Cell<V>): void;
  remove(cell: Cell<V>): void;
  /** Removes all cells of a namespace at once, however many they are. */
  removeAll(namespace: Namespace): void;
  /** All cells of one namespace, in the order they were made. The cell just visited may be removed meanwhile. */
  cellsIn(namespace: Namespace): Iterable<Cell<V>>;
  /** Of the cells of one namespace those that cost no read to look at: all, where state is in memory. */
  cellsAtHand(namespace: Namespace): Iterable<Cell<V>>;
  /** The namespaces that have a cell, in no order. */
  namespaces(): Iterable<Namespace>;
  /** How many cells there are. */
  readonly size: number;
}
