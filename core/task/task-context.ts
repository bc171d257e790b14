import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Clock } from '../port/clock.ts';
import type { FrameLog } from '../port/frame-log.ts';
import type { CommitLog } from './commit-log.ts';
import type { InboxMap } from './inbox-map.ts';
import type { TaskInput } from './input.ts';
import type { Publisher } from './publisher.ts';
import type { StageChain } from './stage-chain.ts';
import type { TaskMemory } from './task-memory.ts';
import type { TaskName } from './task-name.ts';

/** What a task works with that does not change from step to step. */
export type TaskContext = {
  readonly name: TaskName;
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  readonly clock: Clock;
  readonly log: CommitLog;
  readonly publisher: Publisher;
  readonly inboxes: ReadonlyMap<string, InboxMap>;
  /** Tasks that send to each of the stages: the more they are, the more seldom each tells nothing but the time. */
  readonly producers: number;
  /** An identity that no other attempt to write ever has. */
  readonly newWriter: () => string;
  /** Records of a frame at most. */
  readonly frameRecords: number;
  /** A part ends once so many records wait to be sent. */
  readonly partRecords: number;
  /** The operators and the input, where the memory stands. */
  readonly build: (memory: TaskMemory) => { readonly chain: StageChain; readonly input: TaskInput };
  /** Of a source stage whose idleness is told. */
  readonly idleness?: { readonly log: FrameLog; readonly afterMs: number };
};

/** So few pairs of a producer and a shard may tell the time with every commit: at one a second, $0.08 a day. */
const FEW_PAIRS = 64;
/** Beyond, each tells it the more seldom the more pairs there are, so that together they stay as cheap. */
const QUIET_MS_PER_PAIR = 15;
const MAX_QUIET_MS = 60_000;

/** How long a range without records is told nothing but the time at most once. */
export function quietMs(producers: number, shards: number): number {
  const pairs = producers * shards;
  return pairs <= FEW_PAIRS ? 0 : Math.min(MAX_QUIET_MS, pairs * QUIET_MS_PER_PAIR);
}
