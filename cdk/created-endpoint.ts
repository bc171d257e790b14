import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { JobSpecError } from '../core/error/error.ts';
import { acknowledge } from './acknowledge.ts';
import { type Endpoint, givenEndpoint } from './endpoint.ts';
import type { EndpointConstruct } from './stream-job-props.ts';

/**
 * Makes what a source reads or a sink writes, under the name that the job says, to be removed with the stack: for trials.
 *
 * @throws JobSpecError where more must be known than the job says
 */
export function createdEndpoint(scope: Construct, uid: string, resource: Endpoint['resource']): Endpoint {
  return givenEndpoint(uid, resource, create(scope, uid, resource));
}

function create(scope: Construct, uid: string, resource: Endpoint['resource']): EndpointConstruct {
  const { kind, name } = resource;
  const removalPolicy = RemovalPolicy.DESTROY;
  switch (kind) {
    case 'kinesis-stream':
      return new Stream(scope, kind + name, { streamName: name, encryption: StreamEncryption.MANAGED, removalPolicy });
    case 'dynamodb-table':
    case 'dynamodb-stream': {
      const [partitionKey, sortKey] = (kind === 'dynamodb-table' ? resource.key : undefined)?.map(attributeOf) ?? [];
      if (partitionKey === undefined) throw notCreated(uid, name, 'the types of its key are not known');
      const table = new Table(scope, kind + name, {
        tableName: name,
        partitionKey,
        ...(sortKey !== undefined && { sortKey }),
        billingMode: BillingMode.PAY_PER_REQUEST,
        encryption: TableEncryption.DEFAULT,
        stream: StreamViewType.NEW_AND_OLD_IMAGES,
        removalPolicy,
      });
      acknowledge(table, { 'AwsSolutions-DDB3': TRIAL });
      return table;
    }
    case 's3-bucket': {
      const bucket = new Bucket(scope, kind + name, {
        bucketName: name,
        encryption: BucketEncryption.S3_MANAGED,
        blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
        enforceSSL: true,
        removalPolicy,
      });
      acknowledge(bucket, { 'AwsSolutions-S1': TRIAL });
      return bucket;
    }
    case 'sqs-queue': {
      const queue = new Queue(scope, kind + name, {
        queueName: name,
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        removalPolicy,
      });
      acknowledge(queue, { 'AwsSolutions-SQS3': TRIAL });
      return queue;
    }
    case 'sns-topic':
      return new Topic(scope, kind + name, { topicName: name, enforceSSL: true });
    case 'event-bus':
      return new EventBus(scope, kind + name, { eventBusName: name });
    case 'firehose-stream':
      throw notCreated(uid, name, 'its destination is not known');
  }
}

const TRIAL = 'Made for a trial and removed with its stack; what matters is made elsewhere and named by the job.';

type Key = { readonly name: string; readonly type: 'S' | 'N' | 'B' };

function attributeOf({ name, type }: Key): Attribute {
  const types = { S: AttributeType.STRING, N: AttributeType.NUMBER, B: AttributeType.BINARY };
  return { name, type: types[type] };
}

function notCreated(uid: string, name: string, why: string): JobSpecError {
  const message = `${name} cannot be created, since ${why}; create it and give it, endpoints: { ${uid}: … }`;
  return new JobSpecError([{ path: `endpoints.${uid}`, message }]);
}
