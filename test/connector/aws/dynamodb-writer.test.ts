import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { type Attributes, recordOf } from '../../../core/connector/aws/attribute-value.ts';
import type { DynamodbOptions } from '../../../core/connector/aws/dynamodb.ts';
import { RetryableError } from '../../../core/error/error.ts';
import { dynamodbWriter } from '../../../functions/connector/dynamodb-writer.ts';
import type { Gate } from '../../../functions/emulator/server/gate.ts';
import { ServiceError } from '../../../functions/emulator/server/service-error.ts';
import { dynamoDb, isEmulated, newTable } from '../../adapter/aws.ts';
import { batchOf, targetOf } from './writer.ts';

async function setUp(options: Partial<DynamodbOptions> = {}, gate?: Gate) {
  const client = await dynamoDb(gate, { attempts: 1 });
  const table = await newTable(client, ['page:S', 'at:N']);
  const writer = dynamodbWriter(targetOf({ table, key: ['page', 'at'], ...options }, table), client);
  return { writer, items: () => itemsOf(client, table) };
}

async function itemsOf(client: DynamoDBClient, TableName: string) {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const rows = Items.map((item) => recordOf(item as unknown as Attributes));
  return rows.sort((a, b) => Number(a.at) - Number(b.at)).map(({ _version, ...row }) => row);
}

describe('the DynamoDB sink', () => {
  test('writes each record as the item of its key, whole', async () => {
    const { writer, items } = await setUp();
    const rows = [
      { page: '/a', at: 1, views: 3, tags: ['x'], last: null },
      { page: '/b', at: 2, views: 12n },
    ];
    expect(await writer.write(batchOf(rows))).toEqual([]);
    expect(await items()).toEqual([rows[0], { page: '/b', at: 2, views: 12 }]);
    await writer.write(batchOf([{ page: '/a', at: 1, views: 4 }], 2));
    expect((await items())[0]).toEqual({ page: '/a', at: 1, views: 4 });
  });

  test('ends as if each batch were written once, in order, whatever comes again', async () => {
    const { writer, items } = await setUp();
    const batches = [0, 1, 2, 3].map((n) =>
      batchOf(
        [
          { page: '/a', at: 1, n },
          { page: '/b', at: n, n },
        ],
        n,
      ),
    );
    for (const place of [0, 1, 0, 2, 3, 3, 1, 2, 0]) await writer.write(batches[place] as (typeof batches)[0]);
    const found = (await items()).map(({ page, at, n }) => `${page} ${at}: ${n}`);
    expect(found.toSorted()).toEqual(['/a 1: 3', '/b 0: 0', '/b 1: 1', '/b 2: 2', '/b 3: 3']);
  });

  test('lets a newer incarnation replace an older one, whatever its number, and never the other way', async () => {
    const { writer, items } = await setUp();
    await writer.write(batchOf([{ page: '/a', at: 1, from: 'old' }], 900, 9));
    await writer.write(batchOf([{ page: '/a', at: 1, from: 'new' }], 3, 10));
    await writer.write(batchOf([{ page: '/a', at: 1, from: 'zombie' }], 901, 9));
    expect(await items()).toEqual([{ page: '/a', at: 1, from: 'new' }]);
  });

  test('writes the last of several records of one key', async () => {
    const { writer, items } = await setUp();
    await writer.write(batchOf([1, 2, 3].map((views) => ({ page: '/a', at: 1, views }))));
    expect(await items()).toEqual([{ page: '/a', at: 1, views: 3 }]);
  });

  test('refuses records that can be no item, by their index, and writes the others', async () => {
    const { writer, items } = await setUp();
    const refused = await writer.write(
      batchOf([
        { page: '/a', at: 1 },
        { page: '/a' },
        'text',
        { page: '', at: 2 },
        { page: '/a', at: Number.NaN },
        { page: '/c', at: 'late' },
      ]),
    );
    expect(refused.toSorted((a, b) => a.index - b.index)).toEqual([
      { index: 1, reason: 'field at is part of the key, and has none' },
      { index: 2, reason: 'an item is an object; map the record to one' },
      { index: 3, reason: 'field page is part of the key, and is neither text nor number nor bytes, or is empty' },
      { index: 4, reason: 'DynamoDB holds no NaN' },
      { index: 5, reason: expect.stringContaining('table millrace-test-table') },
    ]);
    expect(await items()).toEqual([{ page: '/a', at: 1 }]);
  });

  test('keeps the version in the attribute that was named', async () => {
    const { writer, items } = await setUp({ version: 'v' });
    await writer.write(batchOf([{ page: '/a', at: 1 }], 5, 2));
    expect(await items()).toEqual([{ page: '/a', at: 1, v: '00000002-000000000000005-0000000' }]);
  });

  test.runIf(isEmulated)(
    'fails where the table is throttled, and a repetition mends what was written in part',
    async () => {
      let calls = 0;
      const { writer, items } = await setUp({}, ({ operation }) => {
        if (operation === 'PutItem' && ++calls === 5)
          throw new ServiceError('ProvisionedThroughputExceededException', 'slow');
        return 'answer';
      });
      const batch = batchOf(Array.from({ length: 60 }, (_, at) => ({ page: '/a', at })));
      await expect(writer.write(batch)).rejects.toThrow(RetryableError);
      expect(await writer.write(batch)).toEqual([]);
      expect(await items()).toHaveLength(60);
    },
  );
});
