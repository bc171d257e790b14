import type { Key } from '../codec/key.ts';
import { ExpiringHandle } from './expiring-handle.ts';
import { KeyedHandle } from './keyed-handle.ts';
import { plainCodec, type StateOptions } from './state-options.ts';
import type { StateHandle } from './state-scope.ts';
import type { Cell, TableDescriptor } from './state-table.ts';
import { readTimed, readUntimed, type Timed, type TimeToLive, writeTimed } from './time-to-live.ts';

/** A list per key (Flink: ListState). With a time to live, each item has its own. */
export interface ListState<T> {
  /** The items in the order they were added, empty where there are none. Valid until the next change; not to be changed. */
  get(): readonly T[];
  add(item: T): void;
  addAll(items: Iterable<T>): void;
  /** Replaces all items; none clears. */
  update(items: Iterable<T>): void;
  clear(): void;
  forEachKey(visit: (key: Key) => void): void;
}

export type ListHandle<T> = ListState<T> & StateHandle;

export function listHandle<T>(name: string, options: StateOptions<T> = {}): ListHandle<T> {
  const { ttl } = options;
  return ttl === undefined ? new PlainList(name, options) : new ExpiringList(name, options, ttl);
}

class PlainList<T> extends KeyedHandle<T[]> implements ListHandle<T> {
  readonly #options: StateOptions<T>;

  constructor(name: string, options: StateOptions<T>) {
    super(name);
    this.#options = options;
  }

  get(): readonly T[] {
    return this.cell()?.value ?? [];
  }

  add(item: T): void {
    const cell = this.cell();
    if (cell === undefined) {
      this.put([item]);
    } else {
      cell.value.push(item);
      this.table?.changed(cell);
    }
  }

  addAll(items: Iterable<T>): void {
    for (const item of items) this.add(item);
  }

  update(items: Iterable<T>): void {
    const next = [...items];
    if (next.length === 0) this.clear();
    else this.put(next);
  }

  redeclare(): ListHandle<T> {
    return new PlainList(this.name, this.#options);
  }

  protected describe(): TableDescriptor<T[]> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    return {
      name: this.name,
      serializer: {
        version,
        serialize: (items) => items.map(serialize),
        deserialize: (plain, from) =>
          (plain as unknown[]).map((item) => readUntimed(item, (own) => deserialize(own, from))),
      },
    };
  }
}

class ExpiringList<T> extends ExpiringHandle<Timed<T>[]> implements ListHandle<T> {
  readonly #options: StateOptions<T>;

  constructor(name: string, options: StateOptions<T>, ttl: TimeToLive) {
    super(name, ttl);
    this.#options = options;
  }

  get(): readonly T[] {
    const cell = this.cell();
    if (cell === undefined) return [];
    const all = cell.value;
    this.trim(cell);
    const alive = this.cell()?.value ?? [];
    if (this.expiry.refreshOnRead && alive.length > 0) this.put(alive.map(({ value }) => this.timed(value)));
    this.cleanUp();
    return (this.expiry.showExpired ? all : alive).map(({ value }) => value);
  }

  add(item: T): void {
    const cell = this.cell();
    if (cell === undefined) {
      this.put([this.timed(item)]);
    } else {
      cell.value.push(this.timed(item));
      this.table?.changed(cell);
    }
    this.cleanUp();
  }

  addAll(items: Iterable<T>): void {
    for (const item of items) this.add(item);
  }

  update(items: Iterable<T>): void {
    const next = [...items].map((item) => this.timed(item));
    if (next.length === 0) this.clear();
    else this.put(next);
    this.cleanUp();
  }

  redeclare(): ListHandle<T> {
    return new ExpiringList(this.name, this.#options, this.ttl);
  }

  protected trim(cell: Cell<Timed<T>[]>): void {
    const alive = this.#alive(cell.value);
    if (alive.length === cell.value.length) return;
    if (alive.length === 0) {
      this.drop(cell);
    } else {
      cell.value = alive;
      this.table?.changed(cell);
    }
  }

  protected describe(): TableDescriptor<Timed<T>[]> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    const { clock } = this;
    return {
      name: this.name,
      isExpired: (items) => this.#alive(items).length === 0,
      serializer: {
        version,
        serialize: (items) => this.#alive(items).map((item) => writeTimed(item, serialize)),
        deserialize: (plain, from) =>
          (plain as unknown[]).map((item) => readTimed(item, (own) => deserialize(own, from), clock)),
      },
    };
  }

  #alive(items: Timed<T>[]): Timed<T>[] {
    const now = this.clock.now();
    return items.some((item) => this.expired(item, now)) ? items.filter((item) => !this.expired(item, now)) : items;
  }
}
