import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  KinesisClient,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { clientOptions, s3Options } from '../../functions/adapter/client-options.ts';
import { startDynamoDb } from '../../functions/emulator/dynamodb/dynamodb-service.ts';
import { startKinesis } from '../../functions/emulator/kinesis/kinesis-service.ts';
import { startS3 } from '../../functions/emulator/s3/s3-service.ts';
import type { Gate } from '../../functions/emulator/server/gate.ts';
import { startSqs } from '../../functions/emulator/sqs/sqs-service.ts';

/**
 * The services that a test talks to: emulators in this process, or with AWS_ENDPOINT_URL those that run there (with
 * MILLRACE_AWS=1 those of the account whose credentials are set). Whatever is made has a name of its own, and is taken
 * away when the test is over.
 */
const external = process.env.AWS_ENDPOINT_URL !== undefined || process.env.MILLRACE_AWS === '1';

/** Where the services are; tests that inject faults need emulators. */
export const isEmulated = !external;

export const WAIT_SECONDS = 120;

type Clients = { readonly attempts?: number };

/** Emulators want some credentials, and look at none. */
const FAKE = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

async function endpointOf(
  start: (options: { gate?: Gate }) => Promise<{ url: string; close(): Promise<void> }>,
  gate?: Gate,
) {
  if (external) return {};
  const server = await start(gate === undefined ? {} : { gate });
  onTestFinished(() => server.close());
  return { ...FAKE, endpoint: server.url };
}

const attemptsOf = ({ attempts }: Clients) => (attempts === undefined ? {} : { maxAttempts: attempts });

export async function kinesis(gate?: Gate, clients: Clients = {}): Promise<KinesisClient> {
  return new KinesisClient({ ...clientOptions(), ...(await endpointOf(startKinesis, gate)), ...attemptsOf(clients) });
}

export async function dynamoDb(gate?: Gate, clients: Clients = {}): Promise<DynamoDBClient> {
  return new DynamoDBClient({ ...clientOptions(), ...(await endpointOf(startDynamoDb, gate)), ...attemptsOf(clients) });
}

export async function s3(gate?: Gate, clients: Clients = {}): Promise<S3Client> {
  const at = await endpointOf(startS3, gate);
  return new S3Client({ ...s3Options(at), ...at, ...attemptsOf(clients) });
}

export async function sqs(gate?: Gate, clients: Clients = {}): Promise<SQSClient> {
  return new SQSClient({ ...clientOptions(), ...(await endpointOf(startSqs, gate)), ...attemptsOf(clients) });
}

/** The URL of a new queue; `.fifo` as its ending makes it one. */
export async function newQueue(client: SQSClient, ending = ''): Promise<string> {
  const Attributes = ending === '.fifo' ? { FifoQueue: 'true' } : {};
  const command = new CreateQueueCommand({ QueueName: nameFor('queue') + ending, Attributes });
  const { QueueUrl = '' } = await client.send(command);
  onTestFinished(async () => {
    if (external) await client.send(new DeleteQueueCommand({ QueueUrl }));
  });
  return QueueUrl;
}

export async function newStream(client: KinesisClient, shards: number): Promise<string> {
  const StreamName = nameFor('stream');
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
  await waitUntilStreamExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { StreamName });
  onTestFinished(async () => {
    if (external) await client.send(new DeleteStreamCommand({ StreamName }));
  });
  return StreamName;
}

/** A table with a partition key and, where given, a sort key: `['log:S', 'n:N']`. */
export async function newTable(client: DynamoDBClient, keys: readonly string[]): Promise<string> {
  const TableName = nameFor('table');
  const parts = keys.map((key) => key.split(':') as [string, 'S' | 'N']);
  const created = client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: parts.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: parts.map(([AttributeName], place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })),
    }),
  );
  // A service that is slow to start is asked twice, and has made it then.
  await created.catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { TableName });
  onTestFinished(async () => {
    if (external) await client.send(new DeleteTableCommand({ TableName }));
  });
  return TableName;
}

/** Buckets are left: their objects are deleted by whoever looks at the account. */
export async function newBucket(client: S3Client): Promise<string> {
  const Bucket = nameFor('bucket');
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const nameFor = (what: string) => `millrace-test-${what}-${randomUUID().slice(0, 13)}`;
