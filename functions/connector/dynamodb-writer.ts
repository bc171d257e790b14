import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Attributes, type AttributeValue, attributesOf } from '../../core/connector/aws/attribute-value.ts';
import { type DynamodbOptions, keyNames } from '../../core/connector/aws/dynamodb.ts';
import { PoisonRecordError } from '../../core/error/error.ts';
import type { BatchIdentity, RecordBatch, RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';
import { isNamed, runtimeErrorOf } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { inLanes } from './lane.ts';
import { eachRecord, type SinkTarget } from './sink-target.ts';

/** Puts under way at once: enough to hide the way to the table and back, few enough for the sockets of a client. */
const LANES = 32;

type Row = { readonly index: number; readonly key: string; readonly item: Attributes };

/**
 * Upserts each record as the item of its key.
 *
 * An item carries the version of its record, (incarnation, n, index), and a put is conditional: the item is absent or older.
 * So a batch that is written again, or late and over a newer one, changes nothing. Of several records of a batch with one
 * key only the last is written.
 */
export function dynamodbWriter(
  { options, address }: SinkTarget<DynamodbOptions>,
  client: DynamoDBClient = new DynamoDBClient(clientOptions()),
): RecordWriter {
  const key = keyNames(options.key);
  const version = options.version ?? '_version';
  const put = async ({ index, item }: Row): Promise<RefusedRecord | undefined> => {
    const command = new PutItemCommand({
      TableName: address,
      Item: item as Record<string, never>,
      ConditionExpression: 'attribute_not_exists(#key) OR attribute_not_exists(#version) OR #version < :version',
      ExpressionAttributeNames: { '#key': key[0] as string, '#version': version },
      ExpressionAttributeValues: { ':version': item[version] as never },
    });
    try {
      await client.send(command);
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      if (isNamed(error, 'ValidationException'))
        return { index, reason: `table ${address}: ${(error as Error).message}` };
      throw runtimeErrorOf(error, `put an item into table ${address}`);
    }
    return undefined;
  };
  return {
    async write(batch: RecordBatch) {
      const { made, refused } = eachRecord(batch, ({ value }, index) => {
        const item = { ...itemOf(value, key), [version]: { S: versionOf(batch.identity, index) } };
        return { index, key: JSON.stringify(key.map((name) => (item as Attributes)[name])), item };
      });
      const newest = new Map(made.map((row) => [row.key, row]));
      const outcomes = await inLanes([...newest.values()], LANES, put);
      return [...refused, ...outcomes.filter((outcome) => outcome !== undefined)];
    },
  };
}

/** Texts that compare as (incarnation, n, index) do. */
function versionOf({ incarnation, n }: BatchIdentity, index: number): string {
  return [String(incarnation).padStart(8, '0'), String(n).padStart(15, '0'), String(index).padStart(7, '0')].join('-');
}

function itemOf(value: unknown, key: readonly string[]): Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PoisonRecordError('an item is an object; map the record to one');
  }
  const item = attributesOf(value);
  for (const name of key) {
    if (!isKey(item[name])) {
      const found = item[name] === undefined ? 'has none' : 'is neither text nor number nor bytes, or is empty';
      throw new PoisonRecordError(`field ${name} is part of the key, and ${found}`);
    }
  }
  return item;
}

function isKey(attribute: AttributeValue | undefined): boolean {
  if (attribute === undefined) return false;
  return ('S' in attribute && attribute.S !== '') || 'N' in attribute || ('B' in attribute && attribute.B.length > 0);
}
