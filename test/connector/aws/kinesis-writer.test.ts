import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { KinesisOptions } from '../../../core/connector/aws/kinesis.ts';
import { RetryableError } from '../../../core/error/error.ts';
import { KinesisFrameLog } from '../../../functions/adapter/kinesis-frame-log.ts';
import { kinesisWriter } from '../../../functions/connector/kinesis-writer.ts';
import type { Gate } from '../../../functions/emulator/server/gate.ts';
import { ServiceError } from '../../../functions/emulator/server/service-error.ts';
import { isEmulated, kinesis, newStream } from '../../adapter/aws.ts';
import { batchOf, targetOf } from './writer.ts';

async function setUp(options: Partial<KinesisOptions> = {}, gate?: Gate) {
  const client = await kinesis(gate, { attempts: 1 });
  const stream = await newStream(client, 2);
  return {
    writer: kinesisWriter(targetOf({ stream, ...options }, stream), client),
    read: () => readAll(client, stream),
  };
}

/** The texts of each shard. */
async function readAll(client: KinesisClient, StreamName: string): Promise<string[][]> {
  const shards = await new KinesisFrameLog(client, StreamName).shards();
  return Promise.all(
    shards.map(async ({ id }) => {
      const at = { StreamName, ShardId: id, ShardIteratorType: 'TRIM_HORIZON' } as const;
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
      const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
    }),
  );
}

describe('the Kinesis sink', () => {
  test('puts each record, those of one key into one shard', async () => {
    const { writer, read } = await setUp({ key: 'user' });
    const rows = Array.from({ length: 1_200 }, (_, i) => ({ user: `u${i % 20}`, i }));
    expect(await writer.write(batchOf(rows))).toEqual([]);
    const [left = [], right = []] = await read();
    expect([...left, ...right].map((text) => JSON.parse(text)).sort((a, b) => a.i - b.i)).toEqual(rows);
    const users = (texts: readonly string[]) =>
      new Set(texts.map((text) => (JSON.parse(text) as { user: string }).user));
    expect([...users(left)].filter((user) => users(right).has(user))).toEqual([]);
    expect(left.length * right.length).toBeGreaterThan(0);
  });

  test('spreads records without a key, and gives each its identity where that is wanted', async () => {
    const { writer, read } = await setUp({ identity: 'id' });
    await writer.write(
      batchOf(
        Array.from({ length: 100 }, (_, i) => ({ i })),
        7,
        2,
      ),
    );
    const [left = [], right = []] = await read();
    expect(left.length * right.length).toBeGreaterThan(0);
    const ids = [...left, ...right].map((text) => JSON.parse(text) as { i: number; id: string });
    for (const { i, id } of ids) expect(id).toBe(`2/clicks/shardId-000000000000/7/${i}`);
  });

  test('writes text as it is, and refuses what is none or is too large', async () => {
    const { writer, read } = await setUp({ format: 'text' });
    const refused = await writer.write(batchOf(['a line', { line: 'another' }, 7, 'x'.repeat(1_048_577)]));
    expect(refused).toEqual([
      { index: 2, reason: 'format text takes text, or { line }; map the record to that' },
      { index: 3, reason: expect.stringMatching(/^it has 10486\d\d bytes, and stream .* takes 1048576$/) },
    ]);
    expect((await read()).flat().sort()).toEqual(['a line', 'another']);
  });

  test.runIf(isEmulated)('puts again those that were refused for now, and no others', async () => {
    let calls = 0;
    const { writer, read } = await setUp({}, ({ operation }) =>
      operation === 'PutRecords' && ++calls <= 2 ? 'partly' : 'answer',
    );
    await writer.write(batchOf(Array.from({ length: 40 }, (_, i) => ({ i }))));
    expect((await read()).flat()).toHaveLength(40);
    expect(calls).toBe(3);
  });

  test.runIf(isEmulated)('fails where nothing is taken for long', async () => {
    const { writer } = await setUp({}, ({ operation }) => {
      if (operation === 'PutRecords') throw new ServiceError('ProvisionedThroughputExceededException', 'slow down');
      return 'answer';
    });
    await expect(writer.write(batchOf([{ i: 1 }]))).rejects.toThrow(RetryableError);
  });
});
