import type { Clock } from '../../../core/port/clock.ts';
import type { Random } from '../../../core/port/random.ts';
import { BatchQueue } from './batch-queue.ts';
import { type Failure, type Invoke, succeeded } from './invocation.ts';
import type { MappingSettings } from './mapping-settings.ts';
import { pause } from './pause.ts';
import type { EventRecord, ShardReader } from './shard-reader.ts';

export type ShardPollerOptions = {
  readonly settings: Pick<MappingSettings, 'batchSize' | 'windowMs' | 'bisect' | 'reportsFailures' | 'fanOut'>;
  readonly reader: ShardReader;
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told the last record of what succeeded, before anything after it is given to the function. */
  readonly onProgress?: ((sequence: string) => Promise<void> | void) | undefined;
  readonly onFailure?: ((failure: Failure, attempt: number) => void) | undefined;
  /** With it a batch that failed may be cut anew when it comes again, as Lambda's pollers do when they are moved. */
  readonly recut?: Random | undefined;
};

/** How often a shard is looked at when nothing waits: by Lambda's pollers, and as soon as fan-out pushes. */
const POLL_MS = 1_000;
const FAN_OUT_MS = 70;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 60_000;

/**
 * Gives the records of one shard to a function as Lambda's poller does: in order, one batch at a time, each again and
 * again until it succeeds (AWS, "Using Lambda to process records from Kinesis Data Streams").
 *
 * Resolves when the shard has ended and all of it succeeded, or when the signal comes.
 */
export async function pollShard(options: ShardPollerOptions): Promise<'ended' | 'stopped'> {
  const { settings, clock, signal } = options;
  const queue = new BatchQueue(settings);
  const pollMs = settings.fanOut ? FAN_OUT_MS : POLL_MS;
  let ended = false;
  while (!signal.aborted) {
    const due = queue.dueIn(clock.now());
    if (due === 0 || (ended && due !== undefined)) {
      await deliver(queue, options);
    } else if (ended) {
      return 'ended';
    } else {
      const read = await readOrNothing(options);
      queue.add(read.records, clock.now());
      ended = read.ended;
      const wait = Math.min(pollMs, queue.dueIn(clock.now()) ?? pollMs);
      if (!ended && !read.behind && wait > 0) await pause(clock, wait, signal);
    }
  }
  return 'stopped';
}

/** A read that fails is tried again at the next look. */
async function readOrNothing({ reader }: ShardPollerOptions) {
  return reader.read().catch(() => ({ records: [], behind: false, ended: false }));
}

/** Gives the front batch to the function until something of it succeeds. */
async function deliver(queue: BatchQueue, options: ShardPollerOptions): Promise<void> {
  const { settings, clock, signal, recut } = options;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const batch = queue.front();
    const outcome = await options.invoke(eventOf(batch));
    const count = outcome.kind === 'failed' ? 0 : countOf(outcome.json, batch, settings.reportsFailures);
    if (count > 0) {
      queue.taken(count);
      await options.onProgress?.(batch[count - 1]?.sequence ?? '');
      return;
    }
    if (outcome.kind === 'failed') options.onFailure?.(outcome, attempt);
    if (settings.bisect) queue.split();
    if (recut && recut.next() < 0.5) queue.recut(1 + Math.floor(recut.next() * queue.length));
    await pause(clock, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)), signal);
  }
}

function countOf(json: string, batch: readonly EventRecord[], reportsFailures: boolean): number {
  return reportsFailures
    ? succeeded(
        json,
        batch.map(({ sequence }) => sequence),
      )
    : batch.length;
}

function eventOf(batch: readonly EventRecord[]): string {
  return `{"Records":[${batch.map(({ json }) => json).join(',')}]}`;
}
