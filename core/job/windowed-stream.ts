import type { Key } from '../codec/key.ts';
import type { AggregateFunction, AnyAggregate } from '../operator/aggregate-function.ts';
import type { LATE_OUTPUT, WindowComputation, WindowDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import { type RollingAggregate, rollingAggregate } from '../operator/rolling.ts';
import type { Untyped } from '../operator/untyped.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Evictor } from '../window/evictor.ts';
import type { AnyTrigger } from '../window/trigger.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import type { WindowContext, WindowProcessFunction, WindowResultFunction } from '../window/window-function.ts';
import type { Aggregates, ResultsOf } from './aggregate-record.ts';
import { functionText, windowText } from './description.ts';
import { leastBy, mostBy, type NumberField, type Ordered, type OrderedField, type Reduce } from './field.ts';
import type { Nothing } from './nothing.ts';
import { type Made, makerOf, nameOfMade } from './process-form.ts';
import { SidedStream } from './stream.ts';
import { rowComputation } from './window-row.ts';
import type { Wiring } from './wiring.ts';

/** How windows fire and how long they wait. */
export type WindowOptions<T> = {
  /** How long after its end a window takes late records and gives an updated result; `0ms` unless said. */
  readonly allowedLateness?: Duration;
  /** When windows fire; absent: when their time is over. */
  readonly trigger?: AnyTrigger<T>;
  /** What is taken out of a window before its function; then all records are kept, not only what they add up to. */
  readonly evictor?: Evictor<T>;
};

/** The columns that windows of time add to their results; end excluded, in epoch milliseconds. */
export type WindowBounds = { readonly windowStart: Timestamp; readonly windowEnd: Timestamp };

/** Windows of records (count, global) have no bounds. */
export type BoundsOf<Assigner> = Assigner extends { readonly kind: 'count' | 'global' } ? object : WindowBounds;

/** A map of aggregates that gives no result the name of a column which is there already. */
export type AggregatesOf<T, Taken extends PropertyKey> = { readonly [name: string]: AnyAggregate<T> } & {
  readonly [Name in Taken & string]?: `"${Name}" is a column of the key or the window; choose another name`;
};

/** A result record: the key's columns, the window's bounds, the results. */
export type WindowRow<Columns, Bounds, A> = {
  readonly [Name in keyof (Columns & Bounds & ResultsOf<A>)]: (Columns & Bounds & ResultsOf<A>)[Name];
};

/** A map of aggregates gives a row, one aggregate its own result. */
export type AggregateResult<Columns, Bounds, A> =
  A extends AggregateFunction<never, Untyped, infer Out> ? Out : WindowRow<Columns, Bounds, A>;

/** What a function that returns its result knows of the window; one that wants to emit several is a process function. */
export type ResultContext<K extends Key> = Omit<WindowContext<K>, 'emit'>;

type Late<T> = { readonly [Tag in typeof LATE_OUTPUT]: T };

/** Records of a key divided into windows (Flink: WindowedStream, AllWindowedStream). */
export class WindowedStream<T, K extends Key, Columns extends object, Bounds extends object> {
  readonly #wiring: Wiring;
  readonly #key: KeySelector | undefined;
  readonly #parts: WindowParts;
  /** Hold the types of the columns; never set. */
  declare readonly '~columns'?: Columns;
  declare readonly '~bounds'?: Bounds;

  constructor(wiring: Wiring, key: KeySelector | undefined, assigner: WindowAssigner<T>, options: WindowOptions<T>) {
    this.#wiring = wiring;
    this.#key = key;
    this.#parts = windowParts(assigner, options);
  }

  /**
   * Aggregates by name. The result has the key's columns, `windowStart` and `windowEnd` (where windows are of time), and
   * a value under each name. Of one aggregate function without a name, the result is its own.
   *
   * @example
   * clicks.keyBy('page').window(tumbling('10s')).aggregate({ views: count(), slowest: max((click) => click.ms) });
   * // { page, windowStart, windowEnd, views, slowest }
   */
  aggregate<const A extends AnyAggregate<T> | AggregatesOf<T, keyof Columns | keyof Bounds>>(
    aggregates: A | AnyAggregate<T>,
  ): SidedStream<AggregateResult<Columns, Bounds, A>, Late<T>>;
  /** The same, each result turned into another with the window at hand; undefined emits nothing. */
  aggregate<const A extends AnyAggregate<T> | AggregatesOf<T, keyof Columns | keyof Bounds>, Out>(
    aggregates: A | AnyAggregate<T>,
    result: (result: AggregateResult<Columns, Bounds, A>, context: ResultContext<K>) => Out | undefined,
  ): SidedStream<Out, Late<T>>;
  aggregate(given: AnyAggregate<T> | Aggregates<T>, result?: WindowResultFunction<K, Untyped, unknown>): unknown {
    if (isAggregate<T>(given)) {
      return this.#operator({ kind: 'aggregate', aggregate: given, ...(result !== undefined && { result }) });
    }
    const names = Object.keys(given);
    const computation = rowComputation(given, this.#key, this.#parts.assigner);
    if (result === undefined) return this.#operator({ ...computation, makesRow: true }, names.join(', '));
    const { result: row } = computation;
    const whole: WindowResultFunction<K, object, unknown> = (results, context) =>
      result(row(results, context), context);
    return this.#operator({ ...computation, result: whole }, names.join(', '));
  }

  /** Reduces incrementally; with `result`, turned into another record with the window at hand. */
  reduce(reduce: Reduce<T>): SidedStream<T, Late<T>>;
  reduce<Out>(
    reduce: Reduce<T>,
    result: (reduced: T, context: ResultContext<K>) => Out | undefined,
  ): SidedStream<Out, Late<T>>;
  reduce(reduce: Reduce<T>, result?: WindowResultFunction<K, T, unknown>): unknown {
    return this.#operator({ kind: 'reduce', reduce, ...(result !== undefined && { result }) }, functionText(reduce));
  }

  /** A full-window function: its class, a function that makes one, or an object (Flink: ProcessWindowFunction). */
  process<Out>(made: Made<WindowProcessFunction<K, T, Out>>): SidedStream<Out, Late<T>> {
    return this.#operator({ kind: 'process', create: makerOf(made) }, nameOfMade(made));
  }

  /** All records of a window at once; what is returned is emitted, unless that is undefined (Flink: WindowFunction). */
  apply<Out>(
    apply: (elements: readonly T[], context: ResultContext<K>) => Out | undefined | Nothing,
  ): SidedStream<Out, Late<T>> {
    const whole: WindowProcessFunction<K, T, Out> = {
      process(elements, context) {
        const result = apply(elements, context);
        if (result !== undefined) context.emit(result);
      },
    };
    return this.#operator({ kind: 'process', create: () => whole }, functionText(apply));
  }

  /** The sum of a field; the other fields are those of the window's first record. */
  sum(field: NumberField<T>): SidedStream<T, Late<T>> {
    return this.#rolling('sum', field);
  }

  /** The minimum of a field; the other fields are those of the window's first record. */
  min(field: OrderedField<T>): SidedStream<T, Late<T>> {
    return this.#rolling('min', field);
  }

  /** The maximum of a field; the other fields are those of the window's first record. */
  max(field: OrderedField<T>): SidedStream<T, Late<T>> {
    return this.#rolling('max', field);
  }

  /** The record that has the least of a field, or of what a function gives; the first of equals. */
  minBy(by: OrderedField<T> | ((value: T) => Ordered)): SidedStream<T, Late<T>> {
    return this.#extreme('minBy', by, leastBy);
  }

  /** The record that has the most of a field, or of what a function gives; the first of equals. */
  maxBy(by: OrderedField<T> | ((value: T) => Ordered)): SidedStream<T, Late<T>> {
    return this.#extreme('maxBy', by, mostBy);
  }

  #rolling(aggregate: RollingAggregate, field: string): SidedStream<T, Late<T>> {
    const { key, reduce } = rollingAggregate(aggregate, field, this.#key ?? OVER_ALL);
    const computation = { kind: 'reduce', reduce } as const;
    return this.#operator(computation, `${aggregate} ${field}`, this.#key === undefined ? undefined : key);
  }

  #extreme(
    aggregate: 'minBy' | 'maxBy',
    by: string | ((value: T) => Ordered),
    reduceBy: (by: (value: T) => Ordered) => Reduce<T>,
  ): SidedStream<T, Late<T>> {
    if (typeof by === 'string') return this.#rolling(aggregate, by);
    const text = `${aggregate} ${functionText(by) ?? ''}`.trimEnd();
    return this.#operator({ kind: 'reduce', reduce: reduceBy(by) }, text);
  }

  #operator<Out>(
    computation: WindowComputation,
    description?: string,
    key: KeySelector | undefined = this.#key,
  ): SidedStream<Out, Late<T>> {
    const descriptor: WindowDescriptor = {
      kind: 'window',
      ...(key !== undefined && { key }),
      ...this.#parts,
      computation,
    };
    const text = [windowText(this.#parts.assigner), description].filter((part) => part !== undefined).join(': ');
    const windowed = new SidedStream<Out, Late<T>>(this.#wiring.builder, this.#wiring.operator(descriptor, text));
    return key === undefined ? windowed.parallelism(1) : windowed;
  }
}

/** Stands for the key of a window over all records. */
const OVER_ALL: KeySelector = { of: () => '', columns: [] };

type WindowParts = Pick<WindowDescriptor, 'assigner' | 'trigger' | 'evictor' | 'allowedLatenessMs'>;

/**
 * The parts of a window's descriptor that the user says.
 *
 * @throws JobSpecError where the allowed lateness is no duration.
 */
export function windowParts<T>(
  assigner: WindowAssigner<T>,
  { allowedLateness = 0, trigger, evictor }: WindowOptions<T>,
): WindowParts {
  return {
    assigner: assigner as WindowAssigner<Untyped>,
    ...(trigger !== undefined && { trigger }),
    ...(evictor !== undefined && { evictor: evictor as Evictor }),
    allowedLatenessMs: durationMs(allowedLateness, 'window.allowedLateness'),
  };
}

function isAggregate<T>(given: object): given is AnyAggregate<T> {
  return 'create' in given && typeof given.create === 'function' && 'add' in given && typeof given.add === 'function';
}
