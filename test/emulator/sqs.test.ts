import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { type SqsOptions, startSqs } from '../../functions/emulator/sqs/sqs-service.ts';
import { sqsAt } from './clients.ts';

async function withQueue(name: string, options: SqsOptions & { readonly attributes?: Record<string, string> } = {}) {
  const server = await startSqs(options);
  onTestFinished(() => server.close());
  const client = sqsAt(server.url);
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: options.attributes ?? {} }),
  );
  return { client, QueueUrl };
}

type Place = { readonly client: SQSClient; readonly QueueUrl: string | undefined };

const send = ({ client, QueueUrl }: Place, MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async ({ client, QueueUrl }: Place, more: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

describe('SQS', () => {
  test('a received message is hidden, comes again after its time, and never once it is deleted', async () => {
    const clock = new ManualClock(1_000);
    const place = await withQueue('q', { clock, attributes: { VisibilityTimeout: '10' } });
    await send(place, 'a');
    expect(bodies(await receive(place))).toEqual(['a']);
    expect(await receive(place)).toEqual([]);
    clock.moveTo(11_000);
    const [again] = await receive(place);
    expect(again?.Body).toBe('a');
    await place.client.send(new DeleteMessageCommand({ ...place, ReceiptHandle: again?.ReceiptHandle }));
    clock.moveTo(60_000);
    expect(await receive(place)).toEqual([]);
  });

  test('the receipt of an earlier receive deletes nothing', async () => {
    const clock = new ManualClock();
    const place = await withQueue('q', { clock });
    await send(place, 'a');
    const [first] = await receive(place);
    clock.moveTo(30_000);
    await receive(place);
    await place.client.send(new DeleteMessageCommand({ ...place, ReceiptHandle: first?.ReceiptHandle }));
    clock.moveTo(60_000);
    expect(bodies(await receive(place))).toEqual(['a']);
  });

  test('a wait for messages ends when one is sent', async () => {
    const place = await withQueue('q', { clock: new ManualClock() });
    const waiting = receive(place, { WaitTimeSeconds: 20 });
    await send(place, 'a');
    expect(bodies(await waiting)).toEqual(['a']);
  });

  test('a batch tells which of its entries it took', async () => {
    const place = await withQueue('q', {
      gate: ({ operation }) => (operation === 'SendMessageBatch' ? 'partly' : 'answer'),
    });
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }));
    const sent = await place.client.send(new SendMessageBatchCommand({ QueueUrl: place.QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed?.map(({ Id }) => Id)).toEqual(['b']);
    const messages = await receive(place);
    expect(bodies(messages)).toEqual(['a', 'c']);
    const gone = messages.map(({ ReceiptHandle }, n) => ({ Id: `${n}`, ReceiptHandle }));
    await place.client.send(new DeleteMessageBatchCommand({ QueueUrl: place.QueueUrl, Entries: gone }));
    const { Attributes } = await place.client.send(
      new GetQueueAttributesCommand({ QueueUrl: place.QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
    });
  });

  test('a FIFO queue gives a group in order, nothing of it while a message is out, and no duplicate', async () => {
    const clock = new ManualClock();
    const place = await withQueue('q.fifo', { clock, attributes: { FifoQueue: 'true' } });
    for (const body of ['a1', 'a2', 'b1', 'a1']) {
      await send(place, body, { MessageGroupId: body.charAt(0), MessageDeduplicationId: body });
    }
    expect(bodies(await receive(place, { MaxNumberOfMessages: 1 }))).toEqual(['a1']);
    expect(bodies(await receive(place))).toEqual(['b1']);
    clock.moveTo(30_000);
    expect(bodies(await receive(place))).toEqual(['a1', 'a2', 'b1']);
  });

  test('a message received too often goes to the dead-letter queue', async () => {
    const clock = new ManualClock();
    const dead = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 2 });
    const place = await withQueue('q', { clock, attributes: { RedrivePolicy } });
    const { QueueUrl } = await place.client.send(new CreateQueueCommand({ QueueName: 'dead' }));
    await send(place, 'a');
    for (const at of [0, 30_000, 60_000]) {
      clock.moveTo(at);
      await receive(place);
    }
    expect(bodies(await receive({ ...place, QueueUrl }))).toEqual(['a']);
  });

  test('a queue that does not exist is named', async () => {
    const { client } = await withQueue('q');
    const lost = client.send(
      new SendMessageCommand({ QueueUrl: 'http://127.0.0.1/000000000000/nope', MessageBody: 'a' }),
    );
    await expect(lost).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  test('queues in a folder are there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-sqs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const before = await startSqs({ folder });
    const client = sqsAt(before.url);
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'q' }));
    await send({ client, QueueUrl }, 'a');
    await before.close();
    expect(bodies(await receive(await withQueue('q', { folder })))).toEqual(['a']);
  });
});
