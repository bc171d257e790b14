import type { Timestamp } from '../time/timestamp.ts';

/** What a task did since it was last asked: for metrics. */
export type TaskReport = {
  readonly task: string;
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** Records that came behind the watermark and the allowed lateness. */
  readonly late: number;
  readonly deadLetters: number;
  /** Rows written, and the milliseconds of writing them and of sending what they hold. */
  readonly commits: number;
  readonly commitMs: number;
  readonly publishMs: number;
  /** MIN_TIMESTAMP before the first. */
  readonly watermark: Timestamp;
  /** Of the keyed state, base and memory together; an estimate. */
  readonly stateBytes: number;
};

export type Counts = { -readonly [name in Exclude<keyof TaskReport, 'task' | 'watermark' | 'stateBytes'>]: number };

export function newCounts(): Counts {
  return { recordsIn: 0, recordsOut: 0, late: 0, deadLetters: 0, commits: 0, commitMs: 0, publishMs: 0 };
}
