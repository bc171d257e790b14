import type { Key } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * Process functions: the user's own operators, with state and timers (Flink: ProcessFunction and its kin).
 *
 * Each is a class with its state declared as fields (`readonly usual = state.value<number>('usual', { default: 0 })`),
 * one instance per subtask. All methods are synchronous; a returned promise is an error, since waiting is the async
 * operator's. A context is reused: take what you need out of it, do not keep it.
 */
export interface Context<Out = unknown> {
  /** Of the record or timer at hand; NO_TIMESTAMP where the record has none. */
  readonly timestamp: Timestamp;
  readonly watermark: Timestamp;
  readonly processingTime: Timestamp;
  /** Emits with the timestamp at hand; in a processing-time timer with none, as Flink does. */
  readonly emit: (value: Out) => void;
  /** Emits into a side output. */
  readonly side: (tag: string, value: unknown) => void;
}

/** The context of a keyed function: the key of the record at hand, and its timers. */
export interface KeyedContext<K extends Key = Key, Out = unknown> extends Context<Out> {
  readonly key: K;
  readonly timers: Timers;
}

/** Timers of the key at hand: one per key and time. Deleting one that is not set does nothing. */
export interface Timers {
  eventTime(at: Timestamp): void;
  processingTime(at: Timestamp): void;
  deleteEventTime(at: Timestamp): void;
  deleteProcessingTime(at: Timestamp): void;
}

/** What the context of `onTimer` says beside: which of the two times the timer was set for. */
export interface TimerContext<K extends Key = Key, Out = unknown> extends KeyedContext<K, Out> {
  readonly domain: 'event' | 'processing';
}

/** Life of any user's function object. */
export interface Lifecycle {
  /** Once per subtask, before the first record; state handles are ready, but there is no key yet. */
  open?(subtask: { readonly index: number; readonly parallelism: number }): void;
  close?(): void;
}

// The optional phantom members below keep a function of one record type from being taken where another is expected:
// method parameters alone are compared both ways (bivariantly).

/** Sees each record of a stream that is not keyed: no timers, no keyed state (Flink: ProcessFunction). */
export interface ProcessFunction<In, Out> extends Lifecycle {
  readonly '~in'?: (value: In) => void;
  process(value: In, context: Context<Out>): void;
}

/** Sees each record with the state and the timers of its key (Flink: KeyedProcessFunction). */
export interface KeyedProcessFunction<K extends Key, In, Out> extends Lifecycle {
  readonly '~in'?: (value: In) => void;
  process(value: In, context: KeyedContext<K, Out>): void;
  onTimer?(at: Timestamp, context: TimerContext<K, Out>): void;
}

/** Two connected inputs, not keyed: no timers, no keyed state. */
export interface CoProcessFunction<Left, Right, Out> extends Lifecycle {
  readonly '~in'?: (left: Left, right: Right) => void;
  processLeft(value: Left, context: Context<Out>): void;
  processRight(value: Right, context: Context<Out>): void;
}

/** Two connected inputs keyed alike: state and timers are shared between them. */
export interface KeyedCoProcessFunction<K extends Key, Left, Right, Out> extends Lifecycle {
  readonly '~in'?: (left: Left, right: Right) => void;
  processLeft(value: Left, context: KeyedContext<K, Out>): void;
  processRight(value: Right, context: KeyedContext<K, Out>): void;
  onTimer?(at: Timestamp, context: TimerContext<K, Out>): void;
}

/** Broadcast state: a map that every subtask holds alike. Read-only on the side that is not broadcast. */
export interface ReadonlyBroadcast<K extends string | number, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  entries(): Iterable<readonly [K, V]>;
  readonly size: number;
}

export interface Broadcast<K extends string | number, V> extends ReadonlyBroadcast<K, V> {
  set(key: K, value: V): void;
  delete(key: K): void;
  clear(): void;
}

/** A stream joined with a broadcast one (Flink: BroadcastProcessFunction). Broadcast state is declared by `state.broadcast`. */
export interface BroadcastProcessFunction<In, Rule, Out> extends Lifecycle {
  readonly '~in'?: (value: In, rule: Rule) => void;
  process(value: In, context: Context<Out>): void;
  processBroadcast(rule: Rule, context: Context<Out>): void;
}

/** A keyed stream joined with a broadcast one (Flink: KeyedBroadcastProcessFunction). */
export interface KeyedBroadcastProcessFunction<K extends Key, In, Rule, Out> extends Lifecycle {
  readonly '~in'?: (value: In, rule: Rule) => void;
  process(value: In, context: KeyedContext<K, Out>): void;
  /** No key is at hand here; `forEachKey` of a keyed state handle visits all keys (Flink: applyToKeyedState). */
  processBroadcast(rule: Rule, context: Context<Out>): void;
  onTimer?(at: Timestamp, context: TimerContext<K, Out>): void;
}
