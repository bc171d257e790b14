import type { Timestamp } from '../time/timestamp.ts';
import type { Window } from './window.ts';

/** A record in a window's buffer. */
export type Timestamped<T> = { readonly value: T; readonly timestamp: Timestamp };

/** Takes records out of a window's buffer before or after its function runs (Flink: Evictor). Gives those that stay. */
export interface Evictor<T = unknown> {
  readonly name: string;
  before?(elements: readonly Timestamped<T>[], window: Window): readonly Timestamped<T>[];
  after?(elements: readonly Timestamped<T>[], window: Window): readonly Timestamped<T>[];
}
