import { createHash } from 'node:crypto';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { encodeItemChange } from '../../core/connector/aws/item-change.ts';
import type { IntakeMessage } from './intake-entry.ts';

/** Two hexadecimal digits: 256 keys, which spread over shards and leave entries few. */
const KEY_DIGITS = 2;

/**
 * A message of a queue. Of a FIFO queue its group is the key; else the key is made of the id, so that a message which the
 * queue gives twice comes to the same task.
 */
export function messageOfQueue({ messageId: id, body, attributes }: SQSRecord): IntakeMessage {
  const { MessageGroupId: group, SentTimestamp } = attributes;
  const key = group ?? id.slice(0, KEY_DIGITS);
  return { id, key, isOrdered: group !== undefined, sent: Number(SentTimestamp), body: Buffer.from(body) };
}

/** A change of a table. Changes of one item have one key, so that they stay in order. */
export function messageOfTable({ eventName, dynamodb = {} }: DynamoDBRecord): IntakeMessage {
  const { Keys = {}, SequenceNumber: id = '', ApproximateCreationDateTime: seconds = 0 } = dynamodb;
  const item = JSON.stringify(Object.entries(Keys).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const key = createHash('sha256').update(item).digest('hex').slice(0, KEY_DIGITS);
  return {
    id,
    key,
    isOrdered: true,
    sent: Math.floor(seconds * 1_000),
    body: encodeItemChange({ eventName, dynamodb }),
  };
}
