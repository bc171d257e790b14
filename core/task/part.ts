import { PoisonRecordError } from '../error/error.ts';
import { NEVER } from '../state/timer-queue.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { Base, CommitRow, Position, Trying } from './commit-row.ts';
import { type Cut, cutFrames } from './cut.ts';
import { batchOf, DEAD_LETTERS, isEmpty, type OutgoingBatch } from './outbox.ts';
import type { StageChain } from './stage-chain.ts';
import { quietMs, type TaskContext } from './task-context.ts';
import { encodeBase, type TaskMemory, type TaskTime } from './task-memory.ts';
import { producerOf } from './task-name.ts';

/** What a step did, beside what its chain and its state hold. */
export type StepResult = {
  readonly kind: CommitRow['kind'];
  readonly position: Position;
  readonly time: TaskTime;
  readonly activeAt: Timestamp;
  readonly trying: Trying | undefined;
};

/** The row of a step: takes all that the chain has to send and all that changed in the state. */
export function rowOf(context: TaskContext, memory: TaskMemory, chain: StageChain, result: StepResult): CommitRow {
  const n = memory.n + 1;
  const cuts = cutsOf(context, memory, chain, n);
  const batches = batchesOf(chain);
  const base = baseOf(memory, n);
  const isBase = base.n === n;
  const { order } = memory;
  const news = cuts.filter(({ frames }) => frames.length > 0).map(({ sent }) => sent);
  const changed = new Set(news.map(({ stage }) => stage));
  const others = [...memory.sent].flatMap(([stage, frames]) => (changed.has(stage) ? [] : [{ stage, frames }]));
  const wakeAt = wakeOf(context, chain, cuts, result);
  const { position, time, activeAt, trying } = result;
  const outbox = { frames: cuts.flatMap(({ frames }) => frames), batches };
  return {
    kind: result.kind === 'tick' && isEmpty(outbox) ? 'commit' : result.kind,
    n,
    range: context.range,
    position,
    progress: isBase ? order.progress.all : order.progress.changes,
    ...time,
    nodeTimes: chain.nodeTimes(time.watermark),
    sent: isBase ? [...news, ...others] : news,
    publishedUpTo: memory.publishedUpTo,
    barrier: 0,
    base,
    ...(wakeAt !== undefined && { wakeAt }),
    activeAt,
    ...(trying !== undefined && { trying }),
    payload: {
      delta: memory.state.takeDelta(),
      outbox,
      ...((isBase || order.held.isChanged) && { held: order.held.all }),
    },
  };
}

/** False for a step that changed nothing that a row would tell: it is not written. */
export function isNews({ payload, progress, position, watermark, idle }: CommitRow, before: TaskMemory): boolean {
  const { delta, outbox, held } = payload;
  return (
    delta.length > 0 ||
    !isEmpty(outbox) ||
    held !== undefined ||
    progress.length > 0 ||
    position.sequence !== before.position.sequence ||
    position.records !== before.position.records ||
    watermark !== before.time.watermark ||
    idle !== before.time.idle
  );
}

/** The first row of a log and the first one after a compaction begin a base. */
function baseOf({ base, nextBase, n: last }: TaskMemory, n: number): Base {
  if (nextBase !== undefined) return { n, pointer: encodeBase(nextBase) };
  return last === -1 ? { n, pointer: base.pointer } : base;
}

function cutsOf(context: TaskContext, memory: TaskMemory, chain: StageChain, n: number): readonly Cut[] {
  const { name, inboxes, maxParallelism, clock, producers, frameRecords } = context;
  return [...inboxes].map(([stage, inbox]) => {
    const ranges = inbox.open.map(({ range }) => range);
    return cutFrames({
      stage,
      exits: chain.exits.filter((exit) => exit.stage === stage),
      ranges,
      maxParallelism,
      header: { job: name.job, incarnation: name.incarnation, producer: producerOf(name), n },
      barrier: 0,
      sent: memory.sent.get(stage) ?? [],
      now: clock.now(),
      quietMs: quietMs(producers, ranges.length),
      frameRecords,
      refused: (_, value, timestamp, reason) => chain.poison(stage, new PoisonRecordError(reason), value, timestamp),
    });
  });
}

/** Sinks first: what they refuse is among the dead letters. */
function batchesOf(chain: StageChain): readonly OutgoingBatch[] {
  const batches = chain.sinks.flatMap(
    (sink) =>
      batchOf(sink.uid, sink.take(), ({ value, timestamp }, error) =>
        chain.poison(sink.uid, error, value, timestamp),
      ) ?? [],
  );
  const letters = chain.letters
    .splice(0)
    .map((letter) => ({ value: letter, timestamp: letter.timestamp ?? NO_TIMESTAMP }));
  const dead = batchOf(DEAD_LETTERS, letters, (_, error) => {
    throw error;
  });
  return dead === undefined ? batches : [...batches, dead];
}

function wakeOf(
  { idleness }: TaskContext,
  chain: StageChain,
  cuts: readonly Cut[],
  { time, activeAt }: StepResult,
): Timestamp | undefined {
  const owed = cuts.map(({ owedAt = NEVER }) => owedAt);
  const idleAt = idleness === undefined || time.idle ? NEVER : activeAt + idleness.afterMs;
  const at = Math.min(chain.nextProcessingTime, idleAt, ...owed);
  return at === NEVER ? undefined : at;
}
