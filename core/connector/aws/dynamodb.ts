import { JobSpecError } from '../../error/error.ts';
import type { Row } from '../file/file.ts';
import type { LogSource } from '../log-source.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';
import { deployedSink, pushedSource } from './deployed.ts';
import { decodeItemChange, decodeQueuedChange, type ItemChange } from './item-change.ts';
import { fromMessages } from './queued-message.ts';

export type KeyType = 'string' | 'number' | 'binary';

/** Options of the word `dynamodb` as a sink. */
export type DynamodbOptions = {
  /** The name of the table, or its ARN. */
  readonly table: string;
  /** Partition key and, where there is one, sort key: a field, a list of fields, or their types: `{ page: string }`. */
  readonly key: string | readonly string[] | { readonly [field: string]: KeyType };
  /** The attribute that holds an item's version; `_version` unless said. */
  readonly version?: string;
};

/** Options of the word `dynamodb` as a source: the changes of a table. */
export type DynamodbChangesOptions = {
  /**
   * The Kinesis stream that the table writes its changes into, by name or ARN ("Kinesis Data Streams for DynamoDB"), or the
   * ARN of the table's own stream.
   */
  readonly stream: string;
};

/**
 * A DynamoDB table as a sink: each record is the item of its key, written whole. An item carries the version of its record
 * and is only replaced by a newer one, so the table ends as if each record were written exactly once.
 *
 * @example
 * perPage.to('table', dynamodb({ table: 'PageViews', key: ['page', 'windowStart'] }));
 */
export function dynamodb<T = Row>(options: DynamodbOptions): Sink<T> {
  const names = keyNames(options.key);
  if (names.length < 1 || names.length > 2) {
    const message = `a key has one field or two (partition and sort key), not ${names.length}`;
    throw new JobSpecError([{ path: 'dynamodb.key', message }]);
  }
  const key = typedKey(options.key);
  return deployedSink<T>({
    word: 'dynamodb',
    options,
    resource: { kind: 'dynamodb-table', name: options.table, ...(key !== undefined && { key }) },
    guarantee: 'exactly-once',
  });
}

/**
 * The changes of a DynamoDB table as a source: from the Kinesis stream that the table writes them into, each record of that
 * stream exactly once, though the table may write a change twice, and those of one item out of order; or from the table's own
 * stream, each change at least once and those of one item in order.
 *
 * @example
 * source('changes', dynamodbChanges<Order>({ stream: 'orders-changes' }));
 */
export function dynamodbChanges<T = Row>({ stream }: DynamodbChangesOptions): Source<ItemChange<T>> {
  const kind = OWN_STREAM.test(stream) ? 'dynamodb-stream' : 'kinesis-stream';
  const resource = { kind, name: stream } as const;
  const decode = kind === 'dynamodb-stream' ? fromMessages(decodeQueuedChange<T>) : decodeItemChange<T>;
  return pushedSource(
    { word: 'dynamodb', options: { stream }, resource },
    decode as LogSource<ItemChange<T>>['decode'],
  );
}

/** `arn:aws:dynamodb:eu-west-1:111122223333:table/Orders/stream/2026-01-01T00:00:00.000` */
const OWN_STREAM = /^arn:[^:]+:dynamodb:/;

/** The fields of a key, partition key first. */
export function keyNames(key: DynamodbOptions['key']): readonly string[] {
  if (typeof key === 'string') return [key];
  return isList(key) ? key : Object.keys(key);
}

const ATTRIBUTE_TYPES = { string: 'S', number: 'N', binary: 'B' } as const;

function typedKey(key: DynamodbOptions['key']) {
  if (typeof key === 'string' || isList(key)) return undefined;
  return Object.entries(key).map(([name, type]) => ({ name, type: ATTRIBUTE_TYPES[type] }));
}

function isList(key: DynamodbOptions['key']): key is readonly string[] {
  return Array.isArray(key);
}
