import type { Timestamp } from '../time/timestamp.ts';

/** A record that could not be handled, or a piece of input that could not be decoded. */
export type DeadLetter = {
  /** The uid of the source or operator that could not. */
  readonly operator: string;
  readonly reason: string;
  readonly stack?: string;
  /** The record; the raw text of what could not be decoded. */
  readonly record: unknown;
  /** Absent where it has none. */
  readonly timestamp?: Timestamp;
  /** Where it stood, such as `clicks.jsonl:17`; absent where that is not known. */
  readonly place?: string;
};

/** Takes dead letters. Law: what was written is durable once `flush` has resolved. */
export interface DeadLetterWriter {
  write(letter: DeadLetter): void;
  flush(): Promise<void>;
}
