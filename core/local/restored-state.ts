import type { OperatorSnapshot, SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import type { StateSnapshot } from '../state/state-backend.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** What a checkpoint says of one operator, over all subtasks that there were. */
export type RestoredOperator = {
  readonly states: readonly StateSnapshot[];
  readonly watermark: Timestamp;
  /** Where each channel stood; absent where the parallelism was another. */
  readonly channels?: readonly Timestamp[];
};

/**
 * The state of an operator for subtask `index` of `parallelism`. At another parallelism than before every subtask is
 * given all parts and takes what its key groups own, and the lowest watermark of them counts.
 */
export function restoredOperator(
  subtasks: readonly SubtaskSnapshot[],
  uid: string,
  { index, parallelism }: { readonly index: number; readonly parallelism: number },
): RestoredOperator | undefined {
  const parts = subtasks.flatMap(({ operators }) => operators.filter((operator) => operator.uid === uid));
  if (parts.length === 0) return undefined;
  const own: OperatorSnapshot | undefined = parts.length === parallelism ? parts[index] : undefined;
  if (own !== undefined) return { states: [own.state], watermark: own.watermark, channels: own.channels };
  const watermark = parts.reduce((lowest, part) => Math.min(lowest, part.watermark), Number.POSITIVE_INFINITY);
  return { states: parts.map(({ state }) => state), watermark: Number.isFinite(watermark) ? watermark : MIN_TIMESTAMP };
}
