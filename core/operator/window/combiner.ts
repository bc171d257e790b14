import { type StateKey, stateKeyOf } from '../../codec/key.ts';
import { InvariantError } from '../../error/error.ts';
import { NEVER } from '../../state/timer-queue.ts';
import { NO_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import { windowStart } from '../../window/assigner.ts';
import type { WindowDescriptor } from '../descriptor.ts';
import type { KeySelector } from '../key-selector.ts';
import type { Output } from '../operator.ts';
import type { Untyped } from '../untyped.ts';
import { foldOf } from './incremental-window.ts';
import { type Panes, panesOf } from './pane.ts';

/** What a combiner has of one key and pane: the pane's start, what its records fold to, how many they were. */
export type Combined = readonly [key: StateKey, pane: Timestamp, contents: unknown, records: number];
/** A record that a combiner left alone. */
type Single = readonly [value: unknown, timestamp: Timestamp];

export function isCombined(value: unknown): value is Combined {
  return (value as Combined | Single).length === 4;
}

/** More keys and panes than this are not held: all are sent on, so that memory is bounded. */
const MAX_HELD = 16_384;

type Held = { contents: unknown; records: number };

export type CombinerOptions = {
  /** Where a key's records go. */
  readonly route: (key: StateKey) => Output;
  /** All that `route` may give: watermarks go to each. */
  readonly targets: readonly Output[];
  /** Where the watermark of this sender stood before a restart. */
  readonly watermark: Timestamp;
  readonly poison: (error: unknown, value: unknown, timestamp: Timestamp) => void;
};

/**
 * Folds the records of a window by key and pane before they are shuffled, so that one accumulator crosses instead of each
 * record (Flink: local-global aggregation).
 *
 * 1. What is held of a pane is sent before the watermark that ends the pane: no window of it has fired then, so nothing is
 *    late that was not. A record whose pane has ended is sent on as it is, and judged where it arrives.
 * 2. Idleness lets the receiver's watermark pass this sender, so after the first time nothing is held any more.
 * 3. `flush` sends all: to be called before state is snapshot and at the end. What is held is no state.
 */
export class Combiner implements Output {
  readonly #key: KeySelector<Untyped>;
  readonly #panes: Panes;
  readonly #fold: (contents: unknown, value: unknown, timestamp: Timestamp) => unknown;
  readonly #options: CombinerOptions;
  readonly #held = new Map<Timestamp, Map<StateKey, Held>>();
  #size = 0;
  #watermark: Timestamp;
  #nextEnd: Timestamp = NEVER;
  #wasIdle = false;

  constructor(descriptor: WindowDescriptor, options: CombinerOptions) {
    const panes = panesOf(descriptor);
    if (panes === undefined || descriptor.key === undefined) {
      throw new InvariantError('a window is combined that has no panes or no key');
    }
    this.#panes = panes;
    this.#key = descriptor.key;
    this.#fold = foldOf(panes.computation);
    this.#options = options;
    this.#watermark = options.watermark;
  }

  record(value: unknown, timestamp: Timestamp): void {
    try {
      const key = stateKeyOf(this.#key.of(value));
      const { paneMs, offsetMs } = this.#panes;
      const pane = windowStart(timestamp, offsetMs, paneMs);
      if (this.#wasIdle || timestamp === NO_TIMESTAMP || pane + paneMs - 1 <= this.#watermark) {
        this.#options.route(key).record([value, timestamp] satisfies Single, timestamp);
        return;
      }
      this.#take(key, pane, value, timestamp);
    } catch (error) {
      this.#options.poison(error, value, timestamp);
    }
  }

  watermark(at: Timestamp): void {
    if (at > this.#watermark) {
      this.#watermark = at;
      if (this.#nextEnd - 1 <= at) this.#sendUpTo(at);
    }
    for (const target of this.#options.targets) target.watermark(at);
  }

  idle(isIdle: boolean): void {
    if (isIdle) {
      this.flush();
      this.#wasIdle = true;
    }
    for (const target of this.#options.targets) target.idle(isIdle);
  }

  /** Sends all that is held. */
  flush(): void {
    for (const [pane, keys] of this.#held) this.#send(pane, keys);
    this.#nextEnd = NEVER;
  }

  #take(key: StateKey, pane: Timestamp, value: unknown, timestamp: Timestamp): void {
    let keys = this.#held.get(pane);
    if (keys === undefined) {
      keys = new Map();
      this.#held.set(pane, keys);
      this.#nextEnd = Math.min(this.#nextEnd, pane + this.#panes.paneMs);
    }
    const held = keys.get(key);
    const contents = this.#fold(held?.contents, value, timestamp);
    if (held !== undefined) {
      held.contents = contents;
      held.records++;
      return;
    }
    keys.set(key, { contents, records: 1 });
    if (++this.#size > MAX_HELD) this.flush();
  }

  #sendUpTo(watermark: Timestamp): void {
    let next = NEVER;
    for (const [pane, keys] of this.#held) {
      const end = pane + this.#panes.paneMs;
      if (end - 1 <= watermark) this.#send(pane, keys);
      else next = Math.min(next, end);
    }
    this.#nextEnd = next;
  }

  #send(pane: Timestamp, keys: ReadonlyMap<StateKey, Held>): void {
    for (const [key, { contents, records }] of keys) {
      this.#options.route(key).record([key, pane, contents, records] satisfies Combined, pane);
    }
    this.#size -= keys.size;
    this.#held.delete(pane);
  }
}
