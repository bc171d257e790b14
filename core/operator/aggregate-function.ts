/**
 * An incremental aggregate (Flink: AggregateFunction).
 *
 * `add` and `merge` may change and return the accumulator they are given, or return a new one: what they return counts.
 * An accumulator is plain data, so that it can be checkpointed. With `merge`, an aggregate can be combined before a
 * shuffle, shared between sliding windows and used in session windows; it must not depend on how the records were
 * grouped: `merge(add(create(), a), add(create(), b))` is worth `add(add(create(), a), b)`.
 */
export interface AggregateFunction<In, Accumulator, Out> {
  create(): Accumulator;
  add(accumulator: Accumulator, value: In, timestamp: number): Accumulator;
  result(accumulator: Accumulator): Out;
  merge?(into: Accumulator, from: Accumulator): Accumulator;
}

/** An aggregate of whatever accumulator: what descriptors and builders hand around. */
// biome-ignore lint/suspicious/noExplicitAny: an accumulator is private to its function, so no other type fits every one
export type AnyAggregate<In = unknown, Out = unknown> = AggregateFunction<In, any, Out>;
