import { type Drop, type RunRef, rawBytesOf } from './base.ts';
import type { Entry } from './block.ts';
import { divisionOf, groupOf, rangeKey, spaceOf } from './entry-key.ts';
import { RunCursor } from './run-cursor.ts';
import { compare, Run } from './run-stack.ts';
import { RunWriter, type RunWriterOptions } from './run-writer.ts';
import type { SegmentRef } from './segment.ts';
import type { Steps } from './steps.ts';

/**
 * Folding what is new into the runs of a base.
 *
 * What is new becomes a run; it is merged at once with the runs after it that are about as large as all that is newer than
 * they are, or smaller. So each run is larger than all newer ones together: of n folds there are at most log2(n) runs, a byte
 * is rewritten about so often, and most folds write no more than what is new (size-tiered, as in Bigtable: Chang et al.,
 * OSDI 2006).
 *
 * 1. Of each key the newest entry counts; an entry that says "gone" stays as long as there is an older run.
 * 2. What is dropped whole is not read. A large segment that meets no other is taken over as it is.
 * 3. What has expired is left out when it is written again; what is taken over as it is keeps it.
 * 4. A run's segments may hold key groups that are no longer its own; a merge leaves them out.
 */
export type Fresh = {
  /** In order. */
  readonly entries: readonly Entry[];
  readonly drops: readonly Drop[];
  readonly bytes: number;
};

export type FoldOptions = RunWriterOptions & {
  /** Of spaces whose values expire: whether one has. It is left out, or hides what older runs say. */
  readonly expiring: ReadonlyMap<number, (stored: Uint8Array) => boolean>;
};

export function* fold(fresh: Fresh, runs: readonly RunRef[], options: FoldOptions): Steps<readonly RunRef[]> {
  const before = runs.map((run, place) =>
    withoutDropped(run, [...fresh.drops, ...runs.slice(0, place).flatMap(({ drops }) => drops)]),
  );
  if (fresh.entries.length === 0 && fresh.drops.length === 0) return pruned(before);
  const count = alike(fresh.bytes, before);
  const merged = yield* merge(fresh, before.slice(0, count), before.slice(count), options);
  return pruned([merged, ...before.slice(count)]);
}

/** A run that is a quarter larger is still alike: or folds of about one size would never be merged. */
const ALIKE = 1.25;

/** How many runs are merged with what is new. */
function alike(bytes: number, runs: readonly RunRef[]): number {
  let sum = bytes;
  let count = 0;
  for (const run of runs) {
    const own = rawBytesOf(run);
    if (own > ALIKE * sum) break;
    sum += own;
    count++;
  }
  return count;
}

function* merge(
  fresh: Fresh,
  inputs: readonly RunRef[],
  older: readonly RunRef[],
  options: FoldOptions,
): Steps<RunRef> {
  const { first, last } = options.range;
  const writer = new RunWriter(options);
  const newest: RunRef = { segments: [], drops: fresh.drops, first, last };
  const runs = [newest, ...inputs].map((ref) => new Run(ref));
  const cursors = runs.map(({ ref }, place) => new RunCursor(ref, place === 0 ? fresh.entries : []));
  for (let place = smallest(cursors); place >= 0; place = smallest(cursors)) {
    const cursor = cursors[place] as RunCursor;
    const run = runs[place] as Run;
    const newer = runs.slice(0, place);
    const whole = cursor.wholeSegment(options.segmentBytes / 2);
    if (whole !== undefined && ownsAll(run, options) && isAlone(whole, place, cursors) && !mayDrop(newer, whole)) {
      yield* writer.takeOver(whole);
      cursor.skipSegment();
      continue;
    }
    if (cursor.entry === undefined) yield* cursor.open();
    const entry = unlessExpired(cursor.entry as Entry, options);
    const group = groupOf(entry.key);
    if (isWithin(run.ref, group)) {
      for (const other of cursors.slice(place + 1)) yield* passOver(other, entry.key);
      const isHidden = newer.some((each) => isWithin(each.ref, group) && each.dropped(entry.key, group));
      const says = entry.value !== undefined || older.length > 0;
      if (!isHidden && says && writer.add(entry)) yield* writer.cut();
    }
    if (!cursor.next()) yield* cursor.load();
  }
  const drops = [...fresh.drops, ...inputs.flatMap((run) => run.drops)];
  return { segments: yield* writer.finish(), drops, first, last };
}

function unlessExpired(entry: Entry, { expiring }: FoldOptions): Entry {
  if (entry.value === undefined || expiring.size === 0) return entry;
  return expiring.get(spaceOf(entry.key))?.(entry.value) ? { ...entry, value: undefined } : entry;
}

/** An older entry of the same key does not count. */
function* passOver(cursor: RunCursor, key: Uint8Array): Steps<void> {
  if (cursor.key === undefined || compare(cursor.key, key) !== 0) return;
  if (cursor.entry === undefined) yield* cursor.open();
  if (!cursor.next()) yield* cursor.load();
}

function ownsAll({ ref }: Run, { range }: RunWriterOptions): boolean {
  return ref.first <= range.first && range.last <= ref.last;
}

/** The cursor with the smallest key, the newest of those that have it; -1 at the end. */
function smallest(cursors: readonly RunCursor[]): number {
  let found = -1;
  let least: Uint8Array | undefined;
  for (const [place, { key }] of cursors.entries()) {
    if (key === undefined || (least !== undefined && compare(least, key) <= 0)) continue;
    least = key;
    found = place;
  }
  return found;
}

function isAlone({ last }: SegmentRef, own: number, cursors: readonly RunCursor[]): boolean {
  return cursors.every(({ key }, place) => place === own || key === undefined || compare(last, key) < 0);
}

function mayDrop(newer: readonly Run[], segment: SegmentRef): boolean {
  return newer.some(({ ref }) => ref.drops.some((drop) => meets(segment, drop)));
}

function isWithin({ first, last }: RunRef, group: number): boolean {
  return first <= group && group <= last;
}

/** Without the segments that hold nothing but what was dropped since. */
function withoutDropped(run: RunRef, drops: readonly Drop[]): RunRef {
  const isDead = ({ first, last }: SegmentRef): boolean => {
    const division = divisionOf(first);
    if (division === undefined || compare(division, last.subarray(0, division.length)) !== 0) return false;
    return drops.some(
      (drop) =>
        compare(rangeKey(drop.space, drop.order), division) === 0 && drop.first <= run.first && run.last <= drop.last,
    );
  };
  const segments = run.segments.filter((segment) => !isDead(segment));
  return segments.length === run.segments.length ? run : { ...run, segments };
}

/** Without drops of what no older run has, and without runs that say nothing. */
function pruned(runs: readonly RunRef[]): readonly RunRef[] {
  const kept: RunRef[] = [];
  for (const run of runs.toReversed()) {
    const drops = run.drops.filter((drop) =>
      kept.some(({ segments }) => segments.some((segment) => meets(segment, drop))),
    );
    if (run.segments.length > 0 || drops.length > 0) kept.unshift({ ...run, drops });
  }
  return kept;
}

function meets({ first, last }: SegmentRef, drop: Drop): boolean {
  const beginning = rangeKey(drop.space, drop.order);
  return compare(first.subarray(0, beginning.length), beginning) <= 0 && compare(last, beginning) >= 0;
}
