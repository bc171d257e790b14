import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { DynamoDbCommitTable } from '../../functions/adapter/dynamodb-commit-table.ts';
import { KinesisFrameLog } from '../../functions/adapter/kinesis-frame-log.ts';
import { S3ObjectStore } from '../../functions/adapter/s3-object-store.ts';
import { commitTableContract } from '../contract/commit-table.ts';
import { frameLogContract } from '../contract/frame-log.ts';
import { objectStoreContract } from '../contract/object-store.ts';
import { dynamoDb, kinesis, newBucket, newStream, newTable, s3, WAIT_SECONDS } from './aws.ts';

const BASE64_COUNTS = 'DynamoDB in LocalStack may count bytes at the length of their base64';

commitTableContract(
  'DynamoDB',
  async () => {
    const client = await dynamoDb();
    return new DynamoDbCommitTable(client, await newTable(client, ['log:S', 'n:N']));
  },
  { noLargestRow: process.env.AWS_ENDPOINT_URL === undefined ? undefined : BASE64_COUNTS },
);

objectStoreContract('S3', async () => {
  const client = await s3();
  return new S3ObjectStore(client, await newBucket(client), 'a/prefix/');
});

frameLogContract('Kinesis', async () => {
  const client = await kinesis();
  const stream = await newStream(client, 2);
  const log = new KinesisFrameLog(client, stream);
  return {
    log,
    read: async (shard) => {
      const at = { StreamName: stream, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' } as const;
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
      const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ SequenceNumber = '', Data = new Uint8Array() }) => ({
        sequence: SequenceNumber,
        bytes: Data,
      }));
    },
    split: async (shard) => {
      const held = (await log.shards()).find(({ id }) => id === shard);
      if (held === undefined) throw new Error(`no shard ${shard}`);
      const middle = held.first + (held.last - held.first) / 2n + 1n;
      const split = new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: shard,
        NewStartingHashKey: middle.toString(),
      });
      await client.send(split);
      await waitUntilStreamExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { StreamName: stream });
    },
  };
});
