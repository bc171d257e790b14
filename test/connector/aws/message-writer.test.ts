import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { SNSClient } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RetryableError } from '../../../core/error/error.ts';
import { clientOptions } from '../../../functions/adapter/client-options.ts';
import { eventBridgeWriter } from '../../../functions/connector/event-bridge-writer.ts';
import { firehoseWriter } from '../../../functions/connector/firehose-writer.ts';
import { snsWriter } from '../../../functions/connector/sns-writer.ts';
import { sqsWriter } from '../../../functions/connector/sqs-writer.ts';
import { bodyOf, listenLocal } from '../../../functions/emulator/server/local-server.ts';
import { isEmulated, newQueue, sqs } from '../../adapter/aws.ts';
import { batchOf, targetOf } from './writer.ts';

async function receiveAll(client: SQSClient, QueueUrl: string): Promise<string[]> {
  const found: string[] = [];
  for (let empty = 0; empty < 2; ) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    found.push(...Messages.map(({ Body = '' }) => Body));
    for (const { ReceiptHandle } of Messages) await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    empty = Messages.length === 0 ? empty + 1 : 0;
  }
  return found;
}

describe('the SQS sink', () => {
  test('sends each record as a message', async () => {
    const client = await sqs();
    const url = await newQueue(client);
    const rows = Array.from({ length: 25 }, (_, i) => ({ i }));
    expect(await sqsWriter(targetOf({ queue: 'q' }, url), client).write(batchOf(rows))).toEqual([]);
    const found = (await receiveAll(client, url)).map((body) => JSON.parse(body) as { i: number });
    expect(found.sort((a, b) => a.i - b.i)).toEqual(rows);
  });

  test('sends a batch that comes again to a FIFO queue once, each group in order', async () => {
    const client = await sqs();
    const url = await newQueue(client, '.fifo');
    const writer = sqsWriter(targetOf({ queue: 'q.fifo', group: 'user' }, url), client);
    const batch = batchOf(Array.from({ length: 12 }, (_, i) => ({ user: i % 2 === 0 ? 'a' : 'user with spaces', i })));
    await writer.write(batch);
    await writer.write(batch);
    const found = (await receiveAll(client, url)).map((body) => (JSON.parse(body) as { i: number }).i);
    expect(found.filter((i) => i % 2 === 0)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(found.filter((i) => i % 2 === 1)).toEqual([1, 3, 5, 7, 9, 11]);
  });

  test('refuses a record that no message holds', async () => {
    const client = await sqs();
    const url = await newQueue(client);
    const refused = await sqsWriter(targetOf({ queue: 'q', format: 'text' }, url), client).write(
      batchOf(['x'.repeat(262_145), 'short']),
    );
    expect(refused).toEqual([{ index: 0, reason: expect.stringContaining('takes 262144') }]);
    expect(await receiveAll(client, url)).toEqual(['short']);
  });

  test.runIf(isEmulated)('sends again what was not taken, and no other', async () => {
    let calls = 0;
    const client = await sqs(({ operation }) =>
      operation === 'SendMessageBatch' && ++calls === 1 ? 'partly' : 'answer',
    );
    const url = await newQueue(client);
    await sqsWriter(targetOf({ queue: 'q' }, url), client).write(
      batchOf(Array.from({ length: 10 }, (_, i) => ({ i }))),
    );
    expect((await receiveAll(client, url)).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `{"i":${i}}`));
  });
});

type Call = { readonly target: string; readonly body: string };
type Answer = { readonly status?: number; readonly type?: string; readonly body: string };

