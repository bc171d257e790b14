import type { Key } from '../codec/key.ts';
import { ExpiringHandle } from './expiring-handle.ts';
import { KeyedHandle } from './keyed-handle.ts';
import { plainCodec, type StateOptions } from './state-options.ts';
import type { StateHandle } from './state-scope.ts';
import type { Cell, TableDescriptor } from './state-table.ts';
import { readTimed, readUntimed, type Timed, type TimeToLive, writeTimed } from './time-to-live.ts';

/** A map per key (Flink: MapState). With a time to live, each entry has its own. */
export interface MapState<K extends string | number, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  delete(key: K): void;
  /** A copy, in the order the map's keys came. */
  entries(): readonly (readonly [K, V])[];
  keys(): readonly K[];
  values(): readonly V[];
  readonly size: number;
  clear(): void;
  forEachKey(visit: (key: Key) => void): void;
}

export type MapHandle<K extends string | number, V> = MapState<K, V> & StateHandle;

export function mapHandle<K extends string | number, V>(name: string, options: StateOptions<V> = {}): MapHandle<K, V> {
  const { ttl } = options;
  return ttl === undefined ? new PlainMap(name, options) : new ExpiringMap(name, options, ttl);
}

class PlainMap<K extends string | number, V> extends KeyedHandle<Map<K, V>> implements MapHandle<K, V> {
  readonly #options: StateOptions<V>;

  constructor(name: string, options: StateOptions<V>) {
    super(name);
    this.#options = options;
  }

  get(key: K): V | undefined {
    return this.cell()?.value.get(key);
  }

  has(key: K): boolean {
    return this.cell()?.value.has(key) ?? false;
  }

  set(key: K, value: V): void {
    const cell = this.cell();
    if (cell === undefined) {
      this.put(new Map([[key, value]]));
    } else {
      cell.value.set(key, value);
      this.table?.changed(cell);
    }
  }

  delete(key: K): void {
    const cell = this.cell();
    if (!cell?.value.delete(key)) return;
    if (cell.value.size === 0) this.drop(cell);
    else this.table?.changed(cell);
  }

  entries(): readonly (readonly [K, V])[] {
    return [...(this.cell()?.value ?? [])];
  }

  keys(): readonly K[] {
    return [...(this.cell()?.value.keys() ?? [])];
  }

  values(): readonly V[] {
    return [...(this.cell()?.value.values() ?? [])];
  }

  get size(): number {
    return this.cell()?.value.size ?? 0;
  }

  redeclare(): MapHandle<K, V> {
    return new PlainMap(this.name, this.#options);
  }

  protected describe(): TableDescriptor<Map<K, V>> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    return {
      name: this.name,
      serializer: {
        version,
        serialize: (map) => new Map([...map].map(([key, value]) => [key, serialize(value)])),
        deserialize: (plain, from) =>
          new Map(
            [...(plain as Map<K, unknown>)].map(([key, value]) => [
              key,
              readUntimed(value, (own) => deserialize(own, from)),
            ]),
          ),
      },
    };
  }
}

class ExpiringMap<K extends string | number, V> extends ExpiringHandle<Map<K, Timed<V>>> implements MapHandle<K, V> {
  readonly #options: StateOptions<V>;

  constructor(name: string, options: StateOptions<V>, ttl: TimeToLive) {
    super(name, ttl);
    this.#options = options;
  }

  get(key: K): V | undefined {
    const value = this.#read(key);
    this.cleanUp();
    return value;
  }

  has(key: K): boolean {
    const timed = this.cell()?.value.get(key);
    return timed !== undefined && (this.expiry.showExpired || !this.expired(timed));
  }

  set(key: K, value: V): void {
    const cell = this.cell();
    if (cell === undefined) {
      this.put(new Map([[key, this.timed(value)]]));
    } else {
      cell.value.set(key, this.timed(value));
      this.table?.changed(cell);
    }
    this.cleanUp();
  }

  delete(key: K): void {
    const cell = this.cell();
    if (cell !== undefined) this.#deleteIn(cell, key);
    this.cleanUp();
  }

  entries(): readonly (readonly [K, V])[] {
    const cell = this.cell();
    if (cell === undefined) return [];
    const now = this.clock.now();
    const seen: [K, V][] = [];
    for (const [key, timed] of cell.value) {
      if (this.expiry.showExpired || !this.expired(timed, now)) seen.push([key, timed.value]);
    }
    this.trim(cell);
    if (this.expiry.refreshOnRead) this.#refresh();
    this.cleanUp();
    return seen;
  }

  keys(): readonly K[] {
    return this.entries().map(([key]) => key);
  }

  values(): readonly V[] {
    return this.entries().map(([, value]) => value);
  }

  get size(): number {
    return this.entries().length;
  }

  redeclare(): MapHandle<K, V> {
    return new ExpiringMap(this.name, this.#options, this.ttl);
  }

  protected trim(cell: Cell<Map<K, Timed<V>>>): void {
    const now = this.clock.now();
    for (const [key, timed] of cell.value) if (this.expired(timed, now)) this.#deleteIn(cell, key);
  }

  protected describe(): TableDescriptor<Map<K, Timed<V>>> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    const { clock } = this;
    return {
      name: this.name,
      isExpired: (map) => this.#alive(map).length === 0,
      serializer: {
        version,
        serialize: (map) => new Map(this.#alive(map).map(([key, timed]) => [key, writeTimed(timed, serialize)])),
        deserialize: (plain, from) =>
          new Map(
            [...(plain as Map<K, unknown>)].map(([key, value]) => [
              key,
              readTimed(value, (own) => deserialize(own, from), clock),
            ]),
          ),
      },
    };
  }

  #read(key: K): V | undefined {
    const cell = this.cell();
    const timed = cell?.value.get(key);
    if (cell === undefined || timed === undefined) return undefined;
    if (this.expired(timed)) {
      this.#deleteIn(cell, key);
      return this.expiry.showExpired ? timed.value : undefined;
    }
    if (this.expiry.refreshOnRead) {
      cell.value.set(key, this.timed(timed.value));
      this.table?.changed(cell);
    }
    return timed.value;
  }

  #refresh(): void {
    const cell = this.cell();
    if (cell === undefined) return;
    for (const [key, { value }] of cell.value) cell.value.set(key, this.timed(value));
    this.table?.changed(cell);
  }

  #deleteIn(cell: Cell<Map<K, Timed<V>>>, key: K): void {
    if (!cell.value.delete(key)) return;
    if (cell.value.size === 0) this.drop(cell);
    else this.table?.changed(cell);
  }

  #alive(map: Map<K, Timed<V>>): [K, Timed<V>][] {
    const now = this.clock.now();
    return [...map].filter(([, timed]) => !this.expired(timed, now));
  }
}
