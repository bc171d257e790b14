import { JobSpecError } from '../error/error.ts';
import { type Duration, durationMs, formatDuration } from '../time/duration.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { AnyTrigger, Trigger, TriggerContext, TriggerResult } from './trigger.ts';
import { maxTimestamp, type Window } from './window.ts';

/**
 * The triggers that Flink has, with its semantics (package org.apache.flink.streaming.api.windowing.triggers). Any of them
 * replaces the window's own: with `count` or `delta` nothing fires at the end of the window.
 */
type Nothing = Readonly<Record<string, never>>;
type Count = { count: number };
type Next = { next: Timestamp | null };

const nothing = (): Nothing => ({});
const goOn = (): TriggerResult => 'continue';

/** Fires when the watermark passes the end of the window; for a late record at once. */
function eventTime(): Trigger<unknown, Nothing> {
  return {
    name: 'eventTime',
    create: nothing,
    onElement(_value, _timestamp, window, context) {
      if (maxTimestamp(window) <= context.watermark) return 'fire';
      context.setEventTimer(maxTimestamp(window));
      return 'continue';
    },
    onEventTime: (at, window) => (at === maxTimestamp(window) ? 'fire' : 'continue'),
    onProcessingTime: goOn,
    merge(_merged, window, context) {
      if (maxTimestamp(window) > context.watermark) context.setEventTimer(maxTimestamp(window));
    },
    clear: (window, context) => context.deleteEventTimer(maxTimestamp(window)),
  };
}

/** Fires when the clock passes the end of the window. */
function processingTime(): Trigger<unknown, Nothing> {
  return {
    name: 'processingTime',
    create: nothing,
    onElement(_value, _timestamp, window, context) {
      context.setProcessingTimer(maxTimestamp(window));
      return 'continue';
    },
    onEventTime: goOn,
    onProcessingTime: () => 'fire',
    merge(_merged, window, context) {
      if (maxTimestamp(window) > context.processingTime) context.setProcessingTimer(maxTimestamp(window));
    },
    clear: (window, context) => context.deleteProcessingTimer(maxTimestamp(window)),
  };
}

/** Fires at every `size`-th record. */
function count(size: number): Trigger<unknown, Count> {
  if (!Number.isInteger(size) || size < 1) throw refusal('trigger.count', `${size} is not a whole number above 0`);
  return {
    name: `count(${size})`,
    create: () => ({ count: 0 }),
    onElement(_value, _timestamp, _window, { state }) {
      state.count++;
      if (state.count < size) return 'continue';
      state.count = 0;
      return 'fire';
    },
    onEventTime: goOn,
    onProcessingTime: goOn,
    merge(merged, _window, { state }) {
      for (const one of merged) state.count += one.count;
    },
  };
}

/** What another trigger fires, and then empties the window. */
function purging<T, S>(of: Trigger<T, S>): Trigger<T, S> {
  const purge = (result: TriggerResult): TriggerResult => (result === 'fire' ? 'fireAndPurge' : result);
  return {
    ...of,
    name: `purging(${of.name})`,
    onElement: (value, timestamp, window, context) => purge(of.onElement(value, timestamp, window, context)),
    onEventTime: (at, window, context) => purge(of.onEventTime(at, window, context)),
    onProcessingTime: (at, window, context) => purge(of.onProcessingTime(at, window, context)),
  };
}

/** Fires at every multiple of the interval of event time that follows a record, and at the end of the window. */
function continuousEventTime(interval: Duration): Trigger<unknown, Next> {
  const everyMs = intervalMs(interval, 'trigger.continuousEventTime');
  const set = (from: Timestamp, window: Window, context: TriggerContext<Next>) => {
    const next = Math.min(from + everyMs, maxTimestamp(window));
    context.state.next = context.state.next === null ? next : Math.min(next, context.state.next);
    context.setEventTimer(next);
  };
  return {
    name: `continuousEventTime(${formatDuration(everyMs)})`,
    create: () => ({ next: null }),
    onElement(_value, timestamp, window, context) {
      if (maxTimestamp(window) <= context.watermark) return 'fire';
      context.setEventTimer(maxTimestamp(window));
      if (context.state.next === null) set(timestamp - (timestamp % everyMs), window, context);
      return 'continue';
    },
    onEventTime(at, window, context) {
      if (at === maxTimestamp(window)) return 'fire';
      if (context.state.next !== at) return 'continue';
      context.state.next = null;
      set(at, window, context);
      return 'fire';
    },
    onProcessingTime: goOn,
    merge(merged, _window, context) {
      mergeNext(merged, context.state);
      if (context.state.next !== null) context.setEventTimer(context.state.next);
    },
    clear(_window, context) {
      if (context.state.next !== null) context.deleteEventTimer(context.state.next);
      context.state.next = null;
    },
  };
}

