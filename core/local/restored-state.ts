import type { SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import type { StateSnapshot } from '../state/state-backend.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** What a checkpoint says of one operator, over all subtasks that there were. */
export type RestoredOperator = { readonly states: readonly StateSnapshot[]; readonly watermark: Timestamp };

/** A subtask of a node now, which may have had another parallelism then. */
type Place = { readonly index: number; readonly parallelism: number };

/**
 * The state of an operator for subtask `index` of `parallelism`. At another parallelism than before every subtask is
 * given all parts and takes what its key groups own, and the lowest watermark of them counts.
 */
export function restoredOperator(
  subtasks: readonly SubtaskSnapshot[],
  uid: string,
  place: Place,
): RestoredOperator | undefined {
  const parts = partsOf(
    subtasks.flatMap(({ operators }) => operators.filter((operator) => operator.uid === uid)),
    place,
  );
  if (parts.length === 0) return undefined;
  return { states: parts.map(({ state }) => state), watermark: lowestOf(parts) };
}

/**
 * Where the watermark stood that a subtask of a source or operator had given. All channels were empty at the checkpoint, so
 * those who read from it had heard of it.
 */
export function restoredWatermark(subtasks: readonly SubtaskSnapshot[], uid: string, place: Place): Timestamp {
  const parts = subtasks.flatMap(({ sources, operators }) =>
    [...sources, ...operators].filter((part) => part.uid === uid),
  );
  return lowestOf(partsOf(parts, place));
}

function partsOf<Part>(parts: readonly Part[], { index, parallelism }: Place): readonly Part[] {
  const own = parts.length === parallelism ? parts[index] : undefined;
  return own === undefined ? parts : [own];
}

function lowestOf(parts: readonly { readonly watermark: Timestamp }[]): Timestamp {
  return parts.length === 0 ? MIN_TIMESTAMP : Math.min(...parts.map(({ watermark }) => watermark));
}
