import type { Serializer } from './serializer.ts';
import type { OperatorListState } from './state-backend.ts';
import { plainCodec } from './state-options.ts';
import { refusal, type StateHandle, type StateScope, unbound } from './state-scope.ts';

/**
 * A map that every subtask holds alike (Flink: BroadcastState). It may be changed only while a record of the broadcast
 * side is handled, since only those reach every subtask in the same order.
 */
export interface BroadcastState<K extends string | number, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  entries(): Iterable<readonly [K, V]>;
  readonly size: number;
  set(key: K, value: V): void;
  delete(key: K): void;
  clear(): void;
}

/** The whole map is the one item of an operator list, so that a change costs the same however large it is. */
export class BroadcastHandle<K extends string | number, V> implements BroadcastState<K, V>, StateHandle {
  readonly name: string;
  readonly #serializer: Serializer<V> | undefined;
  #scope: StateScope | undefined;
  #list: OperatorListState<Map<K, V>> | undefined;
  #map = new Map<K, V>();

  constructor(name: string, serializer: Serializer<V> | undefined) {
    this.name = name;
    this.#serializer = serializer;
  }

  bind(scope: StateScope): void {
    const { version, serialize, deserialize } = plainCodec(this.#serializer);
    this.#scope = scope;
    this.#list = scope.backend.list<Map<K, V>>(
      {
        name: this.name,
        serializer: {
          version,
          serialize: (map) => new Map([...map].map(([key, value]) => [key, serialize(value)])),
          deserialize: (plain, from) =>
            new Map([...(plain as Map<K, unknown>)].map(([key, value]) => [key, deserialize(value, from)])),
        },
      },
      'broadcast',
    );
    this.#map = this.#list.get()[0] ?? this.#map;
  }

  get(key: K): V | undefined {
    return this.#bound().get(key);
  }

  has(key: K): boolean {
    return this.#bound().has(key);
  }

  entries(): Iterable<readonly [K, V]> {
    return this.#bound().entries();
  }

  get size(): number {
    return this.#bound().size;
  }

  set(key: K, value: V): void {
    this.#writable().set(key, value);
    this.#list?.update([this.#map]);
  }

  delete(key: K): void {
    if (this.#writable().delete(key)) this.#list?.update([this.#map]);
  }

  clear(): void {
    this.#writable().clear();
    this.#list?.update([]);
  }

  redeclare(): BroadcastHandle<K, V> {
    return new BroadcastHandle(this.name, this.#serializer);
  }

  #bound(): Map<K, V> {
    if (this.#scope === undefined) throw unbound(this.name);
    return this.#map;
  }

  #writable(): Map<K, V> {
    const map = this.#bound();
    if (this.#scope?.broadcasting) return map;
    throw refusal(this.name, 'is broadcast state and may be changed only in processBroadcast');
  }
}
