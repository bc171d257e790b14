import type { FrameLink } from '../frame/frame.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Random } from '../port/random.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * Source stages forget who was silent for a day. A producer that was silent for half of it begins anew under another
 * name, or what it sends next would look like the first of a producer of which the stage knows the end.
 */
export const NEW_IDENTITY_AFTER_MS = 12 * 3_600_000;

/** Who sends, the number of the batch, and for each key group the last frame before. */
export class ProducerIdentity {
  readonly #random: Random;
  readonly #maxParallelism: number;
  #name = '';
  #n = -1;
  #heardAt: Timestamp = 0;
  #last: ({ readonly n: number; readonly chunk: number } | undefined)[] = [];

  constructor(random: Random, maxParallelism: number) {
    this.#random = random;
    this.#maxParallelism = maxParallelism;
  }

  /** Before a batch is cut. */
  nextBatch(now: Timestamp): void {
    if (this.#n < 0 || now - this.#heardAt >= NEW_IDENTITY_AFTER_MS) {
      this.#name = `producer-${Array.from({ length: 3 }, () => this.#word()).join('')}`;
      this.#n = -1;
      this.#last = new Array(this.#maxParallelism);
    }
    this.#n++;
    this.#heardAt = now;
  }

  /** The last batch was acknowledged. */
  heard(now: Timestamp): void {
    this.#heardAt = now;
  }

  /** What the header of the next frame for a range says of its place. */
  frame(
    range: KeyGroupRange,
    chunk: number,
  ): { readonly producer: string; readonly n: number; readonly prev: readonly FrameLink[] } {
    const prev = this.#linksTo(range);
    this.#last.fill({ n: this.#n, chunk }, range.first, range.last + 1);
    return { producer: this.#name, n: this.#n, prev };
  }

  /** Neighbours with the same frame before them are one link. */
  #linksTo({ first, last }: KeyGroupRange): readonly FrameLink[] {
    const links: FrameLink[] = [];
    for (let start = first; start <= last; ) {
      const frame = this.#last[start];
      let end = start;
      while (end < last && this.#last[end + 1] === frame) end++;
      if (frame !== undefined) links.push({ range: { first: start, last: end }, ...frame });
      start = end + 1;
    }
    return links;
  }

  #word(): string {
    return Math.floor(this.#random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
}
