import type { FrameHeader } from '../frame/frame.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { intersectionOf, piecesIn, type RangeMap, without, withPiece } from './range-map.ts';

/**
 * How far a task has come with each of its producers, by key-group range (P7), and the watermark that follows.
 *
 * 1. A frame counts for a key group exactly if it is above what was seen of its producer there and the frame before it is
 *    not. What is not above is a duplicate; what comes before its predecessor is early. So for every key group the frames
 *    of a producer are applied once and in their order, whatever order they come in.
 * 2. Watermark and idleness count with the last chunk of a commit, and for the frame's range alone.
 * 3. The watermark is the lowest of all producers and ranges that are not idle, and never goes down. Who was idle and
 *    comes back below it makes nobody wait (Flink: StatusWatermarkValve). Where all are idle it is the highest of them.
 * 4. A producer that is not known is waited for: it is known by the topology, or by the end of the one before it (P13).
 *    Producers of a source stream are known by their first frame.
 */
export class Progress {
  readonly #range: KeyGroupRange;
  readonly #knowsAll: boolean;
  #committed: ReadonlyMap<string, RangeMap<Seen>>;
  #current: Map<string, RangeMap<Seen>>;
  #changed = new Set<string>();

  /** `knowsAll`: who is not in `entries` is no producer yet. */
  constructor(range: KeyGroupRange, entries: readonly ProducerProgress[], knowsAll: boolean) {
    this.#range = range;
    this.#knowsAll = knowsAll;
    this.#committed = new Map(entries.map(({ producer, seen }) => [producer, seen]));
    this.#current = new Map(this.#committed);
  }

  /** For which of the task's key groups within `ranges` a frame is to be applied now, and for which it is early. */
  judge(header: FrameHeader, ranges: readonly KeyGroupRange[] = [header.range]): Judgement {
    const own = ranges.flatMap((range) => intersectionOf(range, this.#range) ?? []);
    const seen = this.#seenOf(header.producer);
    if (seen === undefined) return { apply: [], early: own };
    const apply: KeyGroupRange[] = [];
    const early: KeyGroupRange[] = [];
    for (const { range, value } of own.flatMap((part) => piecesIn(seen, part))) {
      if (this.isDuplicate(header, value)) continue;
      const links = header.prev.filter((link) => this.isEarly(link, value));
      early.push(...links.flatMap((link) => intersectionOf(link.range, range) ?? []));
      apply.push(...links.reduce((left, link) => without(left, link.range), [range] as readonly KeyGroupRange[]));
    }
    return { apply: joined(apply), early };
  }

  /** The frame has been applied for these key groups. */
  applied(header: FrameHeader, ranges: readonly KeyGroupRange[]): void {
    const { producer, n, chunk } = header;
    let map = this.#current.get(producer) ?? [];
    for (const range of ranges) {
      for (const { range: part, value } of piecesIn(map, range)) {
        const told = this.tellsTime(header) ? { watermark: header.watermark, idle: header.idle } : {};
        map = withPiece(map, { range: part, value: { ...value, n, chunk, ...told } }, isSame);
      }
    }
    this.#current.set(producer, map);
    this.#changed.add(producer);
  }

  /** What producers say of time together, given the watermark so far. */
  timeAfter(watermark: Timestamp): { readonly watermark: Timestamp; readonly idle: boolean } {
    let lowest: Timestamp | undefined;
    let highest = watermark;
    let active = false;
    for (const map of this.#current.values()) {
      for (const { value } of map) {
        highest = Math.max(highest, value.watermark);
        if (value.idle) continue;
        active = true;
        if (value.watermark >= watermark && (lowest === undefined || value.watermark < lowest))
          lowest = value.watermark;
      }
    }
    if (!active && this.#current.size > 0) return { watermark: highest, idle: true };
    return { watermark: lowest ?? watermark, idle: false };
  }

  /** Producers with news since the last commit. */
  get changes(): readonly ProducerProgress[] {
    return [...this.#changed].map((producer) => ({ producer, seen: this.#current.get(producer) ?? [] }));
  }

  get all(): readonly ProducerProgress[] {
    return [...this.#current].map(([producer, seen]) => ({ producer, seen }));
  }

  committed(): void {
    this.#committed = new Map(this.#current);
    this.#changed.clear();
  }

  /** Forgets what was applied since the last commit. */
  discard(): void {
    this.#current = new Map(this.#committed);
    this.#changed.clear();
  }

  protected isDuplicate({ n, chunk }: FrameHeader, seen: Seen): boolean {
    return n < seen.n || (n === seen.n && chunk <= seen.chunk);
  }

  protected isEarly(previous: FrameNumber, seen: Seen): boolean {
    if (seen.n === ANYTHING_NEXT.n) return false;
    return previous.n > seen.n || (previous.n === seen.n && previous.chunk > seen.chunk);
  }

  protected tellsTime({ last }: FrameHeader): boolean {
    return last;
  }

  #seenOf(producer: string): RangeMap<Seen> | undefined {
    const known = this.#current.get(producer);
    if (known !== undefined || this.#knowsAll) return known;
    const unknown = [{ range: this.#range, value: ANYTHING_NEXT }];
    this.#current.set(producer, unknown);
    return unknown;
  }
}

export type Judgement = { readonly apply: readonly KeyGroupRange[]; readonly early: readonly KeyGroupRange[] };

/** Neighbours as one: most frames are applied as a whole. */
function joined(ranges: readonly KeyGroupRange[]): readonly KeyGroupRange[] {
  const result: KeyGroupRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last?.last === range.first - 1) result[result.length - 1] = { first: last.first, last: range.last };
    else result.push(range);
  }
  return result;
}

export type FrameNumber = { readonly n: number; readonly chunk: number };

/** What a task has seen of a producer in a range. */
export type Seen = FrameNumber & { readonly watermark: Timestamp; readonly idle: boolean };

export type ProducerProgress = { readonly producer: string; readonly seen: RangeMap<Seen> };

export const NOTHING_SEEN: Seen = { n: -1, chunk: -1, watermark: MIN_TIMESTAMP, idle: false };

/** A source stream may be read from its middle: the first frame that comes of a producer is no early one. */
export const ANYTHING_NEXT: Seen = { ...NOTHING_SEEN, n: -2 };

function isSame(left: Seen, right: Seen): boolean {
  return (
    left.n === right.n && left.chunk === right.chunk && left.watermark === right.watermark && left.idle === right.idle
  );
}
