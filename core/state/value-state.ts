import type { Key } from '../codec/key.ts';
import { ExpiringHandle } from './expiring-handle.ts';
import { KeyedHandle } from './keyed-handle.ts';
import { defaultOf, plainCodec, type ValueOptions } from './state-options.ts';
import type { StateHandle } from './state-scope.ts';
import type { Cell, TableDescriptor } from './state-table.ts';
import { readTimed, readUntimed, type Timed, type TimeToLive, writeTimed } from './time-to-live.ts';

/**
 * One value per key (Flink: ValueState).
 *
 * What `get` gives must not be changed in place, unless it is `set` afterwards.
 */
export interface ValueState<T> {
  /** The value; the default where there is none, undefined where there is no default. */
  get(): T;
  /** Setting undefined clears. */
  set(value: T): void;
  clear(): void;
  /** Visits every key that has a value, with that key at hand. */
  forEachKey(visit: (key: Key) => void): void;
}

/** A value handle, with what the states that are built on one need beside. */
export interface ValueHandle<T> extends ValueState<T | undefined>, StateHandle {
  /** The value unless it is expired, however visible expired values are. */
  live(): T | undefined;
  redeclare(): ValueHandle<T>;
}

/** With or without a time to live, as the options say. */
export function valueHandle<T>(name: string, options: ValueOptions<T> = {}): ValueHandle<T> {
  const { ttl } = options;
  return ttl === undefined ? new PlainValue(name, options) : new ExpiringValue(name, options, ttl);
}

class PlainValue<T> extends KeyedHandle<T> implements ValueHandle<T> {
  readonly #options: ValueOptions<T>;
  readonly #default: () => T | undefined;

  constructor(name: string, options: ValueOptions<T>) {
    super(name);
    this.#options = options;
    this.#default = defaultOf(options.default);
  }

  get(): T | undefined {
    const cell = this.cell();
    return cell === undefined ? this.#default() : cell.value;
  }

  live(): T | undefined {
    return this.cell()?.value;
  }

  set(value: T | undefined): void {
    if (value === undefined) this.clear();
    else this.put(value);
  }

  redeclare(): ValueHandle<T> {
    return new PlainValue(this.name, this.#options);
  }

  protected describe(): TableDescriptor<T> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    return {
      name: this.name,
      serializer: {
        version,
        serialize,
        deserialize: (plain, from) => readUntimed(plain, (own) => deserialize(own, from)),
      },
    };
  }
}

class ExpiringValue<T> extends ExpiringHandle<Timed<T>> implements ValueHandle<T> {
  readonly #options: ValueOptions<T>;
  readonly #default: () => T | undefined;

  constructor(name: string, options: ValueOptions<T>, ttl: TimeToLive) {
    super(name, ttl);
    this.#options = options;
    this.#default = defaultOf(options.default);
  }

  get(): T | undefined {
    const value = this.#read();
    this.cleanUp();
    return value;
  }

  live(): T | undefined {
    const timed = this.cell()?.value;
    return timed === undefined || this.expired(timed) ? undefined : timed.value;
  }

  set(value: T | undefined): void {
    if (value === undefined) this.clear();
    else this.put(this.timed(value));
    this.cleanUp();
  }

  redeclare(): ValueHandle<T> {
    return new ExpiringValue(this.name, this.#options, this.ttl);
  }

  protected trim(cell: Cell<Timed<T>>): void {
    if (this.expired(cell.value)) this.drop(cell);
  }

  protected describe(): TableDescriptor<Timed<T>> {
    const { version, serialize, deserialize } = plainCodec(this.#options.serializer);
    const { clock } = this;
    return {
      name: this.name,
      isExpired: (timed) => this.expired(timed),
      serializer: {
        version,
        serialize: (timed) => writeTimed(timed, serialize),
        deserialize: (plain, from) => readTimed(plain, (own) => deserialize(own, from), clock),
      },
    };
  }

  #read(): T | undefined {
    const cell = this.cell();
    if (cell === undefined) return this.#default();
    const { value } = cell.value;
    if (this.expired(cell.value)) {
      this.drop(cell);
      return this.expiry.showExpired ? value : this.#default();
    }
    if (this.expiry.refreshOnRead) this.put(this.timed(value));
    return value;
  }
}
