import type { SQSRecord } from 'aws-lambda';
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
 * 1. Messages of one key go to one shard. Of a FIFO queue the key is the message group; else it is made of the id, so that a
 *    message which the queue gives twice comes to the same task.
 * 2. One round has at most one entry of a key, so that no answer for a part of a round can change the order of a group.
 * 3. What does not fit a round waits for the next one. A message that fits none stays in the queue; of a group all behind it do.
 */
export type IntakeEntry = {
  readonly key: string;
  readonly ids: readonly string[];
  readonly bytes: Uint8Array;
};

/** PutRecords takes 5 MiB with the keys, which are at most 256 characters. */
const MAX_ROUND_BYTES = 4_500_000;
const MAX_ROUND_ENTRIES = 500;
/** The first characters of an id, which is hexadecimal: 256 keys. */
const KEY_OF_ID = 2;

type Gathered = { readonly messages: QueuedMessage[]; bytes: number };

/** The entries of a round, from the oldest message on. */
export function entriesOf(records: readonly SQSRecord[]): readonly IntakeEntry[] {
  const gathered = new Map<string, Gathered>();
  const closed = new Set<string>();
  let total = 0;
  for (const record of records) {
    const { MessageGroupId: group, SentTimestamp } = record.attributes;
    const key = group ?? record.messageId.slice(0, KEY_OF_ID);
    if (closed.has(key)) continue;
    const message = { id: record.messageId, sent: Number(SentTimestamp), body: Buffer.from(record.body) };
    const bytes = message.body.length + MESSAGE_OVERHEAD;
    if (bytes + ENTRY_OVERHEAD > MAX_ENTRY_BYTES && group === undefined) continue;
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
  return [...gathered].map(([key, { messages }]) => ({
    key,
    ids: messages.map(({ id }) => id),
    bytes: encodeMessages(messages),
  }));
}
