import type { KeyGroupRange } from '../memory-backend.ts';
import { type Manifest, type RunRef, rawBytesOf, readManifest, type SpaceSizes } from './base.ts';
import { BlockCache } from './block-cache.ts';
import { loadNeeds } from './load-needs.ts';
import { type Part, Parts } from './parts.ts';
import { ABSENT, type Needs, RunStack } from './run-stack.ts';
import { type Space, spaceId } from './space.ts';
import { SpaceBase } from './space-base.ts';
import type { Steps } from './steps.ts';
import { TaskList } from './task-list.ts';
import type { TaskStateOptions } from './task-state-options.ts';

/**
 * Begins over the bases of a task or of its parents. A base of up to `wholeBytes` is read whole;
 * of a larger one the lists, and the rest when it is wanted.
 */
export function* openedParts(
  options: Required<TaskStateOptions>,
): Steps<{ readonly parts: Parts; readonly stack: RunStack }> {
  const { bases, range, cacheBytes, wholeBytes, share } = options;
  const cache = new BlockCache(cacheBytes / 4);
  const parts = new Parts();
  const manifests: Manifest[] = [];
  for (const base of bases) manifests.push(yield* readManifest(base));
  const stack = new RunStack(
    manifests.flatMap(({ runs }) => narrowed(runs, range)),
    cache,
  );
  for (const { sequence } of manifests) parts.progress.sequence = Math.max(parts.progress.sequence, sequence);
  for (const space of manifests.flatMap(({ spaces }) => spaces)) open(parts.of(space), space, stack, range);
  const isOwn = manifests.every(({ range: { first, last } }) => first === range.first && last === range.last);
  for (const part of parts.all()) {
    if (part instanceof TaskList) part.open(yield* listsOf(part.space, manifests, cache), { ...share, isOwn });
  }
  const bytes = stack.refs.reduce((sum, run) => sum + rawBytesOf(run), 0);
  if (bytes <= wholeBytes) yield* readWhole(parts, stack, range);
  cache.trim();
  return { parts, stack };
}

function open(part: Part, sizes: SpaceSizes, stack: RunStack, { maxParallelism }: KeyGroupRange): void {
  if (!(part instanceof TaskList)) part.open(new SpaceBase(stack, spaceId(part.space), maxParallelism), sizes);
}

/** Of runs, what lies within a range. */
function narrowed(runs: readonly RunRef[], range: KeyGroupRange): readonly RunRef[] {
  return runs
    .map((run) => ({ ...run, first: Math.max(run.first, range.first), last: Math.min(run.last, range.last) }))
    .filter(({ first, last }) => first <= last);
}

function* readWhole(parts: Parts, stack: RunStack, { maxParallelism }: KeyGroupRange): Steps<void> {
  for (const part of parts.all()) {
    if (part instanceof TaskList) continue;
    const base = new SpaceBase(stack, spaceId(part.space), maxParallelism);
    for (;;) {
      const needs: Needs = [];
      const found = base.all(needs);
      if (found !== ABSENT) {
        for (const entry of found.toSorted((left, right) => left.sequence - right.sequence)) part.takeEntry(entry);
        break;
      }
      yield* loadNeeds(needs, stack.cache, Number.POSITIVE_INFINITY);
    }
    part.setWhole();
  }
}

/** What each parent has of a list. */
function* listsOf(space: Space, manifests: readonly Manifest[], cache: BlockCache): Steps<readonly Uint8Array[]> {
  const values: Uint8Array[] = [];
  for (const { runs, range } of manifests) {
    const base = new SpaceBase(new RunStack(runs, cache), spaceId(space), range.maxParallelism);
    for (;;) {
      const needs: Needs = [];
      const found = base.list(range.first, needs);
      if (found !== ABSENT) {
        if (found?.value !== undefined) values.push(found.value);
        break;
      }
      yield* loadNeeds(needs, cache, Number.POSITIVE_INFINITY);
    }
  }
  return values;
}
