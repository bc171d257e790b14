import type { Key } from '../codec/key.ts';
import type { CoGroupDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { Untyped } from '../operator/untyped.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import { windowText } from './description.ts';
import { OperatorStream } from './stream.ts';
import { type WindowOptions, windowParts } from './windowed-stream.ts';
import type { Wiring } from './wiring.ts';

/** What the function of a window join or coGroup knows beside the records. */
export type JoinContext<K extends Key> = {
  readonly key: K;
  readonly window: { readonly start: Timestamp; readonly end: Timestamp };
};

type Keys = readonly [KeySelector, KeySelector];

/** Two keyed streams about to be joined window by window. */
export class JoinedStreams<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #keys: Keys;

  constructor(left: Wiring, right: Wiring, keys: Keys) {
    this.#left = left;
    this.#right = right;
    this.#keys = keys;
  }

  /** The windows in which records meet, of any kind. */
  window(
    assigner: WindowAssigner<Left | Right>,
    options: WindowOptions<Left | Right> = {},
  ): WindowedJoin<Left, Right, K> {
    return new WindowedJoin(this.#left, this.#right, windowedBy(this.#keys, assigner, options));
  }
}

/** Two keyed streams about to be grouped window by window. */
export class CoGroupedStreams<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #keys: Keys;

  constructor(left: Wiring, right: Wiring, keys: Keys) {
    this.#left = left;
    this.#right = right;
    this.#keys = keys;
  }

  /** The windows in which records meet, of any kind. */
  window(
    assigner: WindowAssigner<Left | Right>,
    options: WindowOptions<Left | Right> = {},
  ): WindowedCoGroup<Left, Right, K> {
    return new WindowedCoGroup(this.#left, this.#right, windowedBy(this.#keys, assigner, options));
  }
}

type WindowedBy = Omit<CoGroupDescriptor, 'coGroup'>;

function windowedBy<T>(keys: Keys, assigner: WindowAssigner<T>, options: WindowOptions<T>): WindowedBy {
  return { kind: 'coGroup', keys, ...windowParts(assigner, options) };
}

/** A window join (Flink: JoinedStreams.where.equalTo.window); `apply` says what a pair gives. */
export class WindowedJoin<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #windowed: WindowedBy;

  constructor(left: Wiring, right: Wiring, windowed: WindowedBy) {
    this.#left = left;
    this.#right = right;
    this.#windowed = windowed;
  }

  /** Calls `join` for every pair of a key and window; what it returns is emitted, unless that is undefined. */
  apply<Out>(join: (left: Left, right: Right, context: JoinContext<K>) => Out | undefined): OperatorStream<Out> {
    const coGroup: CoGroupDescriptor['coGroup'] = (lefts, rights, context) => {
      for (const left of lefts) {
        for (const right of rights) {
          const joined = join(left, right, context as JoinContext<Untyped>);
          if (joined !== undefined) context.emit(joined);
        }
      }
    };
    const description = `join, ${windowText(this.#windowed.assigner)}`;
    const draft = this.#left.operatorWith(this.#right, { ...this.#windowed, coGroup }, description);
    return new OperatorStream(this.#left.builder, draft);
  }
}

/** A co-group (Flink: CoGroupedStreams); `apply` is given all records of a key and window from both sides, or none of one. */
export class WindowedCoGroup<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #windowed: WindowedBy;

  constructor(left: Wiring, right: Wiring, windowed: WindowedBy) {
    this.#left = left;
    this.#right = right;
    this.#windowed = windowed;
  }

  /**
   * Calls `coGroup` once for every key and window; what it returns, an array or another iterable, is emitted.
   *
   * @example
   * orders.keyBy('id').coGroup(payments.keyBy('orderId')).window(tumbling('1h'))
   *   .apply((orders, payments) => (payments.length === 0 ? orders : []));
   */
  apply<Out>(
    coGroup: (lefts: readonly Left[], rights: readonly Right[], context: JoinContext<K>) => Iterable<Out>,
  ): OperatorStream<Out> {
    const emitting: CoGroupDescriptor['coGroup'] = (lefts, rights, context) => {
      for (const result of coGroup(lefts, rights, context as JoinContext<Untyped>)) context.emit(result);
    };
    const description = `coGroup, ${windowText(this.#windowed.assigner)}`;
    const draft = this.#left.operatorWith(this.#right, { ...this.#windowed, coGroup: emitting }, description);
    return new OperatorStream(this.#left.builder, draft);
  }
}
