import type { Key } from '../codec/key.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
} from '../operator/process-function.ts';
import type { Nothing } from './nothing.ts';
import { type Made, makerOf, type NotKeyed, nameOfMade } from './process-form.ts';
import { OperatorStream, SidedStream } from './stream.ts';
import type { Wiring } from './wiring.ts';

type FlatMap<In, Out> = (value: In, emit: (value: Out) => void) => Iterable<Out> | Nothing;

/** Two streams side by side, neither keyed (Flink: ConnectedStreams). */
export class ConnectedStreams<Left, Right> {
  readonly #left: Wiring;
  readonly #right: Wiring;

  constructor(left: Wiring, right: Wiring) {
    this.#left = left;
    this.#right = right;
  }

  /** One record for each, of either side (Flink: CoMap). */
  map<LeftOut, RightOut = LeftOut>(
    left: (value: Left) => LeftOut,
    right: (value: Right) => RightOut,
  ): OperatorStream<LeftOut | RightOut> {
    return new OperatorStream(this.#left.builder, this.#left.operatorWith(this.#right, { kind: 'coMap', left, right }));
  }

  /** Any number of records for each, of either side (Flink: CoFlatMap). */
  flatMap<LeftOut, RightOut = LeftOut>(
    left: FlatMap<Left, LeftOut>,
    right: FlatMap<Right, RightOut>,
  ): OperatorStream<LeftOut | RightOut> {
    const untyped = { left: left as FlatMap<Left, unknown>, right: right as FlatMap<Right, unknown> };
    return new OperatorStream(
      this.#left.builder,
      this.#left.operatorWith(this.#right, { kind: 'coFlatMap', ...untyped }),
    );
  }

  /** A process function of two inputs: its class, a function that makes one, or an object. */
  process<Out>(made: Made<NotKeyed<CoProcessFunction<Left, Right, Out>>>): SidedStream<Out> {
    const descriptor = { kind: 'coProcess', create: makerOf(made) } as const;
    return new SidedStream(this.#left.builder, this.#left.operatorWith(this.#right, descriptor, nameOfMade(made)));
  }
}

/** Two streams keyed alike (Flink: ConnectedStreams, keyed). */
export class KeyedConnectedStreams<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #keys: readonly [KeySelector, KeySelector];

  constructor(left: Wiring, right: Wiring, keys: readonly [KeySelector, KeySelector]) {
    this.#left = left;
    this.#right = right;
    this.#keys = keys;
  }

  /** A process function of two inputs, whose state and timers per key are shared between them. */
  process<Out>(made: Made<KeyedCoProcessFunction<K, Left, Right, Out>>): SidedStream<Out> {
    const descriptor = { kind: 'keyedCoProcess', keys: this.#keys, create: makerOf(made) } as const;
    return new SidedStream(this.#left.builder, this.#left.operatorWith(this.#right, descriptor, nameOfMade(made)));
  }
}

/** A stream beside a broadcast one (Flink: BroadcastConnectedStream). */
export class BroadcastConnectedStreams<T, Rule> {
  readonly #stream: Wiring;
  readonly #rules: Wiring;

  constructor(stream: Wiring, rules: Wiring) {
    this.#stream = stream;
    this.#rules = rules;
  }

  /** A process function that gets every rule in every subtask, and keeps them in broadcast state. */
  process<Out>(made: Made<NotKeyed<BroadcastProcessFunction<T, Rule, Out>>>): SidedStream<Out> {
    const descriptor = { kind: 'broadcastProcess', create: makerOf(made) } as const;
    return new SidedStream(this.#stream.builder, this.#stream.operatorWith(this.#rules, descriptor, nameOfMade(made)));
  }
}

/** A keyed stream beside a broadcast one. */
export class KeyedBroadcastConnectedStreams<T, K extends Key, Rule> {
  readonly #stream: Wiring;
  readonly #rules: Wiring;
  readonly #key: KeySelector;

  constructor(stream: Wiring, rules: Wiring, key: KeySelector) {
    this.#stream = stream;
    this.#rules = rules;
    this.#key = key;
  }

  /** A process function with state and timers per key that gets every rule in every subtask. */
  process<Out>(made: Made<KeyedBroadcastProcessFunction<K, T, Rule, Out>>): SidedStream<Out> {
    const descriptor = { kind: 'keyedBroadcastProcess', key: this.#key, create: makerOf(made) } as const;
    return new SidedStream(this.#stream.builder, this.#stream.operatorWith(this.#rules, descriptor, nameOfMade(made)));
  }
}
