/** What AWS lets through one shard in a second. */
const LIMITS = { records: 1_000, bytes: 1_048_576, reads: 5, readBytes: 2 * 1_048_576 } as const;

const SECOND_MS = 1_000;

/**
 * Counts what a shard takes in each second of a clock. A call that alone exceeds the limit passes at the start of a
 * second, as a read of 10 MB does on AWS, and is paid for by the seconds after it.
 */
export class ShardThroughput {
  readonly #now: () => number;
  /** Per limit and shard: when the debt that is left will be worked off. */
  readonly #busyUntil = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes `amount` of a limit; false where this second has no more of it. */
  take(limit: keyof typeof LIMITS, shard: string, amount: number): boolean {
    const key = `${limit} ${shard}`;
    const now = this.#now();
    const busyUntil = Math.max(this.#busyUntil.get(key) ?? 0, now);
    const cost = (amount / LIMITS[limit]) * SECOND_MS;
    const debt = busyUntil - now;
    if (debt > 0 && debt + cost > SECOND_MS) return false;
    this.#busyUntil.set(key, busyUntil + cost);
    return true;
  }
}
