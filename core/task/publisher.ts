import { InvariantError, RetryableError } from '../error/error.ts';
import { hashKeyOf } from '../frame/hash-key.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Clock } from '../port/clock.ts';
import { type EntryResult, MAX_PUT_BYTES, MAX_PUT_ENTRIES } from '../port/frame-log.ts';
import type { BatchIdentity, RecordWriter } from '../port/record-writer.ts';
import type { InboxMap } from './inbox-map.ts';
import { DEAD_LETTERS, type Outbox, type OutgoingBatch, type OutgoingFrame } from './outbox.ts';
import { intersectionOf, without } from './range-map.ts';

/**
 * Sends committed outboxes, and nothing else.
 *
 * P5  The outboxes of a task leave by rising n, each wholly acknowledged before the next. What was sent before is sent
 *     again after a failure; consumers know it (P7).
 * P6  Frames leave as they were cut. To one shard at most one is in flight, in the order of the outbox.
 * P8  The answer names the shard that took a frame. The same frame is put again, whole, for the first key group that no
 *     shard holds yet that took it, until there is none.
 */
export type PublisherOptions = {
  readonly inboxes: ReadonlyMap<string, InboxMap>;
  readonly writers: ReadonlyMap<string, RecordWriter>;
  readonly deadLetters: RecordWriter;
  readonly maxParallelism: number;
  readonly clock: Clock;
};

/** Rounds without any frame taken before the invocation gives up; whoever comes next goes on. */
const MAX_FRUITLESS_ROUNDS = 6;
const FIRST_WAIT_MS = 50;

export class Publisher {
  protected readonly options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.options = options;
  }

  /** @throws RetryableError where something was not acknowledged */
  async publish(identity: BatchIdentity, outbox: Outbox): Promise<void> {
    const stages = new Set(outbox.frames.map(({ stage }) => stage));
    await settled([
      ...[...stages].map((stage) =>
        this.send(
          stage,
          outbox.frames.filter((frame) => frame.stage === stage),
        ),
      ),
      ...outbox.batches.map((batch) => this.#write(identity, batch)),
    ]);
  }

  protected async send(stage: string, frames: readonly OutgoingFrame[]): Promise<void> {
    const inbox = this.options.inboxes.get(stage);
    if (inbox === undefined) throw new InvariantError(`there is no inbox of stage ${stage}`);
    let left: readonly Pending[] = frames.map(({ bytes, range }) => ({ bytes, uncovered: [range] }));
    for (let fruitless = 0; left.length > 0; ) {
      const round = roundOf(left, inbox);
      const results = await this.#put(inbox, round);
      const taken = new Map<Pending, readonly KeyGroupRange[]>();
      for (const [i, { pending }] of round.entries()) {
        const result = results[i];
        if (result?.kind !== 'taken') continue;
        const range = await inbox.rangeOf(result.shard);
        taken.set(pending, without(taken.get(pending) ?? pending.uncovered, range));
      }
      left = left.flatMap((pending) => {
        const uncovered = taken.get(pending) ?? pending.uncovered;
        return uncovered.length === 0 ? [] : [{ ...pending, uncovered }];
      });
      fruitless = taken.size > 0 ? 0 : fruitless + 1;
      if (fruitless > 0) await this.#pause(stage, fruitless, results);
    }
  }

  async #put(inbox: InboxMap, round: readonly Put[]): Promise<readonly EntryResult[]> {
    try {
      return await inbox.log.put(
        round.map(({ pending, group }) => ({
          hashKey: hashKeyOf(group, this.options.maxParallelism),
          bytes: pending.bytes,
        })),
      );
    } catch (error) {
      // No answer: they may have been taken, and are sent again all the same.
      if (error instanceof RetryableError) return round.map(() => ({ kind: 'refused', reason: error.message }));
      throw error;
    }
  }

  async #pause(stage: string, fruitless: number, results: readonly EntryResult[]): Promise<void> {
    const reason = results.find((result) => result.kind === 'refused')?.reason ?? 'nothing was taken';
    if (fruitless >= MAX_FRUITLESS_ROUNDS) throw new RetryableError(`the inbox of ${stage} takes no frame: ${reason}`);
    await new Promise<void>((resolve) => this.options.clock.after(FIRST_WAIT_MS * 2 ** (fruitless - 1), resolve));
  }

  async #write(identity: BatchIdentity, { sink, records }: OutgoingBatch): Promise<void> {
    const { writers, deadLetters } = this.options;
    const writer = sink === DEAD_LETTERS ? deadLetters : writers.get(sink);
    if (writer === undefined) throw new InvariantError(`there is no writer of sink ${sink}`);
    const refused = await writer.write({ identity, records });
    if (refused.length === 0 || writer === deadLetters) return;
    const letters = refused.map(({ index, reason }) => ({
      value: { operator: sink, reason, record: records[index]?.value },
      timestamp: records[index]?.timestamp ?? 0,
    }));
    await deadLetters.write({ identity: { ...identity, task: `${identity.task}/${sink}` }, records: letters });
  }
}

type Pending = { readonly bytes: Uint8Array; readonly uncovered: readonly KeyGroupRange[] };
type Put = { readonly pending: Pending; readonly group: number };

/** At most one frame for each open shard, the first in order that the shard has not taken, as far as one call takes them. */
function roundOf(left: readonly Pending[], inbox: InboxMap): readonly Put[] {
  const round: Put[] = [];
  let bytes = 0;
  for (const { range } of inbox.open) {
    for (const pending of left) {
      const shared = firstShared(pending.uncovered, range);
      if (shared === undefined) continue;
      if (round.length === MAX_PUT_ENTRIES || bytes + pending.bytes.length > MAX_PUT_BYTES) return round;
      bytes += pending.bytes.length;
      round.push({ pending, group: shared.first });
      break;
    }
  }
  return round;
}

function firstShared(uncovered: readonly KeyGroupRange[], range: KeyGroupRange): KeyGroupRange | undefined {
  for (const part of uncovered) {
    const shared = intersectionOf(part, range);
    if (shared !== undefined) return shared;
  }
  return undefined;
}

/** All of them have ended, well or not, before the first failure is told: nothing goes on behind the caller's back. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
