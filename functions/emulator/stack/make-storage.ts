import { ServiceError } from '../server/service-error.ts';
import type { TemplateResolver } from '../template/resolve-template.ts';
import type { Properties } from '../template/template.ts';
import type { EmulatedAws } from './emulated-aws.ts';

type Make = (aws: EmulatedAws, name: string, properties: Properties) => Promise<unknown>;

/** What holds data. A data folder may have it from a run before; then it stays as it is. */
const MAKERS: Readonly<Record<string, Make>> = {
  'AWS::Kinesis::Stream': ({ kinesis }, StreamName, { ShardCount, StreamModeDetails, RecordDistributionStrategy }) => {
    if (RecordDistributionStrategy === 'AUTO') {
      throw new Error(
        `the stream ${StreamName} has the record distribution AUTO, which ignores keys; make it USER_PARTITION_KEY`,
      );
    }
    return kinesis.call('CreateStream', { StreamName, ShardCount, StreamModeDetails });
  },
  'AWS::DynamoDB::Table': makeTable,
  'AWS::DynamoDB::GlobalTable': makeTable,
  'AWS::S3::Bucket': ({ s3 }, name) => s3.table.create(name),
  'AWS::SQS::Queue': ({ sqs }, url, properties) =>
    sqs.call('CreateQueue', { QueueName: url.split('/').at(-1), Attributes: queueAttributes(properties) }),
};

export function isStorage(type: string): boolean {
  return type in MAKERS;
}

/** Makes one stream, table, bucket or queue. */
export async function makeStorage(
  aws: EmulatedAws,
  resolver: TemplateResolver,
  [logicalId, type]: readonly [string, string],
) {
  try {
    await MAKERS[type]?.(aws, resolver.identityOf(logicalId).ref, resolver.propertiesOf(logicalId));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ResourceInUseException') throw error;
  }
}

function makeTable({ dynamodb }: EmulatedAws, TableName: string, properties: Properties): Promise<unknown> {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  const keys = { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes };
  return dynamodb.call('CreateTable', { TableName, ...keys, BillingMode: 'PAY_PER_REQUEST' });
}

const QUEUE_ATTRIBUTES = new Set([
  'DelaySeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
]);

/** SQS keeps attributes as texts; a policy is JSON in one. */
function queueAttributes(properties: Properties): Record<string, string> {
  const given = Object.entries(properties).filter(([name]) => QUEUE_ATTRIBUTES.has(name));
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}
