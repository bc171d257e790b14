import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { LOG_TABLE } from '../functions/deployment/log-table.ts';
import { acknowledge } from './acknowledge.ts';
import type { StreamJobProps } from './stream-job-props.ts';

type Options = Pick<StreamJobProps, 'encryptionKey' | 'removalPolicy' | 'pointInTimeRecovery'>;

/** The table of a job's commit logs and control rows. */
export function logTable(
  scope: Construct,
  { encryptionKey, removalPolicy, pointInTimeRecovery = false }: Options,
): Table {
  const table = new Table(scope, 'Table', {
    partitionKey: { name: LOG_TABLE.log, type: AttributeType.STRING },
    sortKey: { name: LOG_TABLE.number, type: AttributeType.NUMBER },
    timeToLiveAttribute: LOG_TABLE.expires,
    billingMode: BillingMode.PAY_PER_REQUEST,
    removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    ...(encryptionKey === undefined
      ? { encryption: TableEncryption.DEFAULT }
      : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
  });
  if (!pointInTimeRecovery) {
    const reason =
      'A job goes back to a checkpoint or savepoint of its own; its table alone at another time is of no use.';
    acknowledge(table, { 'AwsSolutions-DDB3': reason });
  }
  return table;
}

/** The bucket of payloads, blocks, checkpoint markers and dead letters. Objects go when the collector deletes them. */
export function jobBucket(scope: Construct, { encryptionKey, removalPolicy }: Options): Bucket {
  const bucket = new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    // A bucket goes only when it is empty.
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    lifecycleRules: [{ id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    ...(encryptionKey === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
  });
  acknowledge(bucket, {
    'AwsSolutions-S1': 'Only the functions of the job read and write its objects; a log of that would outweigh them.',
  });
  return bucket;
}
