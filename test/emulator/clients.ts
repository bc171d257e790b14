import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Clients as a program has them, but that they try once: a test sees every failure. */
export function kinesisAt(endpoint: string, accessKeyId = 'test'): KinesisClient {
  return new KinesisClient({ ...clientOptions(endpoint, accessKeyId), requestHandler: new NodeHttpHandler() });
}

export function dynamoDbAt(endpoint: string, accessKeyId = 'test'): DynamoDBClient {
  return new DynamoDBClient(clientOptions(endpoint, accessKeyId));
}

export function s3At(endpoint: string, accessKeyId = 'test'): S3Client {
  return new S3Client({ ...clientOptions(endpoint, accessKeyId), forcePathStyle: true });
}

export function sqsAt(endpoint: string, accessKeyId = 'test'): SQSClient {
  return new SQSClient(clientOptions(endpoint, accessKeyId));
}

export function clientOptions(endpoint: string, accessKeyId = 'test') {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'test' }, maxAttempts: 1 };
}
