import type { Serializer } from './serializer.ts';
import type { TimeToLive } from './time-to-live.ts';

/** What any keyed state may be given. `T` is the value, or the item of a list, or the value of a map's entry. */
export type StateOptions<T> = {
  /** Absent: the state lives until it is cleared. */
  readonly ttl?: TimeToLive;
  /** Absent: the value is plain data and written as it is, as version 1. */
  readonly serializer?: Serializer<T>;
};

/** Options of `state.value`. */
export type ValueOptions<T> = StateOptions<T> & {
  /**
   * What `get` gives where nothing was set. A default that can be changed (an object, an array) is copied for each call;
   * a function is called for each.
   */
  readonly default?: T | (() => T);
};

/** Makes the default for one key. */
export function defaultOf<T>(given: T | (() => T) | undefined): () => T | undefined {
  if (typeof given === 'function') return given as () => T;
  if (typeof given === 'object' && given !== null) return () => structuredClone(given);
  return () => given;
}

/** A serializer as functions: the user's, or one that takes values as they are. */
export function plainCodec<T>(given: Serializer<T> | undefined): Serializer<T> {
  return {
    version: given?.version ?? 1,
    serialize: (value) => (given === undefined ? value : given.serialize(value)),
    deserialize: (plain, version) => (given === undefined ? (plain as T) : given.deserialize(plain, version)),
  };
}
