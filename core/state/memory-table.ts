import type { StateKey } from '../codec/key.ts';
import type { Cell, Namespace, StateTable } from './state-table.ts';

/**
 * A state table in memory, by namespace and then by key: the keys of one window lie together, so a window fires by
 * walking one map, and most records find the namespace of the record before.
 */
export class MemoryTable<V> implements StateTable<V> {
  readonly #byNamespace = new Map<Namespace, Map<StateKey, Cell<V>>>();
  #lastNamespace: Namespace | undefined;
  #lastCells: Map<StateKey, Cell<V>> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  cell(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    return this.#cells(namespace)?.get(key);
  }

  insert(key: StateKey, namespace: Namespace, value: V): Cell<V> {
    let cells = this.#cells(namespace);
    if (cells === undefined) {
      cells = new Map();
      this.#byNamespace.set(namespace, cells);
      this.#lastCells = cells;
    }
    const cell = { key, namespace, value };
    cells.set(key, cell);
    this.#size++;
    return cell;
  }

  changed(_cell: Cell<V>): void {}

  remove(cell: Cell<V>): void {
    const cells = this.#cells(cell.namespace);
    if (!cells?.delete(cell.key)) return;
    this.#size--;
    if (cells.size === 0) {
      this.#byNamespace.delete(cell.namespace);
      this.#lastCells = undefined;
    }
  }

  removeAll(namespace: Namespace): void {
    this.#size -= this.#cells(namespace)?.size ?? 0;
    this.#byNamespace.delete(namespace);
    this.#lastCells = undefined;
  }

  cellsIn(namespace: Namespace): Iterable<Cell<V>> {
    return this.#cells(namespace)?.values() ?? [];
  }

  cellsAtHand(namespace: Namespace): Iterable<Cell<V>> {
    return this.cellsIn(namespace);
  }

  namespaces(): Iterable<Namespace> {
    return this.#byNamespace.keys();
  }

  #cells(namespace: Namespace): Map<StateKey, Cell<V>> | undefined {
    if (namespace === this.#lastNamespace) return this.#lastCells;
    this.#lastNamespace = namespace;
    this.#lastCells = this.#byNamespace.get(namespace);
    return this.#lastCells;
  }
}
