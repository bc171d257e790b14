import type { Key } from '../codec/key.ts';
import type { StateOptions } from './state-options.ts';
import { refusal, type StateHandle, type StateScope } from './state-scope.ts';
import { type ValueHandle, valueHandle } from './value-state.ts';

/** One value per key into which each added one is folded (Flink: ReducingState). */
export interface ReducingState<T> {
  /** Undefined where nothing was added. */
  get(): T | undefined;
  add(value: T): void;
  clear(): void;
  forEachKey(visit: (key: Key) => void): void;
}

/** An accumulator per key into which values are added, and a result made of it (Flink: AggregatingState). */
export interface AggregatingState<In, Out> {
  /** Undefined where nothing was added. */
  get(): Out | undefined;
  add(value: In): void;
  clear(): void;
  forEachKey(visit: (key: Key) => void): void;
}

/** What an aggregating state needs of an aggregate function. */
export type Aggregate<In, Accumulator, Out> = {
  create(): Accumulator;
  add(accumulator: Accumulator, value: In, timestamp: number): Accumulator;
  result(accumulator: Accumulator): Out;
};

export class ReducingHandle<T> implements ReducingState<T>, StateHandle {
  readonly name: string;
  readonly #value: ValueHandle<T>;
  readonly #reduce: (left: T, right: T) => T;

  constructor(value: ValueHandle<T>, reduce: (left: T, right: T) => T) {
    this.name = value.name;
    this.#value = value;
    this.#reduce = reduce;
  }

  bind(scope: StateScope): void {
    this.#value.bind(scope);
  }

  get(): T | undefined {
    return this.#value.get();
  }

  add(value: T): void {
    const before = this.#value.live();
    this.#value.set(before === undefined ? value : this.#reduce(before, value));
  }

  clear(): void {
    this.#value.clear();
  }

  forEachKey(visit: (key: Key) => void): void {
    this.#value.forEachKey(visit);
  }

  redeclare(): ReducingHandle<T> {
    return new ReducingHandle(this.#value.redeclare(), this.#reduce);
  }
}

export class AggregatingHandle<In, Accumulator, Out> implements AggregatingState<In, Out>, StateHandle {
  readonly name: string;
  readonly #accumulator: ValueHandle<Accumulator>;
  readonly #aggregate: Aggregate<In, Accumulator, Out>;
  #scope: StateScope | undefined;

  constructor(accumulator: ValueHandle<Accumulator>, aggregate: Aggregate<In, Accumulator, Out>) {
    this.name = accumulator.name;
    this.#accumulator = accumulator;
    this.#aggregate = aggregate;
  }

  bind(scope: StateScope): void {
    this.#scope = scope;
    this.#accumulator.bind(scope);
  }

  get(): Out | undefined {
    const accumulator = this.#accumulator.get();
    return accumulator === undefined ? undefined : this.#aggregate.result(accumulator);
  }

  add(value: In): void {
    const before = this.#accumulator.live() ?? this.#aggregate.create();
    const after = this.#aggregate.add(before, value, this.#scope?.timestamp ?? 0);
    if (after === undefined)
      throw refusal(this.name, 'the "add" of its aggregate gave nothing; return the accumulator');
    this.#accumulator.set(after);
  }

  clear(): void {
    this.#accumulator.clear();
  }

  forEachKey(visit: (key: Key) => void): void {
    this.#accumulator.forEachKey(visit);
  }

  redeclare(): AggregatingHandle<In, Accumulator, Out> {
    return new AggregatingHandle(this.#accumulator.redeclare(), this.#aggregate);
  }
}

export function reducingHandle<T>(
  name: string,
  reduce: (left: T, right: T) => T,
  options: StateOptions<T> = {},
): ReducingHandle<T> {
  return new ReducingHandle(valueHandle(name, options), reduce);
}

export function aggregatingHandle<In, Accumulator, Out>(
  name: string,
  aggregate: Aggregate<In, Accumulator, Out>,
  options: StateOptions<Accumulator> = {},
): AggregatingHandle<In, Accumulator, Out> {
  return new AggregatingHandle(valueHandle(name, options), aggregate);
}
