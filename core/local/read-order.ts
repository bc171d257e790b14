import { MAX_TIMESTAMP } from '../time/timestamp.ts';
import type { WatermarkAlignment } from '../time/watermark-alignment.ts';
import { WatermarkAlignment as Alignment } from '../time/watermark-alignment.ts';
import type { SourceRun, SplitRun } from './source-run.ts';

/**
 * Which split is read next.
 *
 * 1. Of bounded input the split whose event time is furthest behind: files that are joined, or that overlap in time, are
 *    read side by side, and little state is held for the one that is ahead. Without event time a split is at the
 *    beginning of time, so small tables are read before the streams that look things up in them.
 * 2. Bounded input comes before unbounded; unbounded splits take turns.
 * 3. A source that is too far ahead of its alignment group is not read.
 */
export class ReadOrder {
  readonly #sources: readonly SourceRun[];
  readonly #groups = new Map<string, WatermarkAlignment>();
  #turn = 0;

  constructor(sources: readonly SourceRun[]) {
    this.#sources = sources;
    for (const source of sources) {
      const alignment = alignmentOf(source);
      if (alignment !== undefined && !this.#groups.has(alignment.group)) {
        this.#groups.set(alignment.group, new Alignment(alignment.maxDriftMs));
      }
    }
  }

  next(): SplitRun | undefined {
    let best: SplitRun | undefined;
    for (const source of this.#sources) {
      if (source.hasEnded || !this.#mayRead(source)) continue;
      for (const split of source.splits) {
        if (!split.ended && !split.waiting && (best === undefined || before(split, best))) best = split;
      }
    }
    if (best !== undefined) best.turn = ++this.#turn;
    return best;
  }

  #mayRead(source: SourceRun): boolean {
    const group = this.#groups.get(alignmentOf(source)?.group ?? '');
    if (group === undefined) return true;
    for (const other of this.#sources) {
      if (alignmentOf(other)?.group !== alignmentOf(source)?.group) continue;
      if (other.watermark === MAX_TIMESTAMP || other.splits.every(({ waiting, ended }) => waiting || ended))
        group.leave(other.node.uid);
      else group.report(other.node.uid, other.watermark);
    }
    return group.mayRead(source.node.uid);
  }
}

function alignmentOf({ node }: SourceRun) {
  return typeof node.eventTime === 'object' ? node.eventTime.alignment : undefined;
}

function before(split: SplitRun, other: SplitRun): boolean {
  const bounded = split.source.node.source.bounded;
  if (bounded !== other.source.node.source.bounded) return bounded;
  if (!bounded) return split.turn < other.turn;
  return (
    (split.watermark?.watermark ?? split.source.watermark) < (other.watermark?.watermark ?? other.source.watermark)
  );
}
