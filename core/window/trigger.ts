import type { Timestamp } from '../time/timestamp.ts';
import type { Window } from './window.ts';

/**
 * When a window fires (Flink: Trigger). A trigger is stateless itself; what it must remember about one window of one
 * key is a plain object that `create` makes, the operator keeps and every call is given.
 *
 * A trigger is used with merging windows (sessions) only if it has `merge`.
 */
export type TriggerResult = 'continue' | 'fire' | 'purge' | 'fireAndPurge';

/** What a trigger may look at and do: its memory of this window and key, the two times, and timers. */
export interface TriggerContext<S> {
  /** This window's memory; change it in place. */
  readonly state: S;
  readonly watermark: Timestamp;
  readonly processingTime: Timestamp;
  setEventTimer(at: Timestamp): void;
  deleteEventTimer(at: Timestamp): void;
  setProcessingTimer(at: Timestamp): void;
  deleteProcessingTimer(at: Timestamp): void;
}

/** A trigger: what it answers to each element and timer decides when the window fires and is emptied. */
export interface Trigger<T = unknown, S = unknown> {
  /** In plans and messages, for instance `count(100)`. */
  readonly name: string;
  create(): S;
  onElement(value: T, timestamp: Timestamp, window: Window, context: TriggerContext<S>): TriggerResult;
  onEventTime(at: Timestamp, window: Window, context: TriggerContext<S>): TriggerResult;
  onProcessingTime(at: Timestamp, window: Window, context: TriggerContext<S>): TriggerResult;
  /** Folds the memory of a window that was merged away into `context.state`, and sets timers for the merged window. */
  merge?(merged: readonly S[], window: Window, context: TriggerContext<S>): void;
  /** The window is gone: delete the timers that it still has. */
  clear?(window: Window, context: TriggerContext<S>): void;
}

/** A trigger of records `T`, whatever it remembers. */
// biome-ignore lint/suspicious/noExplicitAny: the memory of a trigger is private to it, so no other type fits every one
export type AnyTrigger<T = any> = Trigger<T, any>;
