import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ADMINISTRATOR } from '../../functions/emulator/stack/access-keys.ts';
import { type RunningStack, type StackOptions, startStack } from '../../functions/emulator/stack/start-stack.ts';
import { dynamoDbAt, kinesisAt, sqsAt } from './clients.ts';
import { type SmallStack, smallStack } from './small-stack.ts';

async function running(stack: SmallStack = {}, options: StackOptions = {}) {
  const lines: string[] = [];
  const started = await startStack(smallStack(stack), { onLog: (_, line) => lines.push(line), ...options });
  onTestFinished(() => started.stop());
  return { ...ends(started), started, lines };
}

function ends({ aws }: RunningStack) {
  const kinesis = kinesisAt(aws.kinesis.url, ADMINISTRATOR);
  const put = (text: string) => {
    const Data = new TextEncoder().encode(text);
    return kinesis.send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data }));
  };
  const table = dynamoDbAt(aws.dynamodb.url, ADMINISTRATOR);
  /** What was noted, in the order of the notes. */
  const notes = async (kind: string) => {
    const { Items = [] } = await table.send(new ScanCommand({ TableName: 'Small-Table' }));
    const ofKind = Items.filter(({ key }) => key?.S?.startsWith(kind));
    return ofKind.toSorted((a, b) => Number(a.n?.N) - Number(b.n?.N)).map(({ value }) => value?.S);
  };
  return { put, notes };
}

const soon = { timeout: 10_000 };

describe('a stack', () => {
  test('gives the records of its stream to the function, in order', async () => {
    const { put, notes, lines } = await running();
    for (const text of ['a', 'b', 'c']) await put(text);
    await expect.poll(() => notes('record'), soon).toEqual(['a', 'b', 'c']);
    expect(lines.filter((line) => line.startsWith('took'))).toEqual(['took a', 'took b', 'took c']);
  });

  test('reads on in the new shards of a stream that is split, each record once', async () => {
    const { started, put, lines } = await running();
    for (const text of ['a', 'b']) await put(text);
    await started.aws.kinesis.call('UpdateShardCount', { StreamName: 'clicks', TargetShardCount: 2 });
    const texts = Array.from({ length: 8 }, (_, n) => `after ${n}`);
    const Records = texts.map((text) => ({ Data: Buffer.from(text).toString('base64'), PartitionKey: text }));
    const { Records: taken } = await started.aws.kinesis.call('PutRecords', { StreamName: 'clicks', Records });
    expect(new Set((taken as readonly { ShardId: string }[]).map(({ ShardId }) => ShardId)).size).toBe(2);
    const took = () => lines.filter((line) => line.startsWith('took'));
    await expect.poll(() => took().length, soon).toBe(10);
    expect(took().slice(0, 2)).toEqual(['took a', 'took b']);
    expect(took().slice(2).toSorted()).toEqual(texts.map((text) => `took ${text}`));
  });

  test('gives the messages of its queue to the function, and deletes them', async () => {
    const { started, notes } = await running();
    const sqs = sqsAt(started.aws.sqs.url, ADMINISTRATOR);
    const QueueUrl = `${started.aws.sqs.url}/000000000000/orders`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    await expect.poll(() => notes('message'), soon).toEqual(['one']);
    const counts = () => started.aws.sqs.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    await expect.poll(counts).toMatchObject({ Attributes: { ApproximateNumberOfMessagesNotVisible: '0' } });
  });

  test('makes its custom resource before it is started, and calls what is scheduled', async () => {
    const { notes } = await running();
    expect(await notes('start')).toEqual(['done']);
    await expect.poll(() => notes('tick'), soon).toEqual(['tick']);
  });

  test('tells what it made, and what of it nothing runs', async () => {
    const { started } = await running();
    expect(started.made.map(({ name }) => name)).toEqual(expect.arrayContaining(['clicks', 'Small-Table', 'records']));
    expect(started.notRun.map(({ type }) => type)).toEqual(['AWS::CloudWatch::Alarm']);
  });

  test('whose role forgets an action does not get past it, and is told which', async () => {
    const read = { Effect: 'Allow', Action: ['kinesis:*', 'sqs:*'], Resource: '*' };
    const starting = running({ statements: [read] });
    await expect(starting).rejects.toThrow(
      'Start could not be made: AccessDeniedException: the role Small-Role may not dynamodb:PutItem on arn:aws:dynamodb:us-east-1:000000000000:table/Small-Table: no statement of the role has this action',
    );
  });

  test('whose role may not read its stream does not start', async () => {
    const write = { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' };
    await expect(running({ statements: [write] })).rejects.toThrow(
      /may not kinesis:DescribeStreamSummary on .*stream\/clicks/,
    );
  });

  test('whose custom resource fails does not start, and the reason is told', async () => {
    await expect(running({ start: { fail: 'no shards' } })).rejects.toThrow('Start could not be made: no shards');
  });

  test('with a type that is not run is refused, by its name', async () => {
    const more = { Search: { Type: 'AWS::OpenSearchService::Domain' } };
    await expect(running({ more })).rejects.toThrow(/Search: AWS::OpenSearchService::Domain is not run here/);
  });

  test('with a mapping that would drop or reorder records is refused', async () => {
    const mapping = { ParallelizationFactor: 10, MaximumRetryAttempts: 2 };
    await expect(running({ mapping })).rejects.toThrow(
      /OfStream.ParallelizationFactor[\s\S]*OfStream.MaximumRetryAttempts/,
    );
  });

  test('goes on behind a batch that stalled: the process is killed and the batch comes again', async () => {
    const { put, notes, lines } = await running();
    await put('a');
    await put('stall');
    await expect.poll(() => notes('record'), { timeout: 20_000 }).toContain('stall');
    expect(lines).toContain('timed out: Task timed out after 2.00 seconds');
  });

  test('in a folder goes on where it stood: what was done is not done again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-up-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const lines: string[] = [];
    const options = { folder, onLog: (_: string, line: string) => lines.push(line) };
    const before = await startStack(smallStack(), options);
    await ends(before).put('a');
    await expect.poll(() => lines.filter((line) => line.startsWith('took')), soon).toEqual(['took a']);
    await before.stop();
    const after = await startStack(smallStack(), options);
    onTestFinished(() => after.stop());
    await ends(after).put('b');
    await expect.poll(() => lines.filter((line) => line.startsWith('took')), soon).toEqual(['took a', 'took b']);
    expect(await ends(after).notes('record')).toHaveLength(2);
  });
});
