import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisProducer } from 'millrace/producer';
import { expect, test } from 'vitest';
import { decodeFrame } from '../../core/frame/frame-codec.ts';
import { KinesisFrameLog } from '../../functions/adapter/kinesis-frame-log.ts';
import { isEmulated, kinesis, newStream } from '../adapter/aws.ts';

type Click = { readonly user: string; readonly page: string; readonly at: number };

async function readAll(client: KinesisClient, stream: string): Promise<Click[]> {
  const clicks: Click[] = [];
  for (const { id } of await new KinesisFrameLog(client, stream).shards()) {
    const at = { StreamName: stream, ShardId: id, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    const seen = new Set<string>();
    for (const { Data = new Uint8Array() } of Records) {
      const frame = decodeFrame(Data);
      const name = `${frame.header.producer}/${frame.header.n}/${frame.header.chunk}`;
      if (!seen.has(name)) clicks.push(...(frame.records().values as Click[]));
      seen.add(name);
    }
  }
  return clicks;
}

test('events put through a stream that refuses and forgets its answers arrive once each, in the order of their key', async () => {
  let calls = 0;
  const client = await kinesis(({ operation }) => {
    if (operation !== 'PutRecords') return 'answer';
    return (['answer', 'partly', 'lose-reply'] as const)[calls++ % 3] ?? 'answer';
  });
  const stream = await newStream(client, 2);
  const producer = kinesisProducer<Click>({
    stream,
    client,
    key: ({ user }) => user,
    timestamp: ({ at }) => at,
    batchBytes: 100_000,
  });
  const sent = Array.from({ length: 5_000 }, (_, i) => ({ user: `user-${i % 7}`, page: `/page/${i}`, at: i }));
  for (const click of sent) {
    await producer.send(click);
    if (click.at % 500 === 499) await producer.flush();
  }
  await producer.close();

  const got = await readAll(client, stream);
  expect(got).toHaveLength(5_000);
  for (let user = 0; user < 7; user++) {
    const ofUser = (clicks: readonly Click[]) => clicks.filter((click) => click.user === `user-${user}`);
    expect(ofUser(got)).toEqual(ofUser(sent));
  }
  if (isEmulated) expect(calls).toBeGreaterThan(5);
});
