import { BroadcastHandle, type BroadcastState } from './broadcast-state.ts';
import {
  type Aggregate,
  type AggregatingState,
  aggregatingHandle,
  type ReducingState,
  reducingHandle,
} from './folding-state.ts';
import { type ListState, listHandle } from './list-state.ts';
import { type MapState, mapHandle } from './map-state.ts';
import { OperatorListHandle, type OperatorListOptions } from './operator-list.ts';
import type { Serializer } from './serializer.ts';
import type { OperatorListState } from './state-backend.ts';
import type { StateOptions, ValueOptions } from './state-options.ts';
import { declared, type StateHandle } from './state-scope.ts';
import { type ValueState, valueHandle } from './value-state.ts';

function value<T>(
  name: string,
  options: ValueOptions<T> & { readonly default: T | (() => T) },
): ValueState<T> & StateHandle;
function value<T>(name: string, options?: StateOptions<T>): ValueState<T | undefined> & StateHandle;
function value<T>(name: string, options?: ValueOptions<T>): ValueState<T | undefined> & StateHandle {
  return declared(valueHandle(name, options));
}

/**
 * Declares the state of a user's function, as fields of its class or under `state` of a function object. Names are
 * unique within the function and stable across versions of the job, since what is saved is found by them.
 *
 * Keyed states (`value`, `list`, `map`, `reducing`, `aggregating`) take `ttl` and `serializer`; see {@link StateOptions}.
 *
 * @example
 * class Spikes {
 *   readonly usual = state.value<number>('usual', { default: 0, ttl: '1d' });
 *   readonly seen = state.map<string, number>('seen');
 *   readonly highest = state.reducing<number>('highest', Math.max);
 * }
 */
export const state = {
  value,
  list: <T>(name: string, options?: StateOptions<T>): ListState<T> & StateHandle => declared(listHandle(name, options)),
  map: <K extends string | number, V>(name: string, options?: StateOptions<V>): MapState<K, V> & StateHandle =>
    declared(mapHandle(name, options)),
  reducing: <T>(
    name: string,
    reduce: (left: T, right: T) => T,
    options?: StateOptions<T>,
  ): ReducingState<T> & StateHandle => declared(reducingHandle(name, reduce, options)),
  aggregating: <In, Accumulator, Out>(
    name: string,
    aggregate: Aggregate<In, Accumulator, Out>,
    options?: StateOptions<Accumulator>,
  ): AggregatingState<In, Out> & StateHandle => declared(aggregatingHandle(name, aggregate, options)),
  /** The same on every subtask; changed only by records of the broadcast side. */
  broadcast: <K extends string | number, V>(
    name: string,
    options: { readonly serializer?: Serializer<V> } = {},
  ): BroadcastState<K, V> & StateHandle => declared(new BroadcastHandle<K, V>(name, options.serializer)),
  /** A list of the subtask, not of a key. `distribution` says how it is shared out when the parallelism changes. */
  operatorList: <T>(name: string, options: OperatorListOptions<T> = {}): OperatorListState<T> & StateHandle =>
    declared(new OperatorListHandle<T>(name, options)),
} as const;
