import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** Counters of one operator in one subtask. The operator counts; the runtime reads. */
export type OperatorMetrics = {
  recordsIn: number;
  recordsOut: number;
  /** Records dropped, or sent to the late output, because every window for them was closed. */
  late: number;
  deadLetters: number;
  watermark: Timestamp;
  /** Milliseconds spent in the operator itself; an estimate from a sample of the records. */
  busyMs: number;
};

export function newMetrics(): OperatorMetrics {
  return { recordsIn: 0, recordsOut: 0, late: 0, deadLetters: 0, watermark: MIN_TIMESTAMP, busyMs: 0 };
}
