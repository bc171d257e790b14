import type { Key } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';
import type { Evictor } from '../window/evictor.ts';
import type { AnyTrigger } from '../window/trigger.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import type { WindowProcessFunction, WindowResultFunction } from '../window/window-function.ts';
import type { AnyAggregate } from './aggregate-function.ts';
import type { KeySelector } from './key-selector.ts';
import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  ProcessFunction,
} from './process-function.ts';

/**
 * What an operator of a graph does, as data with the user's functions in it. The TypeScript API and the job spec build
 * these; `createOperator` makes the running thing. Types of records are gone here: the builders checked them.
 */
type Value = unknown;
// biome-ignore lint/suspicious/noExplicitAny: a descriptor holds functions of any record type; the builders check them
type Untyped = any;

export type MapDescriptor = { readonly kind: 'map'; readonly map: (value: Untyped) => Value };
export type FilterDescriptor = { readonly kind: 'filter'; readonly filter: (value: Untyped) => boolean };
/** Gives an iterable of results, or calls `emit` for each. */
export type FlatMapDescriptor = {
  readonly kind: 'flatMap';
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that emits returns nothing, and may be declared so
  readonly flatMap: (value: Untyped, emit: (value: Value) => void) => Iterable<Value> | void;
};
/** Event time given in mid-stream. */
export type AssignTimestampsDescriptor = {
  readonly kind: 'assignTimestamps';
  readonly strategy: WatermarkStrategy<Untyped>;
};
export type ProcessDescriptor = { readonly kind: 'process'; readonly create: () => ProcessFunction<Untyped, Untyped> };

export type KeyedProcessDescriptor = {
  readonly kind: 'keyedProcess';
  readonly key: KeySelector<Untyped>;
  readonly create: () => KeyedProcessFunction<Untyped, Untyped, Untyped>;
};
/** Rolling reduce of a keyed stream: emits the reduced value after every record. The first record is emitted as is. */
export type ReduceDescriptor = {
  readonly kind: 'reduce';
  readonly key: KeySelector<Untyped>;
  readonly reduce: (left: Untyped, right: Untyped) => Value;
};

/** What is computed over a window's records. */
export type WindowComputation =
  | {
      readonly kind: 'aggregate';
      readonly aggregate: AnyAggregate<Untyped, Untyped>;
      /** Absent: the result itself is emitted. Giving undefined emits nothing (it may have called `emit` itself). */
      readonly result?: WindowResultFunction<Untyped, Untyped, Untyped>;
      /** `result` makes a row of columns and is no function of the user's, which might write to side outputs. */
      readonly makesRow?: true;
    }
  | {
      readonly kind: 'reduce';
      readonly reduce: (left: Untyped, right: Untyped) => Value;
      readonly result?: WindowResultFunction<Untyped, Untyped, Untyped>;
    }
  | { readonly kind: 'process'; readonly create: () => WindowProcessFunction<Untyped, Untyped, Untyped> };

export type WindowDescriptor = {
  readonly kind: 'window';
  /** Absent: one window over all keys (`windowAll`), parallelism 1. */
  readonly key?: KeySelector<Untyped>;
  readonly assigner: WindowAssigner<Untyped>;
  /** Absent: the assigner's own. */
  readonly trigger?: AnyTrigger;
  readonly evictor?: Evictor<Untyped>;
  /** 0 unless said. */
  readonly allowedLatenessMs: number;
  readonly computation: WindowComputation;
};
/** The side output of a window, interval join or pattern operator that takes late records. */
export const LATE_OUTPUT = 'late';

/**
 * Window join and coGroup: two inputs keyed alike, both collected per window. `coGroup` gets what both sides have of a
 * window; a join is a coGroup over pairs (the builder wraps it so).
 */
export type CoGroupDescriptor = {
  readonly kind: 'coGroup';
  readonly keys: readonly [KeySelector<Untyped>, KeySelector<Untyped>];
  /** Of session gaps by function: called with the record of either side. */
  readonly assigner: WindowAssigner<Untyped>;
  readonly trigger?: AnyTrigger;
  readonly evictor?: Evictor<Untyped>;
  readonly allowedLatenessMs: number;
  readonly coGroup: (
    left: readonly Untyped[],
    right: readonly Untyped[],
    context: {
      readonly key: Key;
      readonly window: { readonly start: Timestamp; readonly end: Timestamp };
      readonly emit: (value: Value) => void;
    },
  ) => void;
};