/** A service that is not emulated: hears the SDK's calls, and answers as told. */
async function service(answer: (call: Call, count: number) => Answer) {
  const calls: Call[] = [];
  const server = await listenLocal(async (request, response) => {
    const call = { target: String(request.headers['x-amz-target'] ?? ''), body: (await bodyOf(request)).toString() };
    calls.push(call);
    const { status = 200, type = 'application/x-amz-json-1.1', body } = answer(call, calls.length);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  onTestFinished(() => server.close());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    calls,
    options: { ...clientOptions(), endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 },
  };
}

describe('the EventBridge sink', () => {
  test('puts each record as the detail of an event, and again what the service may take later', async () => {
    const { calls, options } = await service((call, count) => {
      const { Entries } = JSON.parse(call.body) as { Entries: unknown[] };
      const answers = Entries.map((_, i) =>
        count === 1 && i === 1 ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow' } : { EventId: 'e' },
      );
      return { body: JSON.stringify({ FailedEntryCount: 0, Entries: answers }) };
    });
    const writer = eventBridgeWriter(targetOf({ detailType: 'spike' }, 'shop'), new EventBridgeClient(options));
    expect(await writer.write(batchOf([{ n: 1 }, { n: 2 }, 'text']))).toEqual([
      { index: 2, reason: 'the detail of an event is an object; map the record to one' },
    ]);
    const sent = calls.map(({ target, body }) => [
      target,
      (JSON.parse(body) as { Entries: { Detail: string }[] }).Entries.map(({ Detail }) => Detail),
    ]);
    expect(sent).toEqual([
      ['AWSEvents.PutEvents', ['{"n":1}', '{"n":2}']],
      ['AWSEvents.PutEvents', ['{"n":2}']],
    ]);
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
      Entries: [{ EventBusName: 'shop', Source: 'millrace', DetailType: 'spike', Time: 1 }, {}],
    });
  });

  test('refuses what the service says is wrong with an event', async () => {
    const { options } = await service(() => ({
      body: JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail', ErrorMessage: 'no' }] }),
    }));
    const writer = eventBridgeWriter(targetOf({ detailType: 'spike' }, 'shop'), new EventBridgeClient(options));
    expect(await writer.write(batchOf([{ n: 1 }]))).toEqual([{ index: 0, reason: 'MalformedDetail: no' }]);
  });
});

describe('the Firehose sink', () => {
  test('puts each record as a line, and again those that failed', async () => {
    const { calls, options } = await service((call, count) => {
      const { Records } = JSON.parse(call.body) as { Records: unknown[] };
      const answers = Records.map((_, i) =>
        count === 1 && i === 0 ? { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'slow' } : { RecordId: 'r' },
      );
      return { body: JSON.stringify({ FailedPutCount: 0, RequestResponses: answers }) };
    });
    await firehoseWriter(targetOf({ stream: 'archive' }, 'archive'), new FirehoseClient(options)).write(
      batchOf([{ n: 1 }, { n: 2 }]),
    );
    const lines = calls.map(({ body }) =>
      (JSON.parse(body) as { Records: { Data: string }[] }).Records.map(({ Data }) =>
        Buffer.from(Data, 'base64').toString(),
      ),
    );
    expect(lines).toEqual([['{"n":1}\n', '{"n":2}\n'], ['{"n":1}\n']]);
  });

  test('fails where the service does not answer', async () => {
    const { options } = await service(() => ({ status: 503, body: '{"__type":"ServiceUnavailableException"}' }));
    const writer = firehoseWriter(targetOf({ stream: 'archive' }, 'archive'), new FirehoseClient(options));
    await expect(writer.write(batchOf([{ n: 1 }]))).rejects.toThrow(RetryableError);
  });
});

describe('the SNS sink', () => {
  test('publishes ten records in a call, and refuses those that are at fault', async () => {
    const { calls, options } = await service((_, count) => {
      const failed =
        count === 1
          ? '<member><Id>3</Id><Code>InvalidParameter</Code><Message>bad</Message><SenderFault>true</SenderFault></member>'
          : '';
      const result = `<Successful/><Failed>${failed}</Failed>`;
      return {
        type: 'text/xml',
        body: `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>${result}</PublishBatchResult></PublishBatchResponse>`,
      };
    });
    const writer = snsWriter(targetOf({ topic: 't' }, 'arn:aws:sns:us-east-1:111122223333:t'), new SNSClient(options));
    const refused = await writer.write(batchOf(Array.from({ length: 14 }, (_, n) => ({ n }))));
    expect(refused).toEqual([{ index: 3, reason: 'InvalidParameter: bad' }]);
    const messages = calls.map(({ body }) =>
      [...new URLSearchParams(body)].filter(([name]) => name.endsWith('.Message')).map(([, value]) => value),
    );
    expect(messages).toEqual([
      Array.from({ length: 10 }, (_, n) => `{"n":${n}}`),
      Array.from({ length: 4 }, (_, n) => `{"n":${n + 10}}`),
    ]);
  });
});
