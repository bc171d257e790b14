import type { Key } from '../codec/key.ts';
import type { ReduceDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { KeyedProcessFunction } from '../operator/process-function.ts';
import { type RollingAggregate, rollingAggregate } from '../operator/rolling.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import { KeyedBroadcastConnectedStreams, KeyedConnectedStreams } from './connected-streams.ts';
import { functionText } from './description.ts';
import { leastBy, mostBy, type NumberField, type Ordered, type OrderedField, type Reduce } from './field.ts';
import { IntervalJoin } from './interval-join.ts';
import { type Made, makerOf, nameOfMade } from './process-form.ts';
import { BroadcastStream, OperatorStream, SidedStream } from './stream.ts';
import { CoGroupedStreams, JoinedStreams } from './window-join.ts';
import { type BoundsOf, WindowedStream, type WindowOptions } from './windowed-stream.ts';
import type { Wiring } from './wiring.ts';

/**
 * Records divided by key (Flink: KeyedStream). `Columns` are what the key adds to the results of windows.
 *
 * What is computed here is computed for each key by itself, in the subtask that the key belongs to.
 */
export class KeyedStream<T, K extends Key, Columns extends object = object> {
  /** What the stream is underneath; not for users. */
  readonly '~wiring': Wiring;
  readonly '~key': KeySelector;
  /** Holds the type of the columns; never set. */
  declare readonly '~columns'?: Columns;

  constructor(wiring: Wiring, key: KeySelector) {
    this['~wiring'] = wiring.keyed(key);
    this['~key'] = key;
  }

  /**
   * A process function with state and timers per key: its class, a function that makes one, or an object.
   *
   * @example
   * clicks.keyBy('page').process(Spikes);
   * clicks.keyBy('page').process<Spike>(() => {
   *   const usual = state.value<number>('usual', { default: 0 });
   *   return {
   *     process(click, { key, emit }) {
   *       if (click.ms > 3 * usual.get()) emit({ page: key, ms: click.ms });
   *       usual.set(0.9 * usual.get() + 0.1 * click.ms);
   *     },
   *   };
   * });
   */
  process<Out>(made: Made<KeyedProcessFunction<K, T, Out>>): SidedStream<Out> {
    const descriptor = { kind: 'keyedProcess', key: this['~key'], create: makerOf(made) } as const;
    return new SidedStream<Out>(this['~wiring'].builder, this['~wiring'].operator(descriptor, nameOfMade(made)));
  }

  /** The rolling result of `reduce`: one record for each that comes, the first as it is. */
  reduce(reduce: Reduce<T>): OperatorStream<T> {
    return this.#reduced({ kind: 'reduce', key: this['~key'], reduce }, functionText(reduce));
  }

  /** The rolling sum of a field; the other fields are those of the key's first record. */
  sum(field: NumberField<T>): OperatorStream<T> {
    return this.#rolling('sum', field);
  }

  /** The rolling minimum of a field; the other fields are those of the key's first record. */
  min(field: OrderedField<T>): OperatorStream<T> {
    return this.#rolling('min', field);
  }

  /** The rolling maximum of a field; the other fields are those of the key's first record. */
  max(field: OrderedField<T>): OperatorStream<T> {
    return this.#rolling('max', field);
  }

  /** The record so far that has the least of a field, or of what a function gives; the first of equals. */
  minBy(by: OrderedField<T> | ((value: T) => Ordered)): OperatorStream<T> {
    return this.#extreme('minBy', by, leastBy);
  }

  /** The record so far that has the most of a field, or of what a function gives; the first of equals. */
  maxBy(by: OrderedField<T> | ((value: T) => Ordered)): OperatorStream<T> {
    return this.#extreme('maxBy', by, mostBy);
  }

  /**
   * Windows per key.
   *
   * @example
   * clicks.keyBy('page').window(tumbling('10s'), { allowedLateness: '1m' }).aggregate({ views: count() });
   */
  window<Assigner extends WindowAssigner<T>>(
    assigner: Assigner | WindowAssigner<T>,
    options: WindowOptions<T> = {},
  ): WindowedStream<T, K, Columns, BoundsOf<Assigner>> {
    return new WindowedStream(this['~wiring'], this['~key'], assigner, options);
  }

  /** Windows of `size` records per key, or of the last `size` after every `slide` (Flink: countWindow). */
  countWindow(size: number, slide: number = size): WindowedStream<T, K, Columns, object> {
    return new WindowedStream(this['~wiring'], this['~key'], { kind: 'count', size, slide }, {});
  }

  /**
   * Side by side with another stream keyed alike, state and timers shared; or with a broadcast one, whose records every
   * subtask gets.
   */
  connect<Rule>(rules: BroadcastStream<Rule>): KeyedBroadcastConnectedStreams<T, K, Rule>;
  connect<Right, Theirs extends object>(right: KeyedStream<Right, K, Theirs>): KeyedConnectedStreams<T, Right, K>;
  connect<Other, Theirs extends object>(other: BroadcastStream<Other> | KeyedStream<Other, K, Theirs>): unknown {
    if (other instanceof BroadcastStream) {
      return new KeyedBroadcastConnectedStreams<T, K, Other>(this['~wiring'], other['~wiring'], this['~key']);
    }
    const keys = [this['~key'], other['~key']] as const;
    return new KeyedConnectedStreams<T, Other, K>(this['~wiring'], other['~wiring'], keys);
  }

  /**
   * Pairs of one key and one window (Flink: window join).
   *
   * @example
   * orders.keyBy('id').join(payments.keyBy('orderId')).window(tumbling('1h'))
   *   .apply((order, payment) => ({ id: order.id, paid: payment.amount }));
   */
  join<Right, Theirs extends object>(right: KeyedStream<Right, K, Theirs>): JoinedStreams<T, Right, K> {
    return new JoinedStreams(this['~wiring'], right['~wiring'], [this['~key'], right['~key']]);
  }

  /** All records of both streams of one key and one window, as two arrays; either may be empty (Flink: coGroup). */
  coGroup<Right, Theirs extends object>(right: KeyedStream<Right, K, Theirs>): CoGroupedStreams<T, Right, K> {
    return new CoGroupedStreams(this['~wiring'], right['~wiring'], [this['~key'], right['~key']]);
  }

  /**
   * Pairs of one key whose event times are near (Flink: interval join).
   *
   * @example
   * orders.keyBy('id').intervalJoin(payments.keyBy('orderId')).between('-5m', '10s')
   *   .process((order, payment) => ({ id: order.id, paid: payment.amount }));
   */
  intervalJoin<Right, Theirs extends object>(right: KeyedStream<Right, K, Theirs>): IntervalJoin<T, Right, K> {
    return new IntervalJoin(this['~wiring'], right['~wiring'], [this['~key'], right['~key']]);
  }

  #rolling(aggregate: RollingAggregate, field: string): OperatorStream<T> {
    return this.#reduced(rollingAggregate(aggregate, field, this['~key']), `${aggregate} ${field}`);
  }

  #extreme(
    aggregate: 'minBy' | 'maxBy',
    by: string | ((value: T) => Ordered),
    reduceBy: (by: (value: T) => Ordered) => Reduce<T>,
  ): OperatorStream<T> {
    if (typeof by === 'string') return this.#rolling(aggregate, by);
    const descriptor = { kind: 'reduce', key: this['~key'], reduce: reduceBy(by) } as const;
    return this.#reduced(descriptor, `${aggregate} ${functionText(by) ?? ''}`.trimEnd());
  }

  #reduced(descriptor: ReduceDescriptor, description: string | undefined): OperatorStream<T> {
    return new OperatorStream<T>(this['~wiring'].builder, this['~wiring'].operator(descriptor, description));
  }
}
