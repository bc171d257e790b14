import { MAX_TIMESTAMP, type Timestamp } from './timestamp.ts';

/**
 * Sources of one group wait for each other (Flink: watermark alignment, FLIP-182 and FLIP-217): a member may read on as
 * long as its watermark is at most `maxDriftMs` ahead of the slowest that is neither idle nor at its end.
 *
 * @example
 * const group = new WatermarkAlignment(60_000);
 * group.report('clicks', 100_000);
 * group.report('bids', 0);
 * group.mayRead('clicks'); // false, until bids has come to 40,000
 */
export class WatermarkAlignment {
  readonly #maxDriftMs: number;
  readonly #watermarks = new Map<string, Timestamp>();

  constructor(maxDriftMs: number) {
    this.#maxDriftMs = maxDriftMs;
  }

  report(member: string, watermark: Timestamp): void {
    if (watermark === MAX_TIMESTAMP) this.#watermarks.delete(member);
    else this.#watermarks.set(member, watermark);
  }

  /** An idle or ended member holds nobody back; its next report brings it back. */
  leave(member: string): void {
    this.#watermarks.delete(member);
  }

  mayRead(member: string): boolean {
    const own = this.#watermarks.get(member);
    if (own === undefined) return true;
    let slowest = own;
    for (const watermark of this.#watermarks.values()) if (watermark < slowest) slowest = watermark;
    return own - slowest <= this.#maxDriftMs;
  }
}
