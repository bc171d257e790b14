import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from './timestamp.ts';

/** Who hears of the merged watermark and idleness. */
export type ValveOutput = { watermark(at: Timestamp): void; idle(isIdle: boolean): void };

type Channel = { watermark: Timestamp; idle: boolean; aligned: boolean };

/**
 * Merges the watermarks of several channels into one (Flink: StatusWatermarkValve).
 *
 * 1. The output is the lowest watermark of the aligned channels, and never goes down.
 * 2. An idle channel is not aligned, and its watermarks do not count. When it comes back it is aligned again once its
 *    watermark is not below the output: it makes nobody wait for the past.
 * 3. When the last channel becomes idle, the highest watermark of all is given (nobody can hold it back), then idleness.
 * 4. The end of a channel (MAX_TIMESTAMP) counts even where it was idle.
 */
export class WatermarkValve {
  readonly #channels: readonly Channel[];
  readonly #output: ValveOutput;
  #last: Timestamp;
  #idle = false;

  /** `restored`: where the output stood before; nothing lower is given. */
  constructor(channels: number, output: ValveOutput, restored: Timestamp = MIN_TIMESTAMP) {
    this.#channels = Array.from({ length: channels }, () => ({ watermark: MIN_TIMESTAMP, idle: false, aligned: true }));
    this.#output = output;
    this.#last = restored;
  }

  /** What was last given. */
  get current(): Timestamp {
    return this.#last;
  }

  watermark(channel: number, at: Timestamp): void {
    const from = this.#channel(channel);
    if (from.idle && at === MAX_TIMESTAMP) this.idle(channel, false);
    if (from.idle || at <= from.watermark) return;
    from.watermark = at;
    if (!from.aligned && at >= this.#last) from.aligned = true;
    this.#giveLowest();
  }

  idle(channel: number, isIdle: boolean): void {
    const from = this.#channel(channel);
    if (from.idle === isIdle) return;
    from.idle = isIdle;
    from.aligned = !isIdle && from.watermark >= this.#last;
    if (isIdle) this.#lost(from);
    else if (this.#idle) this.#tellIdle(false);
  }

  #lost(from: Channel): void {
    if (this.#channels.some((channel) => !channel.idle)) {
      this.#giveLowest();
      return;
    }
    if (from.watermark === this.#last) {
      this.#give(this.#channels.reduce((highest, { watermark }) => Math.max(highest, watermark), MIN_TIMESTAMP));
    }
    this.#tellIdle(true);
  }

  #giveLowest(): void {
    let lowest: Timestamp | undefined;
    for (const { aligned, watermark } of this.#channels) {
      if (aligned && (lowest === undefined || watermark < lowest)) lowest = watermark;
    }
    if (lowest !== undefined) this.#give(lowest);
  }

  #give(at: Timestamp): void {
    if (at <= this.#last) return;
    this.#last = at;
    this.#output.watermark(at);
  }

  #tellIdle(isIdle: boolean): void {
    this.#idle = isIdle;
    this.#output.idle(isIdle);
  }

  #channel(channel: number): Channel {
    const found = this.#channels[channel];
    if (found === undefined) throw new RangeError(`there is no channel ${channel}; there are ${this.#channels.length}`);
    return found;
  }
}
