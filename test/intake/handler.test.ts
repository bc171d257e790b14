import type { Context, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startKinesis } from '../../functions/emulator/kinesis/kinesis-service.ts';
import type { Gate } from '../../functions/emulator/server/gate.ts';
import { ServiceError } from '../../functions/emulator/server/service-error.ts';
import { intakeHandler } from '../../functions/intake/handler.ts';

/** The handler in its environment, before a stream that is there. */
async function handlerOn(gate: Gate = () => 'answer') {
  const server = await startKinesis({ gate });
  onTestFinished(() => server.close());
  await server.call('CreateStream', { StreamName: 'shop-orders', ShardCount: 1 });
  const read = async () => {
    const { ShardIterator } = await server.call('GetShardIterator', {
      StreamName: 'shop-orders',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    return (await server.call('GetRecords', { ShardIterator })).Records as readonly object[];
  };
  await expect.poll(read, { timeout: 10_000 }).toEqual([]);
  const variables = {
    AWS_ENDPOINT_URL_KINESIS: server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    MILLRACE_DEPLOYMENT: 'shop',
    MILLRACE_STAGE: 'orders',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { handle: intakeHandler(), read };
}

const context = (ms: number) => ({ getRemainingTimeInMillis: () => ms }) as Context;

const change = (n: number) => ({
  eventName: 'INSERT',
  eventSource: 'aws:dynamodb',
  dynamodb: { Keys: { id: { S: 'a' } }, NewImage: { id: { S: 'a' } }, SequenceNumber: `${n}` },
});
const message = { messageId: 'a0', body: '{}', eventSource: 'aws:sqs', attributes: { SentTimestamp: '1' } };

test('messages of a queue and changes of a table are taken', async () => {
  const { handle, read } = await handlerOn();
  const nothingLeft = { batchItemFailures: [] };
  expect(await handle({ Records: [message] } as unknown as SQSEvent, context(30_000))).toEqual(nothingLeft);
  const changes = { Records: [change(1), change(2)] } as DynamoDBStreamEvent;
  expect(await handle(changes, context(30_000))).toEqual(nothingLeft);
  expect(await read()).toHaveLength(2);
});

test('a batch of which nothing is taken is an error, which alarms see', async () => {
  const throttled: Gate = ({ operation }) => {
    if (operation === 'PutRecords') throw new ServiceError('ProvisionedThroughputExceededException', 'Rate exceeded');
    return 'answer';
  };
  const { handle, read } = await handlerOn(throttled);
  const batch = { Records: [change(1)] } as DynamoDBStreamEvent;
  await expect(handle(batch, context(12_500))).rejects.toThrow('shop-orders takes nothing');
  expect(await read()).toEqual([]);
});
