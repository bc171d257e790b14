import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type ShardIteratorType,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type KinesisOptions, startKinesis } from '../../functions/emulator/kinesis/kinesis-service.ts';
import { kinesisAt } from './clients.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks';

async function kinesis(options: KinesisOptions = {}): Promise<KinesisClient> {
  const server = await startKinesis(options);
  onTestFinished(() => server.close());
  return kinesisAt(server.url);
}

async function withStream(ShardCount: number, options: KinesisOptions = {}): Promise<KinesisClient> {
  const client = await kinesis(options);
  await client.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount }));
  return client;
}

async function read(client: KinesisClient, shard: string, type: ShardIteratorType = 'TRIM_HORIZON') {
  const at = { StreamName: 'clicks', ShardId: shard, ShardIteratorType: type };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
  return client.send(new GetRecordsCommand({ ShardIterator }));
}

const SHARD = 'shardId-000000000000';
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

describe('Kinesis', () => {
  test('records of one shard are read in the order of their puts', async () => {
    const client = await withStream(1);
    for (let n = 0; n < 30; n++) {
      await client.send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey: `${n}`, Data: bytes(`${n}`) }));
    }
    const { Records = [] } = await read(client, SHARD);
    expect(Records.map(({ Data }) => textOf(Data))).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`));
  });

  test('a stream is addressed by its ARN as well as by its name', async () => {
    const client = await withStream(1);
    await client.send(new PutRecordCommand({ StreamARN: ARN, PartitionKey: 'a', Data: bytes('x') }));
    const { Records = [] } = await read(client, SHARD);
    expect(Records.map(({ Data }) => textOf(Data))).toEqual(['x']);
  });

  test('a stream on demand has four shards, and says that it is on demand', async () => {
    const client = await kinesis();
    const create = { StreamName: 'clicks', StreamModeDetails: { StreamMode: 'ON_DEMAND' } } as const;
    await client.send(new CreateStreamCommand(create));
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamARN: ARN }),
    );
    expect(summary).toMatchObject({ OpenShardCount: 4, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  });

  test('the explicit hash key chooses the shard, and not the partition key', async () => {
    const client = await withStream(2);
    const last = String(2n ** 128n - 1n);
    const put = { StreamName: 'clicks', PartitionKey: 'same', Data: bytes('x') };
    const low = await client.send(new PutRecordCommand({ ...put, ExplicitHashKey: '0' }));
    const high = await client.send(new PutRecordCommand({ ...put, ExplicitHashKey: last }));
    expect([low.ShardId, high.ShardId]).toEqual([SHARD, 'shardId-000000000001']);
  });

  test('shards are listed page by page', async () => {
    const client = await withStream(5);
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new ListShardsCommand(NextToken ? { NextToken, MaxResults: 2 } : { StreamName: 'clicks', MaxResults: 2 }),
      );
      seen.push(...(page.Shards ?? []).map(({ ShardId }) => ShardId));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual([0, 1, 2, 3, 4].map((n) => `shardId-00000000000${n}`));
  });

  test('of a split stream AT_LATEST lists the open shards only', async () => {
    const client = await withStream(1);
    await client.send(
      new UpdateShardCountCommand({ StreamName: 'clicks', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }),
    );
    const all = await client.send(new ListShardsCommand({ StreamName: 'clicks' }));
    const latest = await client.send(
      new ListShardsCommand({ StreamName: 'clicks', ShardFilter: { Type: 'AT_LATEST' } }),
    );
    expect(all.Shards).toHaveLength(3);
    expect(latest.Shards?.map(({ ParentShardId }) => ParentShardId)).toEqual([SHARD, SHARD]);
  });

  test('the read that ends a shard names its children and has no next iterator', async () => {
    const client = await withStream(2);
    await client.send(
      new MergeShardsCommand({
        StreamName: 'clicks',
        ShardToMerge: SHARD,
        AdjacentShardToMerge: 'shardId-000000000001',
      }),
    );
    await expect
      .poll(async () => (await read(client, SHARD, 'LATEST')).ChildShards)
      .toMatchObject([{ ShardId: 'shardId-000000000002', ParentShards: [SHARD, 'shardId-000000000001'] }]);
    expect((await read(client, SHARD, 'LATEST')).NextShardIterator).toBeUndefined();
  });

  test('a read gives 10 MB at most and says that it is behind', async () => {
    const client = await withStream(1);
    for (let n = 0; n < 12; n++) {
      const Data = new Uint8Array(1_000_000);
      await client.send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data }));
    }
    const first = await read(client, SHARD);
    expect(first.Records).toHaveLength(10);
    expect(first.MillisBehindLatest).toBeGreaterThan(0);
    const second = await client.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }));
    expect(second.Records).toHaveLength(2);
    expect(second.MillisBehindLatest).toBe(0);
  });

  test('an iterator at a time after the last record stands at the end', async () => {
    const client = await withStream(1);
    const at = {
      StreamName: 'clicks',
      ShardId: SHARD,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(0),
    } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
    expect((await client.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([]);
  });

  test('a shard above its limit takes a part of a batch, and all of it a second later', async () => {
    let now = Date.now();
    const client = await withStream(1, { throttled: true, now: () => now });
    const Records = Array.from({ length: 500 }, () => ({ PartitionKey: 'a', Data: bytes('x') }));
    const put = () => client.send(new PutRecordsCommand({ StreamName: 'clicks', Records }));
    const failed = [(await put()).FailedRecordCount, (await put()).FailedRecordCount, (await put()).FailedRecordCount];
    expect(failed).toEqual([0, 0, 500]);
    now += 1_000;
    expect((await put()).FailedRecordCount).toBe(0);
  });

  test('a shard is read five times a second', async () => {
    const now = Date.now();
    const client = await withStream(1, { throttled: true, now: () => now });
    for (let n = 0; n < 5; n++) await read(client, SHARD);
    await expect(read(client, SHARD)).rejects.toThrow(/Rate exceeded/);
  });

  test('a put whose reply is lost has happened', async () => {
    const client = await withStream(1, {
      gate: ({ operation }) => (operation === 'PutRecord' ? 'lose-reply' : 'answer'),
    });
    const put = new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data: bytes('x') });
    await expect(client.send(put)).rejects.toThrow(/socket|ECONNRESET/i);
    expect((await read(client, SHARD)).Records).toHaveLength(1);
  });

  test('a put whose request is lost has not happened', async () => {
    const client = await withStream(1, {
      gate: ({ operation }) => (operation === 'PutRecord' ? 'lose-request' : 'answer'),
    });
    const put = new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data: bytes('x') });
    await expect(client.send(put)).rejects.toThrow(/socket|ECONNRESET/i);
    expect((await read(client, SHARD)).Records).toEqual([]);
  });

  test('where a batch is taken partly, the answer tells which records are in the stream', async () => {
    const client = await withStream(1, {
      gate: ({ operation }) => (operation === 'PutRecords' ? 'partly' : 'answer'),
    });
    const Records = ['a', 'b', 'c'].map((text) => ({ PartitionKey: text, Data: bytes(text) }));
    const put = await client.send(new PutRecordsCommand({ StreamName: 'clicks', Records }));
    expect(put.FailedRecordCount).toBe(1);
    expect(put.Records?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'ProvisionedThroughputExceededException',
      undefined,
    ]);
    expect((await read(client, SHARD)).Records?.map(({ Data }) => textOf(Data))).toEqual(['a', 'c']);
  });

  test('a stream in a folder is there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-kinesis-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const before = await startKinesis({ folder });
    const client = kinesisAt(before.url);
    await client.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
    await client.send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data: bytes('x') }));
    await before.close();
    expect((await read(await kinesis({ folder }), SHARD)).Records).toHaveLength(1);
  });
});
