import { shardOfIterator } from '../kinesis/stream-store.ts';
import type { Input, ServiceCall } from '../server/gate.ts';
import type { Place } from '../template/template.ts';
import type { Access } from './policy.ts';

type Scope = Pick<Place, 'region' | 'account'>;
type ArnOf = (service: string, resource: string) => string;

/** What a call needs by the service authorization reference of AWS: usually the action of its name on one resource. */
export function accessesOf({ service, operation, input }: ServiceCall, { region, account }: Scope): readonly Access[] {
  const arnOf: ArnOf = (name, resource) => `arn:aws:${name}:${region}:${account}:${resource}`;
  switch (service) {
    case 'kinesis':
      return [{ action: `kinesis:${operation}`, resource: streamArn(input, arnOf) }];
    case 'dynamodb':
      return dynamoDbAccesses(operation, input, arnOf);
    case 's3':
      return s3Accesses(operation, input);
    case 'sqs':
      return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: arnOf('sqs', queueOf(input)) }];
    case 'sns':
      return [{ action: 'sns:Publish', resource: String(input.TopicArn ?? input.TargetArn) }];
    case 'events':
      return busesOf(input).map((bus) => ({
        action: 'events:PutEvents',
        resource: bus.startsWith('arn:') ? bus : arnOf('events', `event-bus/${bus}`),
      }));
    case 'firehose':
      return [
        { action: `firehose:${operation}`, resource: arnOf('firehose', `deliverystream/${input.DeliveryStreamName}`) },
      ];
    case 'lambda':
      return [{ action: 'lambda:InvokeFunction', resource: String(input.FunctionArn) }];
  }
}

function streamArn(input: Input, arnOf: ArnOf): string {
  if (input.StreamARN !== undefined) return String(input.StreamARN);
  const name = input.StreamName ?? shardOfIterator(String(input.ShardIterator))?.stream;
  return name === undefined ? '*' : arnOf('kinesis', `stream/${name}`);
}

function queueOf({ QueueUrl: url, QueueName: name }: Input): string {
  return String(name ?? String(url).split('/').at(-1));
}

function busesOf({ Entries }: Input): readonly string[] {
  const entries = (Entries ?? []) as readonly { readonly EventBusName?: string }[];
  return [...new Set(entries.map(({ EventBusName = 'default' }) => EventBusName))];
}

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

function dynamoDbAccesses(operation: string, input: Input, arnOf: ArnOf): readonly Access[] {
  const table = (name: unknown) =>
    String(name).startsWith('arn:') ? String(name) : arnOf('dynamodb', `table/${name}`);
  if (operation.startsWith('Transact')) {
    const items = (input.TransactItems ?? []) as readonly Readonly<Record<string, { readonly TableName: string }>>[];
    return items.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName }]) => ({
        action: TRANSACTION_ACTIONS[kind] ?? `dynamodb:${kind}`,
        resource: table(TableName),
      })),
    );
  }
  const action = `dynamodb:${operation}`;
  if (input.RequestItems !== undefined) {
    return Object.keys(input.RequestItems as object).map((name) => ({ action, resource: table(name) }));
  }
  if (input.TableName === undefined) return [{ action, resource: '*' }];
  const index = input.IndexName === undefined ? '' : `/index/${input.IndexName}`;
  return [{ action, resource: `${table(input.TableName)}${index}` }];
}

const S3_ACTIONS: Readonly<Record<string, string>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  CopyObject: 's3:PutObject',
  DeleteObjects: 's3:DeleteObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
};

function s3Accesses(operation: string, input: Input): readonly Access[] {
  const action = S3_ACTIONS[operation] ?? `s3:${operation}`;
  const bucket = input.Bucket === '' ? '*' : `arn:aws:s3:::${input.Bucket}`;
  if (Array.isArray(input.Keys)) return input.Keys.map((key) => ({ action, resource: `${bucket}/${key}` }));
  if (input.Key !== undefined && input.Key !== '') return [{ action, resource: `${bucket}/${input.Key}` }];
  const prefix = input.Prefix === undefined ? [] : [String(input.Prefix)];
  return [{ action, resource: bucket, context: { 's3:prefix': prefix.length > 0 ? prefix : [''] } }];
}