/** The same by the clock; nothing fires at the end of the window. */
function continuousProcessingTime(interval: Duration): Trigger<unknown, Next> {
  const everyMs = intervalMs(interval, 'trigger.continuousProcessingTime');
  const set = (from: Timestamp, window: Window, context: TriggerContext<Next>) => {
    const next = Math.min(from + everyMs, maxTimestamp(window));
    context.state.next = next;
    context.setProcessingTimer(next);
  };
  return {
    name: `continuousProcessingTime(${formatDuration(everyMs)})`,
    create: () => ({ next: null }),
    onElement(_value, _timestamp, window, context) {
      const now = context.processingTime;
      if (context.state.next === null) set(now - (now % everyMs), window, context);
      return 'continue';
    },
    onEventTime: goOn,
    onProcessingTime(at, window, context) {
      if (context.state.next !== at) return 'continue';
      // Of a window whose end the clock has passed, a next firing would be due at once, and so for ever.
      if (at < maxTimestamp(window)) set(at, window, context);
      else context.state.next = null;
      return 'fire';
    },
    merge(merged, _window, context) {
      mergeNext(merged, context.state);
      if (context.state.next !== null) context.setProcessingTimer(context.state.next);
    },
    clear(_window, context) {
      if (context.state.next !== null) context.deleteProcessingTimer(context.state.next);
      context.state.next = null;
    },
  };
}

/** Fires when a record is further than `threshold` from the one at the last firing; the first one only sets the mark. */
function delta<T>(threshold: number, distance: (from: T, to: T) => number): Trigger<T, { mark: { value: T } | null }> {
  return {
    name: `delta(${threshold})`,
    create: () => ({ mark: null }),
    onElement(value, _timestamp, _window, { state }) {
      if (state.mark !== null && !(distance(state.mark.value, value) > threshold)) return 'continue';
      const first = state.mark === null;
      state.mark = { value };
      return first ? 'continue' : 'fire';
    },
    onEventTime: goOn,
    onProcessingTime: goOn,
  };
}

/** Fires once, when the input ends. */
function endOfStream(): Trigger<unknown, Nothing> {
  return {
    name: 'endOfStream',
    create: nothing,
    onElement(_value, _timestamp, _window, context) {
      context.setEventTimer(MAX_TIMESTAMP);
      return 'continue';
    },
    onEventTime: (at) => (at === MAX_TIMESTAMP ? 'fire' : 'continue'),
    onProcessingTime: goOn,
    merge: (_merged, _window, context) => context.setEventTimer(MAX_TIMESTAMP),
  };
}

/** Never fires. */
function never(): Trigger<unknown, Nothing> {
  return { name: 'never', create: nothing, onElement: goOn, onEventTime: goOn, onProcessingTime: goOn, merge() {} };
}

/** The triggers that Flink has, by their names there: `trigger.count(100)`, `trigger.purging(trigger.count(100))`. */
export const trigger = {
  eventTime,
  processingTime,
  count,
  purging,
  continuousEventTime,
  continuousProcessingTime,
  delta,
  endOfStream,
  never,
} as const satisfies Readonly<Record<string, (...parameters: never[]) => AnyTrigger>>;

function mergeNext(merged: readonly Next[], into: Next): void {
  for (const { next } of merged) if (next !== null) into.next = into.next === null ? next : Math.min(into.next, next);
}

function intervalMs(interval: Duration, path: string): number {
  const everyMs = durationMs(interval, path);
  if (everyMs <= 0) throw refusal(path, `${interval} is not above 0`);
  return everyMs;
}

function refusal(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path, message }]);
}
