import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DynamoDbOptions, startDynamoDb } from '../../functions/emulator/dynamodb/dynamodb-service.ts';
import { dynamoDbAt } from './clients.ts';

const TABLE = { TableName: 'log' } as const;

async function withTable(options: DynamoDbOptions = {}): Promise<DynamoDBClient> {
  const server = await startDynamoDb(options);
  onTestFinished(() => server.close());
  const client = dynamoDbAt(server.url);
  await client.send(
    new CreateTableCommand({
      ...TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'S', KeyType: 'HASH' },
        { AttributeName: 'n', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'S', AttributeType: 'S' },
        { AttributeName: 'n', AttributeType: 'N' },
      ],
    }),
  );
  return client;
}

const key = (n: number) => ({ S: { S: 'task' }, n: { N: `${n}` } });
const row = (n: number, writer: string) => ({ ...key(n), writer: { S: writer } });
const absent = 'attribute_not_exists(S)';
const read = async (client: DynamoDBClient, n: number) =>
  (await client.send(new GetItemCommand({ ...TABLE, Key: key(n), ConsistentRead: true }))).Item?.writer?.S;

describe('DynamoDB', () => {
  test('of many puts of one row under the condition that it is absent, one wins', async () => {
    const client = await withTable();
    const puts = Array.from({ length: 20 }, (_, writer) =>
      client.send(new PutItemCommand({ ...TABLE, Item: row(1, `${writer}`), ConditionExpression: absent })),
    );
    const ended = await Promise.allSettled(puts);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read(client, 1)).toBe(`${ended.findIndex(({ status }) => status === 'fulfilled')}`);
  });

  test('a condition that fails gives the row that it saw, when asked', async () => {
    const client = await withTable();
    await client.send(new PutItemCommand({ ...TABLE, Item: row(1, 'first') }));
    const put = { ...TABLE, Item: row(1, 'second'), ConditionExpression: absent } as const;
    const asked = { ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    await expect(client.send(new PutItemCommand(asked))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: row(1, 'first'),
    });
    await expect(client.send(new PutItemCommand(put))).rejects.not.toHaveProperty('Item', row(1, 'first'));
  });

  test('numbers of a log are in order of number, newest first when asked', async () => {
    const client = await withTable();
    for (const n of [9, 10, 2, 100]) await client.send(new PutItemCommand({ ...TABLE, Item: row(n, 'a') }));
    const { Items = [] } = await client.send(
      new QueryCommand({
        ...TABLE,
        KeyConditionExpression: 'S = :log',
        ExpressionAttributeValues: { ':log': { S: 'task' } },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: 3,
      }),
    );
    expect(Items.map(({ n }) => n?.N)).toEqual(['100', '10', '9']);
  });

  test('binary attributes come back byte for byte', async () => {
    const client = await withTable();
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await client.send(new PutItemCommand({ ...TABLE, Item: { ...key(1), body: { B: body } } }));
    const { Item } = await client.send(new GetItemCommand({ ...TABLE, Key: key(1) }));
    expect(Item?.body?.B).toEqual(body);
  });

  test('a transaction writes all of its items', async () => {
    const client = await withTable();
    await client.send(new PutItemCommand({ ...TABLE, Item: row(3, 'old') }));
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { ...TABLE, Item: row(1, 'new'), ConditionExpression: absent } },
          {
            Update: {
              ...TABLE,
              Key: key(2),
              UpdateExpression: 'SET writer = :w',
              ExpressionAttributeValues: { ':w': { S: 'updated' } },
            },
          },
          { Delete: { ...TABLE, Key: key(3) } },
        ],
      }),
    );
    expect([await read(client, 1), await read(client, 2), await read(client, 3)]).toEqual([
      'new',
      'updated',
      undefined,
    ]);
  });

  test('a transaction with one condition that fails writes nothing, and says which', async () => {
    const client = await withTable();
    await client.send(new PutItemCommand({ ...TABLE, Item: row(2, 'there') }));
    const transaction = client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { ...TABLE, Item: row(1, 'new') } },
          { ConditionCheck: { ...TABLE, Key: key(2), ConditionExpression: absent } },
        ],
      }),
    );
    await expect(transaction).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    expect(await read(client, 1)).toBeUndefined();
  });

  test('of transactions that race for one row, one wins, in whatever order they name their rows', async () => {
    const client = await withTable();
    const transaction = (writer: number) => {
      const puts = [1, 2, 3].map((n) => ({
        Put: { ...TABLE, Item: row(n, `${writer}`), ConditionExpression: absent },
      }));
      return client.send(new TransactWriteItemsCommand({ TransactItems: writer % 2 ? puts : puts.reverse() }));
    };
    const ended = await Promise.allSettled(Array.from({ length: 10 }, (_, writer) => transaction(writer)));
    const winners = ended.flatMap(({ status }, writer) => (status === 'fulfilled' ? [`${writer}`] : []));
    expect(winners).toHaveLength(1);
    expect([await read(client, 1), await read(client, 2), await read(client, 3)]).toEqual(
      [winners, winners, winners].flat(),
    );
  });

  test('a transaction sent again with its token is done once', async () => {
    const client = await withTable();
    const once = new TransactWriteItemsCommand({
      ClientRequestToken: 'one',
      TransactItems: [{ Put: { ...TABLE, Item: row(1, 'a'), ConditionExpression: absent } }],
    });
    await client.send(once);
    await expect(client.send(once)).resolves.toBeDefined();
  });

  test('a put whose reply is lost has happened', async () => {
    const client = await withTable({
      gate: ({ operation }) => (operation === 'PutItem' ? 'lose-reply' : 'answer'),
    });
    await expect(client.send(new PutItemCommand({ ...TABLE, Item: row(1, 'a') }))).rejects.toThrow(
      /socket|ECONNRESET/i,
    );
    expect(await read(client, 1)).toBe('a');
  });

  test('a throttled batch gives back what it did not write', async () => {
    const client = await withTable({
      gate: ({ operation }) => (operation === 'BatchWriteItem' ? 'partly' : 'answer'),
    });
    const RequestItems = { log: [1, 2, 3].map((n) => ({ PutRequest: { Item: row(n, 'a') } })) };
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems).toEqual({ log: [{ PutRequest: { Item: row(2, 'a') } }] });
    expect([await read(client, 1), await read(client, 2), await read(client, 3)]).toEqual(['a', undefined, 'a']);
  });

  test('an item above 400 KB is refused', async () => {
    const client = await withTable();
    const Item = { ...key(1), body: { B: new Uint8Array(410_000) } };
    await expect(client.send(new PutItemCommand({ ...TABLE, Item }))).rejects.toThrow(/size has exceeded/);
  });

  test('a table in a folder is there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-dynamodb-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const before = await startDynamoDb({ folder });
    const client = dynamoDbAt(before.url);
    const keys = {
      KeySchema: [{ AttributeName: 'S', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'S', AttributeType: 'S' }],
    } as const;
    await client.send(
      new CreateTableCommand({
        ...TABLE,
        ...keys,
        KeySchema: [...keys.KeySchema],
        AttributeDefinitions: [...keys.AttributeDefinitions],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await client.send(new PutItemCommand({ ...TABLE, Item: { S: { S: 'a' }, v: { N: '7' } } }));
    await before.close();
    const after = await startDynamoDb({ folder });
    onTestFinished(() => after.close());
    const { Item } = await dynamoDbAt(after.url).send(new GetItemCommand({ ...TABLE, Key: { S: { S: 'a' } } }));
    expect(Item?.v?.N).toBe('7');
  });
});
