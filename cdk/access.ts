import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { OBJECT_PREFIX } from '../functions/deployment/log-table.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * The rights of functions as statements: every action and resource is written out, so that what a role may do can be read
 * in one place. Wildcards stand only behind the prefix of a bucket.
 */
type Kind = Endpoint['resource']['kind'];

const READ: { readonly [kind in Kind]?: readonly string[] } = {
  'kinesis-stream': [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
  ],
  'dynamodb-stream': ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
  'sqs-queue': ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  's3-bucket': ['s3:GetObject'],
};

const WRITE: { readonly [kind in Kind]?: readonly string[] } = {
  'kinesis-stream': ['kinesis:DescribeStreamSummary', 'kinesis:ListShards', 'kinesis:PutRecord', 'kinesis:PutRecords'],
  'dynamodb-table': ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  's3-bucket': ['s3:AbortMultipartUpload', 's3:PutObject'],
  'sqs-queue': ['sqs:SendMessage'],
  'sns-topic': ['sns:Publish'],
  'event-bus': ['events:PutEvents'],
  'firehose-stream': ['firehose:PutRecord', 'firehose:PutRecordBatch'],
};

/** What the function of a source stage must be allowed. */
export function readStatements(endpoint: Endpoint): PolicyStatement[] {
  const statements = [allow(READ[endpoint.resource.kind] ?? [], [resourceOf(endpoint)]), ...keyOf(endpoint)];
  // An event source mapping of a table's stream lists streams, which cannot be narrowed to one.
  if (endpoint.resource.kind === 'dynamodb-stream') statements.push(allow(['dynamodb:ListStreams'], ['*']));
  return statements;
}

/** What the function of a stage with this sink must be allowed. */
export function writeStatements(endpoint: Endpoint): PolicyStatement[] {
  return [allow(WRITE[endpoint.resource.kind] ?? [], [resourceOf(endpoint)]), ...keyOf(endpoint)];
}

/** What is needed to read and write what a key of the user's encrypts. */
export function keyStatements(key: IKey | undefined): PolicyStatement[] {
  if (key === undefined) return [];
  const actions = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
  return [
    allow(
      actions.map((action) => `kms:${action}`),
      [key.keyArn],
    ),
  ];
}

export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}

/** The objects under a prefix of a bucket; anything else as a whole. */
function resourceOf({ resource, arn }: Endpoint): string {
  return resource.kind === 's3-bucket' ? `${arn}/${resource.prefix ?? ''}*` : arn;
}

function keyOf({ construct }: Endpoint): PolicyStatement[] {
  const { encryptionKey, masterKey, encryptionMasterKey } = (construct ?? {}) as unknown as {
    readonly [name: string]: IKey | undefined;
  };
  return keyStatements(encryptionKey ?? masterKey ?? encryptionMasterKey);
}

/**
 * What every function of a stage must be allowed: rows, the objects of its own tasks in any incarnation, and to publish to the
 * inboxes after it.
 */
export function stateStatements(
  { job, stage }: { readonly job: string; readonly stage: string },
  { table, bucket, inboxArns, key }: StateAccess,
): PolicyStatement[] {
  const { payloads, blocks, deadLetters } = OBJECT_PREFIX;
  const own = [payloads, blocks].map((prefix) => `${bucket.bucketArn}/${prefix}${job}/*/${stage}/*`);
  return [
    allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [table.tableArn]),
    allow(['s3:GetObject'], own),
    allow(['s3:PutObject'], [...own, `${bucket.bucketArn}/${deadLetters}${stage}/*`]),
    ...(inboxArns.length === 0 ? [] : [allow(WRITE['kinesis-stream'] ?? [], inboxArns)]),
    ...keyStatements(key),
  ];
}

/** What the coordinator must be allowed: rows and objects of all tasks, and to remove what nothing reaches. */
export function collectorStatements({ table, bucket, key }: StateAccess): PolicyStatement[] {
  const actions = ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'];
  return [
    allow(
      actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    ),
    allow(['s3:ListBucket'], [bucket.bucketArn]),
    allow(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], [`${bucket.bucketArn}/*`]),
    ...keyStatements(key),
  ];
}

/** To call every stage and to look at what each reads. A statement for each stage, since a role's policies are cut between them. */
export function stageStatements(stages: readonly { readonly functionArn: string; readonly input: Endpoint }[]) {
  return stages.flatMap(({ functionArn, input }) => [
    allow(['lambda:InvokeFunction'], [functionArn]),
    ...readStatements(input),
    ...(input.resource.kind === 's3-bucket' ? [allow(['s3:ListBucket'], [input.arn])] : []),
  ]);
}

export type StateAccess = {
  readonly table: Pick<ITable, 'tableArn'>;
  readonly bucket: Pick<IBucket, 'bucketArn'>;
  readonly inboxArns: readonly string[];
  /** The user's key that encrypts all of them. */
  readonly key?: IKey | undefined;
};
