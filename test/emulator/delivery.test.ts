import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Delivery, startEventBridge, startFirehose } from '../../functions/emulator/delivery/delivery-service.ts';
import { startSns } from '../../functions/emulator/delivery/sns-service.ts';
import { ADMINISTRATOR } from '../../functions/emulator/stack/access-keys.ts';
import { startStack } from '../../functions/emulator/stack/start-stack.ts';
import { clientOptions } from './clients.ts';
import { smallStack } from './small-stack.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alerts';

async function started(start: typeof startEventBridge | typeof startSns) {
  const deliveries: Delivery[] = [];
  const server = await start({ onDelivery: (delivery) => deliveries.push(delivery) });
  onTestFinished(() => server.close());
  return { options: clientOptions(server.url), deliveries };
}

describe('what is handed on', () => {
  test('by EventBridge is told with its bus', async () => {
    const { options, deliveries } = await started(startEventBridge);
    const Entries = [{ EventBusName: 'bus', Source: 's', DetailType: 't', Detail: '{"a":1}' }];
    const put = await new EventBridgeClient(options).send(new PutEventsCommand({ Entries }));
    expect(put.FailedEntryCount).toBe(0);
    expect(deliveries).toEqual([
      { service: 'events', target: 'bus', payload: '{"Source":"s","DetailType":"t","Detail":"{\\"a\\":1}"}' },
    ]);
  });

  test('by Firehose is told record by record', async () => {
    const { options, deliveries } = await started(startFirehose);
    const Records = ['a\n', 'b\n'].map((text) => ({ Data: new TextEncoder().encode(text) }));
    await new FirehoseClient(options).send(new PutRecordBatchCommand({ DeliveryStreamName: 'd', Records }));
    expect(deliveries.map(({ payload }) => payload)).toEqual(['a\n', 'b\n']);
  });

  test('by SNS is told with its topic, alone and in batches', async () => {
    const { options, deliveries } = await started(startSns);
    const sns = new SNSClient(options);
    await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: 'a & b' }));
    const entries = ['c', 'd'].map((Message, index) => ({ Id: `${index}`, Message }));
    const batch = await sns.send(new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: entries }));
    expect(batch.Successful?.map(({ Id }) => Id)).toEqual(['0', '1']);
    expect(deliveries.map(({ target, payload }) => [target, payload])).toEqual([
      [TOPIC, 'a & b'],
      [TOPIC, 'c'],
      [TOPIC, 'd'],
    ]);
  });
});

describe('a function', () => {
  test('is invoked by its name: for its answer, in the background, and not at all', async () => {
    const stack = await startStack(smallStack());
    onTestFinished(() => stack.stop());
    const lambda = new LambdaClient(clientOptions(String(stack.aws.variables.AWS_ENDPOINT_URL_LAMBDA), ADMINISTRATOR));
    const Payload = new TextEncoder().encode('{"command":"mine"}');
    const answered = await lambda.send(new InvokeCommand({ FunctionName: 'tick', Payload }));
    expect([answered.StatusCode, answered.FunctionError]).toEqual([200, undefined]);
    const failed = await lambda.send(new InvokeCommand({ FunctionName: 'records', Payload }));
    expect([failed.FunctionError, failed.Payload?.transformToString()]).toEqual([
      'Unhandled',
      expect.stringContaining('TypeError'),
    ]);
    const later = await lambda.send(new InvokeCommand({ FunctionName: 'tick', InvocationType: 'Event', Payload }));
    expect(later.StatusCode).toBe(202);
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'nobody' }))).rejects.toThrow(/Function not found/);
  });
});
