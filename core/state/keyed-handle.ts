import { type Key, userKeyOf } from '../codec/key.ts';
import { noKey, type StateHandle, type StateScope, unbound } from './state-scope.ts';
import { type Cell, type StateTable, type TableDescriptor, VOID_NAMESPACE } from './state-table.ts';

/**
 * A state with one cell per key, and the cell of the key at hand kept, so that any number of reads and writes of one
 * record cost one look-up.
 */
export abstract class KeyedHandle<V> implements StateHandle {
  readonly name: string;
  protected scope: StateScope | undefined;
  protected table: StateTable<V> | undefined;
  #selection = -1;
  #cell: Cell<V> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  abstract redeclare(): StateHandle;
  protected abstract describe(): TableDescriptor<V>;

  bind(scope: StateScope): void {
    this.scope = scope;
    this.table = scope.backend.table(this.describe());
  }

  /** Forgets the value of the key at hand. */
  clear(): void {
    const cell = this.cell();
    if (cell !== undefined) this.drop(cell);
  }

  /**
   * Visits every key that has a value, with that key at hand, in the order the keys came (Flink: applyToKeyedState).
   * Visiting may change or clear the visited key's state.
   */
  forEachKey(visit: (key: Key) => void): void {
    const { scope, table } = this;
    if (scope === undefined || table === undefined) throw unbound(this.name);
    const before = scope.key;
    try {
      for (const { key } of table.cellsIn(VOID_NAMESPACE)) {
        scope.select(key);
        visit(userKeyOf(key));
      }
    } finally {
      scope.select(before);
    }
  }

  protected cell(): Cell<V> | undefined {
    return this.scope !== undefined && this.#selection === this.scope.selection ? this.#cell : this.#find();
  }

  protected put(value: V): void {
    const cell = this.cell();
    if (cell === undefined) {
      this.#insert(value);
    } else {
      cell.value = value;
      this.table?.changed(cell);
    }
  }

  protected drop(cell: Cell<V>): void {
    this.table?.remove(cell);
    if (cell === this.#cell) this.#cell = undefined;
  }

  #find(): Cell<V> | undefined {
    const { scope, table } = this;
    if (scope === undefined || table === undefined) throw unbound(this.name);
    if (scope.key === undefined) throw noKey(this.name);
    this.#cell = table.cell(scope.key, VOID_NAMESPACE);
    this.#selection = scope.selection;
    return this.#cell;
  }

  #insert(value: V): void {
    if (this.scope?.key === undefined) throw noKey(this.name);
    this.#cell = this.table?.insert(this.scope.key, VOID_NAMESPACE, value);
  }
}
