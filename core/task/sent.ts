import type { FrameLink } from '../frame/frame.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { FrameNumber } from './progress.ts';
import { piecesIn, type RangeMap, withPiece } from './range-map.ts';

/** The last frame to each range of a destination stage, and what it told of time. Frames name the one before them by it. */
export type Sent = { readonly stage: string; readonly frames: RangeMap<LastFrame> };

export type LastFrame = FrameNumber & {
  readonly watermark: Timestamp;
  readonly idle: boolean;
  /** By the clock. */
  readonly at: Timestamp;
};

/** The frame before, for each part of a range that had one. */
export function linksTo(frames: RangeMap<LastFrame>, range: KeyGroupRange): readonly FrameLink[] {
  return piecesIn(frames, range).map(({ range: part, value: { n, chunk } }) => ({ range: part, n, chunk }));
}

export function withFrame(frames: RangeMap<LastFrame>, range: KeyGroupRange, frame: LastFrame): RangeMap<LastFrame> {
  return withPiece(frames, { range, value: frame }, isSame);
}

function isSame(left: LastFrame, right: LastFrame): boolean {
  return (
    left.n === right.n &&
    left.chunk === right.chunk &&
    left.watermark === right.watermark &&
    left.idle === right.idle &&
    left.at === right.at
  );
}
