import type { FrameHeader, FrameRecords } from '../frame/frame.ts';
import { decodeFrame, type FrameView } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { HeldFrames } from './held-frames.ts';
import type { Progress } from './progress.ts';

/** Hands on the records of a frame for some key groups; false where a share of them ended before their end. */
export type Deliver = (frame: FrameView, bytes: Uint8Array, ranges: readonly KeyGroupRange[]) => boolean;

/**
 * Frames in the order of their producers, each once for every key group (P7).
 *
 * 1. A frame whose turn has come is delivered, and after it those that waited for it. What comes early waits.
 * 2. Where a delivery ends early, progress is as it was at the last commit: it moves with the last record.
 */
export class FrameOrder {
  readonly progress: Progress;
  readonly held: HeldFrames;

  constructor(progress: Progress, held: HeldFrames) {
    this.progress = progress;
    this.held = held;
  }

  /** False where a delivery ended early. */
  take(frame: FrameView, bytes: Uint8Array, deliver: Deliver): boolean {
    if (this.#apply(frame, bytes, [frame.header.range], deliver)) return true;
    this.discard();
    return false;
  }

  committed(): void {
    this.progress.committed();
    this.held.committed();
  }

  discard(): void {
    this.progress.discard();
    this.held.discard();
  }

  #apply(frame: FrameView, bytes: Uint8Array, within: readonly KeyGroupRange[], deliver: Deliver): boolean {
    const { header } = frame;
    const { apply, early } = this.progress.judge(header, within);
    if (early.length > 0) this.held.add({ bytes, ranges: early }, header);
    if (apply.length === 0) return true;
    if (frame.count > 0 && !deliver(frame, bytes, apply)) return false;
    this.progress.applied(header, apply);
    for (const { bytes: waiting, ranges } of this.held.takeOf(header.producer)) {
      if (!this.#apply(decodeFrame(waiting), waiting, ranges, deliver)) return false;
    }
    return true;
  }
}

/** The records of a frame whose key groups lie in `ranges`: as a rule all of them. */
export function recordsIn(
  records: FrameRecords,
  { range }: FrameHeader,
  ranges: readonly KeyGroupRange[],
): FrameRecords {
  const [only] = ranges;
  if (ranges.length === 1 && only?.first === range.first && only.last === range.last) return records;
  const isIn = (_: unknown, i: number) => {
    const group = records.groups[i] as number;
    return ranges.some(({ first, last }) => first <= group && group <= last);
  };
  return {
    values: records.values.filter(isIn),
    timestamps: records.timestamps.filter(isIn),
    groups: records.groups.filter(isIn),
  };
}