/**
 * Joins a left record with the right ones whose timestamps lie in `[left + lowerMs, left + upperMs]`. Late records of
 * either side go to the side outputs `lateLeft` and `lateRight`.
 */
export type IntervalJoinDescriptor = {
  readonly kind: 'intervalJoin';
  readonly keys: readonly [KeySelector<Untyped>, KeySelector<Untyped>];
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  /** Gives the joined record, or undefined for none; may emit several. The timestamp is the later of the two. */
  readonly join: (
    left: Untyped,
    right: Untyped,
    context: {
      readonly key: Key;
      readonly leftTimestamp: Timestamp;
      readonly rightTimestamp: Timestamp;
      readonly emit: (value: Value) => void;
    },
  ) => Value | undefined;
};

export type CoMapDescriptor = {
  readonly kind: 'coMap';
  readonly left: (value: Untyped) => Value;
  readonly right: (value: Untyped) => Value;
};
export type CoFlatMapDescriptor = {
  readonly kind: 'coFlatMap';
  readonly left: FlatMapDescriptor['flatMap'];
  readonly right: FlatMapDescriptor['flatMap'];
};
export type CoProcessDescriptor = {
  readonly kind: 'coProcess';
  readonly create: () => CoProcessFunction<Untyped, Untyped, Untyped>;
};
export type KeyedCoProcessDescriptor = {
  readonly kind: 'keyedCoProcess';
  readonly keys: readonly [KeySelector<Untyped>, KeySelector<Untyped>];
  readonly create: () => KeyedCoProcessFunction<Untyped, Untyped, Untyped, Untyped>;
};
/** Port 0 is the stream, port 1 the broadcast one. */
export type BroadcastProcessDescriptor = {
  readonly kind: 'broadcastProcess';
  readonly create: () => BroadcastProcessFunction<Untyped, Untyped, Untyped>;
};
export type KeyedBroadcastProcessDescriptor = {
  readonly kind: 'keyedBroadcastProcess';
  readonly key: KeySelector<Untyped>;
  readonly create: () => KeyedBroadcastProcessFunction<Untyped, Untyped, Untyped, Untyped>;
};

/** Asynchronous I/O (Flink: AsyncDataStream). Each call may give one result, several (an array) or none (undefined). */
export type AsyncDescriptor = {
  readonly kind: 'async';
  readonly call: (value: Untyped, signal: AbortSignal) => Promise<Value>;
  /** Ordered: results in the order of the records. Unordered: as they come, but never past a watermark. */
  readonly order: 'ordered' | 'unordered';
  /** Of one call, its retries included. */
  readonly timeoutMs: number;
  /** Calls under way at a time, per subtask. */
  readonly capacity: number;
  /** What a record that timed out gives instead; absent: it is poison. */
  readonly fallback?: (value: Untyped) => Value;
  readonly retry?: {
    readonly attempts: number;
    readonly delayMs: number;
    /** 1 for a fixed delay. */
    readonly backoff: number;
    readonly maxDelayMs: number;
    /** Which errors, and which results, are tried again; absent: every error, no result. */
    readonly onError?: (error: unknown) => boolean;
    readonly onResult?: (result: Untyped) => boolean;
  };
};

export type OperatorDescriptor =
  | MapDescriptor
  | FilterDescriptor
  | FlatMapDescriptor
  | AssignTimestampsDescriptor
  | ProcessDescriptor
  | KeyedProcessDescriptor
  | ReduceDescriptor
  | WindowDescriptor
  | CoGroupDescriptor
  | IntervalJoinDescriptor
  | CoMapDescriptor
  | CoFlatMapDescriptor
  | CoProcessDescriptor
  | KeyedCoProcessDescriptor
  | BroadcastProcessDescriptor
  | KeyedBroadcastProcessDescriptor
  | AsyncDescriptor;
