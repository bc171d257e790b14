import {
  ENTRY_OVERHEAD,
  encodeMessages,
  MESSAGE_OVERHEAD,
  type QueuedMessage,
} from '../../core/connector/aws/queued-message.ts';
import { MAX_ENTRY_BYTES } from '../../core/port/frame-log.ts';

/**
 * How the messages of an invocation become entries of a stream.
 *
 * 1. Messages of one key go to one shard.
 * 2. One round has at most one entry of a key, so that no answer for a part of a round can change the order of a key.
 * 3. What does not fit a round waits for the next one. A message that fits none is left, and where order matters all of its
 *    key behind it.
 */
export type IntakeEntry = {
  readonly key: string;
  readonly ids: readonly string[];
  readonly bytes: Uint8Array;
};

/** A message and the key that decides its shard. */
export type IntakeMessage = QueuedMessage & { readonly key: string; readonly isOrdered: boolean };

/** PutRecords takes 5 MiB with the keys, which are at most 256 characters. */
const MAX_ROUND_BYTES = 4_500_000;
const MAX_ROUND_ENTRIES = 500;

type Gathered = { readonly messages: QueuedMessage[]; bytes: number };

/** The entries of a round, from the oldest message on. */
export function entriesOf(messages: readonly IntakeMessage[]): readonly IntakeEntry[] {
  const gathered = new Map<string, Gathered>();
  const closed = new Set<string>();
  let total = 0;
  for (const message of messages) {
    const { key, isOrdered } = message;
    if (closed.has(key)) continue;
    const bytes = message.body.length + MESSAGE_OVERHEAD;
    if (bytes + ENTRY_OVERHEAD > MAX_ENTRY_BYTES && !isOrdered) continue;
    const entry = gathered.get(key) ?? { messages: [], bytes: ENTRY_OVERHEAD };
    const fits = entry.bytes + bytes <= MAX_ENTRY_BYTES && total + bytes <= MAX_ROUND_BYTES;
    if (!fits || (entry.messages.length === 0 && gathered.size === MAX_ROUND_ENTRIES)) {
      closed.add(key);
      continue;
    }
    entry.messages.push(message);
    entry.bytes += bytes;
    total += bytes;
    gathered.set(key, entry);
  }
  return [...gathered].map(([key, entry]) => ({
    key,
    ids: entry.messages.map(({ id }) => id),
    bytes: encodeMessages(entry.messages),
  }));
}
