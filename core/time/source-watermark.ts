import { PoisonRecordError } from '../error/error.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from './timestamp.ts';
import { PERIODIC_WATERMARK_MS, type WatermarkGenerator, type WatermarkStrategy } from './watermark-strategy.ts';
import type { ValveOutput } from './watermark-valve.ts';

/** What is asked of the clock. Ports know this folder's timestamps, so this folder does not know them. */
type TimeOfDay = { now(): Timestamp };

/**
 * Event time at a source: timestamps of its records, and one watermark of all its splits.
 *
 * 1. The watermark is the lowest of the splits that are open and not idle, and never goes down. Each split has a
 *    generator of its own, so one that runs ahead makes no record of another late.
 * 2. It is given right after the record that raised it was handled.
 * 3. A split without a record for `idleAfterMs` is idle until its next record; a source whose splits are all idle, or
 *    that has none, is idle. This is looked at every {@link PERIODIC_WATERMARK_MS}.
 *
 * @example
 * const tracker = new SourceWatermark(strategy, clock, output);
 * const split = tracker.open('clicks.jsonl');
 * const timestamp = split.timestampOf(click, NO_TIMESTAMP); // throws PoisonRecordError
 * output.record(click, timestamp);
 * split.handled(click, timestamp); // may give a watermark
 */
export class SourceWatermark<T = unknown> {
  readonly #strategy: WatermarkStrategy<T>;
  readonly #clock: TimeOfDay;
  readonly #output: ValveOutput;
  readonly #splits = new Map<string, SplitWatermark<T>>();
  #watermark: Timestamp;
  #idle = false;
  #periodicAt: Timestamp;

  /** `restored`: where the watermark stood before; nothing lower is given. */
  constructor(
    strategy: WatermarkStrategy<T>,
    clock: TimeOfDay,
    output: ValveOutput,
    restored: Timestamp = MIN_TIMESTAMP,
  ) {
    this.#strategy = strategy;
    this.#clock = clock;
    this.#output = output;
    this.#watermark = restored;
    this.#periodicAt = clock.now() + PERIODIC_WATERMARK_MS;
  }

  /** What was last given. */
  get current(): Timestamp {
    return this.#watermark;
  }

  /** When {@link periodic} wants to be called next. */
  get nextPeriodic(): Timestamp {
    return this.#periodicAt;
  }

  /** `restored`: where the split's own watermark stood before. */
  open(id: string, restored: Timestamp = MIN_TIMESTAMP): SplitWatermark<T> {
    const split = new SplitWatermark(this.#strategy, this.#clock, (from) => this.#rose(from));
    split.watermark = restored;
    this.#splits.set(id, split);
    this.#setIdle(false);
    return split;
  }

  /** A split has ended: nobody waits for it any more. */
  close(id: string): void {
    if (!this.#splits.delete(id)) return;
    this.#giveLowest();
    this.#checkIdle();
  }

  /** The input has ended. */
  end(): void {
    this.#setIdle(false);
    this.#give(MAX_TIMESTAMP);
  }

  periodic(now: Timestamp): void {
    if (now < this.#periodicAt) return;
    this.#periodicAt = now + PERIODIC_WATERMARK_MS;
    for (const split of this.#splits.values()) split.periodic(now);
    this.#giveLowest();
    this.#checkIdle();
  }

  #rose(from: SplitWatermark<T>): void {
    this.#setIdle(false);
    if (this.#splits.size === 1) this.#give(from.watermark);
    else this.#giveLowest();
  }

  #giveLowest(): void {
    let lowest: Timestamp | undefined;
    for (const { isIdle, watermark } of this.#splits.values()) {
      if (!isIdle && (lowest === undefined || watermark < lowest)) lowest = watermark;
    }
    if (lowest !== undefined) this.#give(lowest);
  }

  #give(at: Timestamp): void {
    if (at <= this.#watermark) return;
    this.#watermark = at;
    this.#output.watermark(at);
  }

  #checkIdle(): void {
    for (const { isIdle } of this.#splits.values()) if (!isIdle) return;
    this.#setIdle(true);
  }

  #setIdle(isIdle: boolean): void {
    if (this.#idle === isIdle) return;
    this.#idle = isIdle;
    this.#output.idle(isIdle);
  }
}

/** Event time of one split. */
export class SplitWatermark<T = unknown> {
  readonly #strategy: WatermarkStrategy<T>;
  readonly #generator: WatermarkGenerator<T>;
  readonly #clock: TimeOfDay;
  readonly #rose: (split: SplitWatermark<T>) => void;
  /** Timestamps up to here were found not too far ahead; a later one has the clock looked at. */
  #saneUntil: Timestamp;
  #active = true;
  #activeAt: Timestamp;
  watermark: Timestamp = MIN_TIMESTAMP;
  isIdle = false;

  constructor(strategy: WatermarkStrategy<T>, clock: TimeOfDay, rose: (split: SplitWatermark<T>) => void) {
    this.#strategy = strategy;
    this.#generator = strategy.generator();
    this.#clock = clock;
    this.#rose = rose;
    this.#saneUntil = strategy.maxAheadMs === undefined ? MAX_TIMESTAMP : MIN_TIMESTAMP;
    this.#activeAt = clock.now();
  }

  /** @throws PoisonRecordError where there is no event time, it is no safe integer, or it is too far ahead */
  timestampOf(value: T, previous: Timestamp): Timestamp {
    const timestamp = this.#strategy.timestampOf(value, previous);
    if (timestamp <= this.#saneUntil && Number.isSafeInteger(timestamp) && timestamp !== NO_TIMESTAMP) return timestamp;
    return this.#checked(timestamp);
  }

  /** To be called when a record has been handled: its watermark comes after it. */
  handled(value: T, timestamp: Timestamp): void {
    this.#active = true;
    const at = this.#generator.onRecord(value, timestamp);
    if (this.isIdle) {
      this.isIdle = false;
      if (at !== undefined && at > this.watermark) this.watermark = at;
      this.#rose(this);
    } else if (at !== undefined && at > this.watermark) {
      this.watermark = at;
      this.#rose(this);
    }
  }

  /** Asks a periodic generator, and looks whether the split has become idle. */
  periodic(now: Timestamp): void {
    const at = this.#generator.onPeriodic?.(now);
    if (at !== undefined && at > this.watermark) this.watermark = at;
    if (this.#active) this.#activeAt = now;
    this.#active = false;
    const { idleAfterMs } = this.#strategy;
    if (idleAfterMs !== undefined && now - this.#activeAt >= idleAfterMs) this.isIdle = true;
  }

  #checked(timestamp: unknown): Timestamp {
    if (!Number.isSafeInteger(timestamp) || timestamp === NO_TIMESTAMP) {
      const what =
        timestamp === undefined || timestamp === null || timestamp === NO_TIMESTAMP ? 'none' : String(timestamp);
      throw new PoisonRecordError(`the event time must be an integer of epoch milliseconds; the record has ${what}`);
    }
    const at = timestamp as Timestamp;
    const { maxAheadMs } = this.#strategy;
    if (maxAheadMs === undefined) return at;
    const now = this.#clock.now();
    this.#saneUntil = now + maxAheadMs;
    if (at <= this.#saneUntil) return at;
    throw new PoisonRecordError(
      `the event time ${at} is ${at - now} ms ahead of the clock, and at most ${maxAheadMs} ms are allowed; it would make all other records late`,
    );
  }
}
