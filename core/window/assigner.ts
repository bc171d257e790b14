import { JobSpecError } from '../error/error.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { TimeDomain, WindowAssigner } from './window-assigner.ts';

/** What aligned windows may be told beside their size. */
export type AlignedOptions = {
  /** Moves all windows, for instance `'-8h'` for days of UTC+8; smaller than the size (the slide). 0 unless said. */
  readonly offset?: Duration;
  /** `event` unless said. */
  readonly time?: TimeDomain;
};

/**
 * Windows of one size, side by side (Flink: TumblingEventTimeWindows).
 *
 * @throws JobSpecError unless size > 0 and |offset| < size
 * @example
 * clicks.keyBy('page').window(tumbling('10s'));
 */
export function tumbling(size: Duration, { offset = 0, time = 'event' }: AlignedOptions = {}) {
  const sizeMs = durationMs(size, 'window.size');
  const offsetMs = durationMs(offset, 'window.offset');
  refuseUnless(sizeMs > 0, 'window.size', `${size} is not above 0`);
  refuseUnless(Math.abs(offsetMs) < sizeMs, 'window.offset', `${offset} must be smaller than the size, ${size}`);
  return { kind: 'tumbling', sizeMs, offsetMs, time } as const satisfies WindowAssigner;
}

/**
 * Windows of one size that begin every `slide` (Flink: SlidingEventTimeWindows). A slide above the size leaves gaps.
 *
 * @throws JobSpecError unless size > 0, slide > 0 and |offset| < slide
 */
export function sliding(size: Duration, slide: Duration, { offset = 0, time = 'event' }: AlignedOptions = {}) {
  const sizeMs = durationMs(size, 'window.size');
  const slideMs = durationMs(slide, 'window.slide');
  const offsetMs = durationMs(offset, 'window.offset');
  refuseUnless(sizeMs > 0, 'window.size', `${size} is not above 0`);
  refuseUnless(slideMs > 0, 'window.slide', `${slide} is not above 0`);
  refuseUnless(Math.abs(offsetMs) < slideMs, 'window.offset', `${offset} must be smaller than the slide, ${slide}`);
  return { kind: 'sliding', sizeMs, slideMs, offsetMs, time } as const satisfies WindowAssigner;
}

/**
 * Windows of activity, ended by a gap without records (Flink: EventTimeSessionWindows). The gap may depend on the record:
 * a function that gives milliseconds.
 *
 * @throws JobSpecError unless gap > 0
 */
export function session<T>(
  gap: Duration | ((value: T, timestamp: Timestamp) => number),
  { time = 'event' }: { readonly time?: TimeDomain } = {},
) {
  const gapMs = typeof gap === 'function' ? gap : durationMs(gap, 'window.gap');
  refuseUnless(typeof gapMs === 'function' || gapMs > 0, 'window.gap', `${gap} is not above 0`);
  return { kind: 'session', gapMs, time } as const satisfies WindowAssigner<T>;
}

/** One window for all time; it fires when a trigger says so (Flink: GlobalWindows). */
export function globalWindow() {
  return { kind: 'global', fire: 'never' } as const satisfies WindowAssigner;
}

/** One window that fires once, when the input ends (Flink: GlobalWindows.createWithEndOfStreamTrigger). */
export function endOfStream() {
  return { kind: 'global', fire: 'endOfStream' } as const satisfies WindowAssigner;
}

/**
 * Windows of so many records of a key; with a slide, the last `size` of them after every `slide` (Flink: countWindow).
 *
 * @throws JobSpecError unless both are whole numbers above 0
 */
export function countWindow(size: number, slide: number = size) {
  refuseUnless(Number.isInteger(size) && size > 0, 'window.size', `${size} is not a whole number above 0`);
  refuseUnless(Number.isInteger(slide) && slide > 0, 'window.slide', `${slide} is not a whole number above 0`);
  return { kind: 'count', size, slide } as const satisfies WindowAssigner;
}

/** The start of the aligned window of a moment, for times of any sign. */
export function windowStart(at: Timestamp, offsetMs: number, sizeMs: number): Timestamp {
  const past = (at - offsetMs) % sizeMs;
  return at - (past < 0 ? past + sizeMs : past);
}

function refuseUnless(holds: boolean, path: string, message: string): void {
  if (!holds) throw new JobSpecError([{ path, message }]);
}
