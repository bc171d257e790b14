import type { Key } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Window } from './window.ts';

/** What a window function knows of the firing at hand. */
export interface WindowContext<K extends Key = Key, Out = unknown> {
  /** The user's key; undefined for a window over all keys. */
  readonly key: K;
  readonly window: Window;
  readonly watermark: Timestamp;
  readonly processingTime: Timestamp;
  /** Emits with the window's last timestamp, `end - 1` (for the global window the watermark-independent NO_TIMESTAMP rule of Flink: Long.MAX). */
  readonly emit: (value: Out) => void;
  readonly side: (tag: string, value: unknown) => void;
  /**
   * State of this window of this key, gone with the window: a plain object to change in place, `{}` at first.
   * Throws for merging windows, which have none.
   */
  readonly windowState: <S extends object>() => S;
  /** State of this key that outlives its windows; otherwise as `windowState`. */
  readonly globalState: <S extends object>() => S;
}

/** A full-window function: gets all records of a firing, in order of arrival (Flink: ProcessWindowFunction). */
export interface WindowProcessFunction<K extends Key, In, Out> {
  readonly '~in'?: (value: In) => void;
  process(elements: readonly In[], context: WindowContext<K, Out>): void;
  /** The window is about to go; the place to tidy global state. */
  clear?(context: WindowContext<K, Out>): void;
}

/** Turns an incremental result into what is emitted, with the window at hand. */
export type WindowResultFunction<K extends Key, Result, Out> = (
  result: Result,
  context: WindowContext<K, Out>,
) => Out | undefined;
