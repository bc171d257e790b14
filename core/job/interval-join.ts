import type { Key } from '../codec/key.ts';
import type { IntervalJoinDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { Untyped } from '../operator/untyped.ts';
import { type Duration, durationMs, formatDuration } from '../time/duration.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { SidedStream } from './stream.ts';
import type { Wiring } from './wiring.ts';

/** Whether a bound itself belongs to the interval; both do unless said. */
export type IntervalBounds = { readonly lowerInclusive?: boolean; readonly upperInclusive?: boolean };

/** What the function of an interval join knows of the pair. */
export type IntervalJoinContext<K extends Key> = {
  readonly key: K;
  readonly leftTimestamp: Timestamp;
  readonly rightTimestamp: Timestamp;
};

/** Two keyed streams about to be joined by nearness in event time. */
export class IntervalJoin<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #keys: readonly [KeySelector, KeySelector];

  constructor(left: Wiring, right: Wiring, keys: readonly [KeySelector, KeySelector]) {
    this.#left = left;
    this.#right = right;
    this.#keys = keys;
  }

  /**
   * How far from the left record's time the right one's may lie: from `lower` (such as `'-5m'`) to `upper` (`'10s'`).
   *
   * @throws JobSpecError where a bound is no duration.
   */
  between(
    lower: Duration,
    upper: Duration,
    { lowerInclusive = true, upperInclusive = true }: IntervalBounds = {},
  ): BoundedIntervalJoin<Left, Right, K> {
    const bounds = {
      lowerMs: durationMs(lower, 'between.lower'),
      upperMs: durationMs(upper, 'between.upper'),
      lowerInclusive,
      upperInclusive,
    };
    return new BoundedIntervalJoin(this.#left, this.#right, this.#keys, bounds);
  }
}

type Bounds = {
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
};

/** An interval join whose bounds are known; `process` says what a pair gives. */
export class BoundedIntervalJoin<Left, Right, K extends Key> {
  readonly #left: Wiring;
  readonly #right: Wiring;
  readonly #keys: readonly [KeySelector, KeySelector];
  readonly #bounds: Bounds;

  constructor(left: Wiring, right: Wiring, keys: readonly [KeySelector, KeySelector], bounds: Bounds) {
    this.#left = left;
    this.#right = right;
    this.#keys = keys;
    this.#bounds = bounds;
  }

  /**
   * Calls `join` for every pair; what it returns is emitted, unless that is undefined. Late records are in the side
   * outputs `lateLeft` and `lateRight`.
   */
  process<Out>(
    join: (left: Left, right: Right, context: IntervalJoinContext<K>) => Out | undefined,
  ): SidedStream<Out, { readonly lateLeft: Left; readonly lateRight: Right }> {
    const untyped: IntervalJoinDescriptor['join'] = join as Untyped;
    const descriptor = { kind: 'intervalJoin', keys: this.#keys, ...this.#bounds, join: untyped } as const;
    const draft = this.#left.operatorWith(this.#right, descriptor, intervalText(this.#bounds));
    return new SidedStream(this.#left.builder, draft);
  }
}

/** In the notation of intervals: `[-5m, 10s)`. */
function intervalText({ lowerMs, upperMs, lowerInclusive, upperInclusive }: Bounds): string {
  const [open, close] = [lowerInclusive ? '[' : '(', upperInclusive ? ']' : ')'];
  return `within ${open}${formatDuration(lowerMs)}, ${formatDuration(upperMs)}${close}`;
}
