import type { Drop, RunRef } from './base.ts';
import type { Block, Entry } from './block.ts';
import type { BlockCache, Need } from './block-cache.ts';
import { divisionOf, type EntryKey, groupOf, hashOf, rangeKey } from './entry-key.ts';
import { mayHold } from './filter.ts';
import { type BlockHandle, handleAt, type SegmentRef } from './segment.ts';

/** What is not in memory yet, collected so that it is loaded at once. */
export type Needs = Need[];

/** A block, and the first key in it. */
export type BlockPlace = {
  readonly segment: SegmentRef;
  readonly handle: BlockHandle;
  readonly key: Uint8Array;
  readonly rawBytes: number;
};

/** A read that has to wait for what was added to the needs. */
export const ABSENT = Symbol('absent');

/** The runs of a base, newest first, and how entries are found in them. */
export class RunStack {
  readonly runs: readonly Run[];
  readonly cache: BlockCache;

  constructor(runs: readonly RunRef[], cache: BlockCache) {
    this.runs = runs.map((ref) => new Run(ref));
    this.cache = cache;
  }

  get refs(): readonly RunRef[] {
    return this.runs.map(({ ref }) => ref);
  }

  find(key: EntryKey, needs: Needs): Entry | undefined | typeof ABSENT {
    let hash: number | undefined;
    for (const run of this.runs) {
      if (key.group < run.ref.first || key.group > run.ref.last) continue;
      const segment = run.segmentAt(key.bytes);
      if (segment !== undefined) {
        hash ??= hashOf(key.bytes, key.prefix);
        const found = this.#findIn(segment, key.bytes, hash, needs);
        if (found === ABSENT) return ABSENT;
        if (found !== undefined) return found.value === undefined ? undefined : found;
      }
      if (run.dropped(key.bytes, key.group)) return undefined;
    }
    return undefined;
  }

  /**
   * What there is from one key up to another, in order. With the hash of a key, what is surely of other keys is left
   * unread.
   */
  scan(from: Uint8Array, to: Uint8Array, needs: Needs, hash?: number): readonly Entry[] | typeof ABSENT {
    const before = needs.length;
    const found = this.runs.map((run) => this.#entriesIn(run, from, to, needs, hash));
    return needs.length > before ? ABSENT : mergeRuns(this.runs, found);
  }

  /** The blocks that may hold entries from one key up to another, in order. */
  blocksIn(from: Uint8Array, to: Uint8Array, needs: Needs): readonly BlockPlace[] | typeof ABSENT {
    const before = needs.length;
    const blocks = this.runs.flatMap((run) => [...this.#blocksOf(run, from, to, needs)]);
    return needs.length > before ? ABSENT : blocks.sort((left, right) => compare(left.key, right.key));
  }

  #findIn(segment: SegmentRef, key: Uint8Array, hash: number, needs: Needs): Entry | undefined | typeof ABSENT {
    const index = this.cache.get(segment);
    if (index === undefined) return absent(needs, { segment, handle: undefined });
    const place = placeOf(index, key);
    if (place < 0) return undefined;
    const handle = handleAt(index, place);
    if (!mayHold(handle.filter, hash)) return undefined;
    const block = this.cache.get(segment, handle);
    return block === undefined ? absent(needs, { segment, handle }) : block.find(key);
  }

  #entriesIn(run: Run, from: Uint8Array, to: Uint8Array, needs: Needs, hash: number | undefined): readonly Entry[] {
    const entries: Entry[] = [];
    for (const { segment, handle } of this.#blocksOf(run, from, to, needs)) {
      if (hash !== undefined && !mayHold(handle.filter, hash)) continue;
      const block = this.cache.get(segment, handle);
      if (block === undefined) {
        needs.push({ segment, handle });
        continue;
      }
      const end = block.lowerBound(to);
      for (let place = block.lowerBound(from); place < end; place++) entries.push(block.at(place));
    }
    return entries;
  }

  *#blocksOf(run: Run, from: Uint8Array, to: Uint8Array, needs: Needs): Iterable<BlockPlace> {
    for (const segment of run.segmentsIn(from, to)) {
      const index = this.cache.get(segment);
      if (index === undefined) {
        needs.push({ segment, handle: undefined });
        continue;
      }
      for (let place = Math.max(0, placeOf(index, from)); place < index.count; place++) {
        const key = index.keyAt(place);
        if (compare(key, to) >= 0) break;
        const handle = handleAt(index, place);
        yield { segment, handle, key, rawBytes: handle.rawBytes };
      }
    }
  }
}

/** A run, with what is dropped in it at hand. */
export class Run {
  readonly ref: RunRef;
  readonly #drops = new Map<string, Drop[]>();

  constructor(ref: RunRef) {
    this.ref = ref;
    for (const drop of ref.drops) {
      const id = textOf(rangeKey(drop.space, drop.order));
      this.#drops.set(id, [...(this.#drops.get(id) ?? []), drop]);
    }
  }

  /** The segment that holds a key if the run does. */
  segmentAt(key: Uint8Array): SegmentRef | undefined {
    const segment = this.ref.segments[this.#firstEndingFrom(key)];
    return segment !== undefined && compare(segment.first, key) <= 0 ? segment : undefined;
  }

  segmentsIn(from: Uint8Array, to: Uint8Array): readonly SegmentRef[] {
    const { segments } = this.ref;
    const found: SegmentRef[] = [];
    for (let place = this.#firstEndingFrom(from); place < segments.length; place++) {
      const segment = segments[place] as SegmentRef;
      if (compare(segment.first, to) >= 0) break;
      found.push(segment);
    }
    return found;
  }

  /** Whether this run hides what older ones say of a key. */
  dropped(key: Uint8Array, group: number): boolean {
    if (this.#drops.size === 0) return false;
    const division = divisionOf(key);
    if (division === undefined) return false;
    const drops = this.#drops.get(textOf(division)) ?? [];
    return drops.some(({ first, last }) => first <= group && group <= last);
  }

  #firstEndingFrom(key: Uint8Array): number {
    const { segments } = this.ref;
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare((segments[middle] as SegmentRef).last, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What runs say together: of each key the newest, unless that says that it is gone. */
function mergeRuns(runs: readonly Run[], found: readonly (readonly Entry[])[]): readonly Entry[] {
  const merged = new Map<string, Entry>();
  for (const [place, run] of runs.entries()) {
    for (const entry of found[place] ?? []) {
      const group = groupOf(entry.key);
      if (group < run.ref.first || group > run.ref.last) continue;
      const id = textOf(entry.key);
      if (merged.has(id)) continue;
      if (runs.slice(0, place).some((newer) => isWithin(newer.ref, group) && newer.dropped(entry.key, group))) continue;
      merged.set(id, entry);
    }
  }
  return [...merged.values()].filter(({ value }) => value !== undefined);
}

function isWithin({ first, last }: RunRef, group: number): boolean {
  return first <= group && group <= last;
}

function placeOf(block: Block, key: Uint8Array): number {
  const place = block.lowerBound(key);
  return place < block.count && compare(block.keyAt(place), key) === 0 ? place : place - 1;
}

function absent(needs: Needs, need: Need): typeof ABSENT {
  needs.push(need);
  return ABSENT;
}

export function compare(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
