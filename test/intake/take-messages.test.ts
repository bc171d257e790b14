import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { dynamodbChanges } from '../../core/connector/aws/dynamodb.ts';
import type { ItemChange } from '../../core/connector/aws/item-change.ts';
import { decodeMessages } from '../../core/connector/aws/queued-message.ts';
import { isLogSource } from '../../core/connector/log-source.ts';
import { systemClock } from '../../core/local/system-clock.ts';
import { KinesisFrameLog } from '../../functions/adapter/kinesis-frame-log.ts';
import { entriesOf } from '../../functions/intake/intake-entry.ts';
import { messageOfQueue, messageOfTable } from '../../functions/intake/intake-message.ts';
import { takeMessages } from '../../functions/intake/take-messages.ts';
import { isEmulated, kinesis, newStream } from '../adapter/aws.ts';

const idOf = (n: number) =>
  `${(n % 256).toString(16).padStart(2, '0')}000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A message as Lambda gives it, as far as the intake reads it. */
function messageOf(n: number, body: string, MessageGroupId?: string) {
  const attributes = { SentTimestamp: String(1_000 + n), ...(MessageGroupId !== undefined && { MessageGroupId }) };
  return messageOfQueue({ messageId: idOf(n), body, attributes } as SQSRecord);
}

/** The entries of a stream, shard by shard, oldest first. */
async function entriesIn(client: KinesisClient, stream: string): Promise<readonly (readonly Uint8Array[])[]> {
  const shards = await new KinesisFrameLog(client, stream).shards();
  return Promise.all(
    shards.map(async ({ id }) => {
      const at = { StreamName: stream, ShardId: id, ShardIteratorType: 'TRIM_HORIZON' } as const;
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
      const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ Data = new Uint8Array() }) => Data);
    }),
  );
}

/** The bodies of messages in a stream, shard by shard, oldest first. */
async function bodiesOf(client: KinesisClient, stream: string): Promise<readonly (readonly string[])[]> {
  const bodies = (entry: Uint8Array) => decodeMessages(entry).map(({ body }) => Buffer.from(body).toString());
  return (await entriesIn(client, stream)).map((entries) => entries.flatMap(bodies));
}

const intakeOf = (client: KinesisClient, stream: string, failures: Error[] = []) => ({
  client,
  stream,
  clock: systemClock,
  onFailure: (error: Error) => failures.push(error),
});

const soon = () => Date.now() + 20_000;

test.runIf(isEmulated)(
  'messages of a group are in one shard in their order, though puts are taken in part or their answers are lost',
  async () => {
    let calls = 0;
    const gate = ({ operation }: { readonly operation: string }) =>
      operation === 'PutRecords' ? ((['partly', 'lose-reply', 'answer'] as const)[calls++ % 3] ?? 'answer') : 'answer';
    const client = await kinesis(gate, { attempts: 1 });
    const stream = await newStream(client, 2);
    const failures: Error[] = [];
    for (let from = 0; from < 100; from += 10) {
      const batch = Array.from({ length: 10 }, (_, i) => messageOf(from + i, `${i % 3}:${from + i}`, `group-${i % 3}`));
      expect(await takeMessages(batch, soon(), intakeOf(client, stream, failures))).toEqual([]);
    }
    expect(failures.length).toBeGreaterThan(0);
    const shards = await bodiesOf(client, stream);
    for (const group of ['0', '1', '2']) {
      const found = shards.map((bodies) => bodies.filter((body) => body.startsWith(`${group}:`)));
      const [own = [], ...others] = found.filter((bodies) => bodies.length > 0);
      expect(others).toEqual([]);
      const firsts = [...new Set(own)];
      expect(firsts).toHaveLength(group === '0' ? 40 : 30);
      expect(firsts).toEqual(firsts.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
    }
  },
);

test('messages of a queue without groups spread over the shards, each once', async () => {
  const client = await kinesis();
  const stream = await newStream(client, 2);
  const messages = Array.from({ length: 1_000 }, (_, n) => messageOf(n, `{"n":${n}}`));
  expect(await takeMessages(messages, soon(), intakeOf(client, stream))).toEqual([]);
  const shards = await bodiesOf(client, stream);
  for (const bodies of shards) expect(bodies.length).toBeGreaterThan(200);
  expect(shards.flat().toSorted()).toEqual(messages.map(({ body }) => Buffer.from(body).toString()).toSorted());
});

test('what a shard does not take in time is left to the queue', async () => {
  const client = await kinesis();
  const stream = await newStream(client, 1);
  const messages = [messageOf(1, '{}'), messageOf(2, '{}')];
  expect(await takeMessages(messages, Date.now() - 1, intakeOf(client, stream))).toEqual([idOf(1), idOf(2)]);
  expect((await bodiesOf(client, stream)).flat()).toEqual([]);
});

test('a message too large for an entry is left, and of its group all behind it', () => {
  const large = 'x'.repeat(1_048_500);
  const taken = (group?: string) =>
    entriesOf([messageOf(1, 'a', group), messageOf(257, large, group), messageOf(513, 'c', group)]).flatMap(
      ({ ids }) => ids,
    );
  expect(taken()).toEqual([idOf(1), idOf(513)]);
  expect(taken('group')).toEqual([idOf(1)]);
});

test('a round holds what one put takes, and leaves the rest in order for the next', () => {
  const half = 'x'.repeat(500_000);
  const messages = Array.from({ length: 10 }, (_, n) => messageOf(n, half, 'group'));
  expect(entriesOf(messages).map(({ key, ids }) => [key, ids])).toEqual([['group', [idOf(0), idOf(1)]]]);
  const spread = Array.from({ length: 12 }, (_, n) => messageOf(n, half));
  expect(entriesOf(spread).flatMap(({ ids }) => ids)).toEqual(spread.slice(0, 8).map(({ id }) => id));
});

/** The version of an item as its table's stream tells it; some are as large as items can be. */
function changeOf(n: number): DynamoDBRecord {
  const NewImage = {
    id: { S: `item-${n % 5}` },
    version: { N: `${n}` },
    text: { S: 'ä'.repeat(n % 50 === 0 ? 190_000 : 1) },
  };
  return {
    eventName: n < 5 ? 'INSERT' : 'MODIFY',
    dynamodb: {
      Keys: { id: NewImage.id },
      NewImage,
      ...(n >= 5 && { OldImage: { ...NewImage, version: { N: `${n - 5}` } } }),
      ApproximateCreationDateTime: 1_700_000_000 + n,
      SequenceNumber: String(100_000 + n),
    },
  };
}

test.runIf(isEmulated)(
  'changes of an item are read in their order, though puts are taken in part or their answers are lost',
  async () => {
    let calls = 0;
    const gate = ({ operation }: { readonly operation: string }) =>
      operation === 'PutRecords' ? ((['lose-reply', 'partly', 'answer'] as const)[calls++ % 3] ?? 'answer') : 'answer';
    const client = await kinesis(gate, { attempts: 1 });
    const stream = await newStream(client, 2);
    const changes = Array.from({ length: 200 }, (_, n) => messageOfTable(changeOf(n)));
    for (const from of [0, 100]) {
      expect(await takeMessages(changes.slice(from, from + 100), soon(), intakeOf(client, stream))).toEqual([]);
    }
    const source = dynamodbChanges({
      stream: 'arn:aws:dynamodb:us-east-1:1:table/Items/stream/2026-01-01T00:00:00.000',
    });
    if (!isLogSource(source)) throw new Error('it has no entries');
    const decoded = (await entriesIn(client, stream)).flat().map((bytes) => source.decode({ bytes, place: 'changes' }));
    expect(decoded.flatMap(({ faults = [] }) => faults)).toEqual([]);
    const read = decoded.flatMap(({ values }) => values as readonly ItemChange[]);
    for (let item = 0; item < 5; item++) {
      const versions = read.flatMap(({ key, after }) => (key.id === `item-${item}` ? [after?.version] : []));
      expect([...new Set(versions)]).toEqual(Array.from({ length: 40 }, (_, i) => item + 5 * i));
    }
    expect(read.find(({ after }) => after?.version === 7)).toEqual({
      change: 'modify',
      key: { id: 'item-2' },
      before: { id: 'item-2', version: 2, text: 'ä' },
      after: { id: 'item-2', version: 7, text: 'ä' },
      at: 1_700_000_007_000,
    });
    const timestamps = decoded.flatMap(({ timestamps: of = [] }) => of);
    expect(timestamps).toEqual(read.map(({ at }) => at));
  },
);
