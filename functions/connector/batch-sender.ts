import { RetryableError, UnansweredError } from '../../core/error/error.ts';
import type { Clock } from '../../core/port/clock.ts';
import type { RefusedRecord } from '../../core/port/record-writer.ts';

/**
 * Sends the records of one commit to a service that takes them in batches and answers for each.
 *
 * Those that are not taken are sent again, and nothing else is; a pause grows while nothing is taken at all. What is left
 * then fails the whole write, which is made again with the same records.
 */
export type Entry<E> = { readonly index: number; readonly entry: E; readonly bytes: number };

export type Outcome = { readonly kind: 'sent' } | { readonly kind: 'again' | 'refused'; readonly reason: string };

export type BatchCall<E> = {
  /** For messages, such as `queue alerts`. */
  readonly to: string;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** One entry's; a larger one is refused. */
  readonly maxEntryBytes: number;
  /** The outcome of each entry, in order. */
  readonly send: (entries: readonly Entry<E>[]) => Promise<readonly Outcome[]>;
};

/** A batch is sent so often without one entry taken; then the invocation ends and the next one goes on. */
const MAX_FRUITLESS = 6;
const FIRST_PAUSE_MS = 50;

export const SENT: Outcome = { kind: 'sent' };

/** @throws RetryableError where entries are not taken after many tries */
export async function sendAll<E>(
  entries: readonly Entry<E>[],
  call: BatchCall<E>,
  clock: Clock,
): Promise<readonly RefusedRecord[]> {
  const refused: RefusedRecord[] = [];
  let left: readonly Entry<E>[] = entries.filter(({ index, bytes }) => {
    if (bytes <= call.maxEntryBytes) return true;
    refused.push({ index, reason: `it has ${bytes} bytes, and ${call.to} takes ${call.maxEntryBytes}` });
    return false;
  });
  for (let fruitless = 0; left.length > 0; ) {
    const { again, reason, taken } = await round(left, call, refused);
    left = again;
    fruitless = taken > 0 ? 0 : fruitless + 1;
    if (fruitless >= MAX_FRUITLESS)
      throw new RetryableError(`${left.length} records are not taken by ${call.to}: ${reason}`);
    if (left.length > 0) await pause(clock, FIRST_PAUSE_MS * 2 ** fruitless);
  }
  return refused;
}

type Round<E> = { readonly again: readonly Entry<E>[]; readonly reason: string; readonly taken: number };

async function round<E>(entries: readonly Entry<E>[], call: BatchCall<E>, refused: RefusedRecord[]): Promise<Round<E>> {
  const again: Entry<E>[] = [];
  let reason = '';
  let taken = 0;
  for (const batch of batchesOf(entries, call)) {
    const outcomes = await outcomesOf(batch, call);
    for (const [place, entry] of batch.entries()) {
      const outcome = outcomes[place] ?? { kind: 'again', reason: 'it has no answer' };
      if (outcome.kind === 'again') {
        again.push(entry);
        reason = outcome.reason;
        continue;
      }
      taken++;
      if (outcome.kind === 'refused') refused.push({ index: entry.index, reason: outcome.reason });
    }
  }
  return { again, reason, taken };
}

/** Without an answer some may have been taken; they are sent again all the same. */
async function outcomesOf<E>(batch: readonly Entry<E>[], { send }: BatchCall<E>): Promise<readonly Outcome[]> {
  try {
    return await send(batch);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    const reason = error instanceof UnansweredError ? `no answer (${error.message})` : error.message;
    return batch.map(() => ({ kind: 'again', reason }));
  }
}

function batchesOf<E>(
  entries: readonly Entry<E>[],
  { maxEntries, maxBytes }: Pick<BatchCall<E>, 'maxEntries' | 'maxBytes'>,
): readonly (readonly Entry<E>[])[] {
  const batches: Entry<E>[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = batches.at(-1);
    if (last === undefined || last.length === maxEntries || bytes + entry.bytes > maxBytes) {
      batches.push([entry]);
      bytes = entry.bytes;
    } else {
      last.push(entry);
      bytes += entry.bytes;
    }
  }
  return batches;
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
