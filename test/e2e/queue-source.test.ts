import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { prepareStack, type UpStack } from '../../functions/cli/up/run-stack.ts';
import {
  clicks,
  emulated,
  expectRows,
  fileOf,
  localPageViews,
  newFolder,
  pageViews,
  type Row,
} from './emulated-job.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url));
const LIMIT = { timeout: 120_000 };

/** Puts records into a FIFO queue, all in one group. */
async function send({ stack: { aws } }: UpStack, queue: string, records: readonly object[]): Promise<void> {
  for (let from = 0; from < records.length; from += 10) {
    const Entries = records.slice(from, from + 10).map((record, index) => ({
      Id: `${index}`,
      MessageBody: JSON.stringify(record),
      MessageGroupId: 'clicks',
      MessageDeduplicationId: `${from + index}`,
    }));
    await aws.sqs.call('SendMessageBatch', { QueueUrl: aws.queueUrl(queue), Entries });
  }
}

test('a FIFO queue is read in the order of its group: windows are those of the local runtime', LIMIT, async () => {
  const records = clicks(600);
  const running = await emulated(
    await prepareStack(fixture('queue-page-views.yaml'), join(await newFolder(), 'cdk.out')),
  );
  await send(running, 'clicks.fifo', records);
  await expectRows(running, await localPageViews(await fileOf(records)));
});

test('a queue is read whole, what is no record goes to the dead letters', LIMIT, async () => {
  const records = clicks(1_000) as readonly Row[];
  const slow = records.filter(({ ms }) => Number(ms) > 250);
  const key = ({ at, page }: Row) => `${at} ${page}`;
  const running = await emulated(await prepareStack(fixture('slow-clicks.yaml'), join(await newFolder(), 'cdk.out')));
  const { aws } = running.stack;
  await aws.sqs.call('SendMessage', { QueueUrl: aws.queueUrl('clicks'), MessageBody: '{"page":' });
  await running.feed({ clicks: await fileOf(records) });
  const found = async () => new Set((await pageViews(running)).map(key)).size;
  await expect.poll(found, { timeout: 90_000, interval: 200 }).toBe(new Set(slow.map(key)).size);
  expect(new Set((await pageViews(running)).map(key))).toEqual(new Set(slow.map(key)));
  const [bucket = ''] = aws.s3.table.buckets;
  await expect.poll(() => aws.s3.table.keys(bucket, 'dead-letters/clicks/').length).toBe(1);
});
