import type { Timestamp } from '../time/timestamp.ts';

/**
 * What windows a record belongs to, as data: runtimes choose the algorithm by its kind (Flink: WindowAssigner).
 *
 * `time` is `event` or `processing`. Sizes and gaps in milliseconds, above 0; `|offsetMs| < sizeMs`, for sliding windows
 * `|offsetMs| < slideMs`.
 */
export type WindowAssigner<T = never> =
  | { readonly kind: 'tumbling'; readonly sizeMs: number; readonly offsetMs: number; readonly time: TimeDomain }
  | {
      readonly kind: 'sliding';
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly offsetMs: number;
      readonly time: TimeDomain;
    }
  | {
      readonly kind: 'session';
      /** A number, or a function of the record for a gap of its own (Flink: dynamic gap). */
      readonly gapMs: number | ((value: T, timestamp: Timestamp) => number);
      readonly time: TimeDomain;
    }
  | { readonly kind: 'global'; readonly fire: 'never' | 'endOfStream' }
  /** `countWindow(size)` and `countWindow(size, slide)`. */
  | { readonly kind: 'count'; readonly size: number; readonly slide: number };

export type TimeDomain = 'event' | 'processing';
