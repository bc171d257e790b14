import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attributes, recordOf } from '../../core/connector/aws/attribute-value.ts';
import { clientOptions, s3Options } from '../../functions/adapter/client-options.ts';
import { clicks, fileOf, inOrder, localPageViews, type Row } from '../e2e/emulated-job.ts';
import { type DeployedStack, deployPageViews } from './deployed-stack.ts';

/** `npm run test:localstack`: the stack deployed by the CDK, at AWS_ENDPOINT_URL or in an account. */
const kinesis = new KinesisClient(clientOptions());
const dynamoDb = new DynamoDBClient(clientOptions());
const s3 = new S3Client(s3Options());

let folder: string;
let deployed: DeployedStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-deployed-'));
  deployed = await deployPageViews(folder);
}, 900_000);
afterAll(async () => {
  await deployed?.destroy();
  await rm(folder, { recursive: true, force: true });
}, 900_000);

const BATCH = 250;

/** One key for all, so that the order stays. */
async function put(lines: readonly string[]): Promise<void> {
  for (let from = 0; from < lines.length; from += BATCH) {
    const Records = lines
      .slice(from, from + BATCH)
      .map((line) => ({ PartitionKey: 'clicks', Data: Buffer.from(line) }));
    const answer = await kinesis.send(new PutRecordsCommand({ StreamName: deployed.stream, Records }));
    expect(answer.FailedRecordCount ?? 0).toBe(0);
  }
}

async function rows(): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const page of paginateScan({ client: dynamoDb }, { TableName: deployed.table, ConsistentRead: true })) {
    for (const item of page.Items ?? []) {
      const { _version, ...row } = recordOf(item as Attributes);
      found.push(row);
    }
  }
  return inOrder(found);
}

async function deadLetters(stage: string): Promise<readonly string[]> {
  const Prefix = `dead-letters/${stage}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: deployed.bucket, Prefix }));
  const bodies = Contents.map(async ({ Key }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: deployed.bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  });
  return Promise.all(bodies);
}

test('a deployed job gives what the local runtime gives, and keeps a broken record with the reason', {
  timeout: 600_000,
}, async () => {
  const records = clicks(1_000);
  const expected = await localPageViews(await fileOf(records));
  expect(expected.length).toBeGreaterThan(100);
  const lines = records.map((record) => JSON.stringify(record));
  await put([...lines.slice(0, 500), '{"page":', ...lines.slice(500)]);
  await expect.poll(async () => (await rows()).length, { timeout: 540_000, interval: 1_000 }).toBe(expected.length);
  expect(await rows()).toEqual(expected);
  expect(await deadLetters('clicks')).toEqual([expect.stringMatching(/JSON/)]);
});
