import * as z from 'zod';
import { CsvShape } from './csv-schema.ts';
import { textOf } from './description.ts';
import { Column, Count } from './scalar-schema.ts';

/** The connectors of AWS: options of their words. */

const Name = (what: string) => z.string().min(1, { error: `the ${what} has no name` });
const LineFormat = z.enum(['json', 'text']);
const Group = Column.exactOptional().describe(
  'Of a name that ends in .fifo: the column whose value is the message group; one group per task unless said.',
);

const StreamName = Name('stream').describe('The name of the stream, or its ARN.');
const QueueName = Name('queue').describe('The name of the queue, or its ARN.');

const KinesisSource = z
  .strictObject({
    stream: StreamName,
    format: z
      .enum(['json', 'csv', 'text'])
      .exactOptional()
      .describe(
        'json (an object, or one per line) unless said; csv needs columns. Containers of millrace/producer and of the KPL are taken apart.',
      ),
    ...CsvShape,
  })
  .describe('A Kinesis stream: each event exactly once, in the order of its shard.');

const KinesisSink = z
  .strictObject({
    stream: StreamName,
    format: LineFormat.exactOptional().describe('json unless said.'),
    key: Column.exactOptional().describe('The column whose value decides the shard. Absent: records are spread.'),
    identity: Column.exactOptional().describe(
      'A field for the identity of each record, by which a reader finds repetitions. Absent: none.',
    ),
  })
  .describe('A Kinesis stream: each record at least once.');

const DynamodbSource = z
  .strictObject({
    stream: Name('stream').describe('The Kinesis stream that the table writes its changes into: its name, or its ARN.'),
  })
  .describe('The changes of a DynamoDB table: records { change, key, before, after, at }.');

const KeyTypes = z.record(z.string(), z.enum(['string', 'number', 'binary']));

const DynamodbSink = z
  .strictObject({
    table: Name('table').describe('The name of the table, or its ARN.'),
    key: z
      .union(
        [
          Column,
          z.array(Column).min(1, { error: 'there is no column' }).max(2, { error: 'a key has one column or two' }),
          KeyTypes,
        ],
        {
          error: () => 'a column is expected, a list of one or two, or their types, such as { page: string }',
        },
      )
      .describe('Partition key and, where there is one, sort key: columns, or with their types { page: string }.'),
    version: Column.exactOptional().describe("The attribute that holds an item's version; _version unless said."),
  })
  .describe('A DynamoDB table: each record is the item of its key, and ends there exactly once.');

const Bucket = Name('bucket').describe('The name of the bucket.');
const ObjectFormat = z.enum(['json', 'csv', 'parquet', 'text']);

const S3Source = z
  .strictObject({
    bucket: Bucket,
    prefix: z.string().exactOptional().describe('Objects whose names begin so. All unless said.'),
    format: ObjectFormat.exactOptional().describe('By the ending of each name unless said. json is JSON Lines.'),
    ...CsvShape,
  })
  .describe('The objects of a bucket that are there when the job starts: each record exactly once.');

const S3Sink = z
  .strictObject({
    bucket: Bucket,
    prefix: z.string().exactOptional().describe('What the names of objects begin with; nothing unless said.'),
    format: ObjectFormat.exactOptional().describe('json (JSON Lines) unless said.'),
    compression: z.enum(['none', 'gzip', 'zstd']).exactOptional().describe('none unless said.'),
    partitionBy: Column.exactOptional().describe('A folder field=value for each value of this column.'),
    ...CsvShape,
  })
  .describe('Objects of a bucket, seen once they are committed: each record exactly once.');

const SqsSource = z
  .strictObject({ queue: QueueName, format: LineFormat.exactOptional().describe('json unless said.') })
  .describe('An SQS queue: each message at least once, in no particular order.');

const SqsSink = z
  .strictObject({ queue: QueueName, format: LineFormat.exactOptional().describe('json unless said.'), group: Group })
  .describe('An SQS queue: each record at least once.');

const Sns = z
  .strictObject({
    topic: Name('topic').describe('The name of the topic, or its ARN.'),
    format: LineFormat.exactOptional().describe('json unless said.'),
    group: Group,
  })
  .describe('An SNS topic: each record at least once.');

const EventBridge = z
  .strictObject({
    bus: Name('bus').exactOptional().describe('The name of the event bus, or its ARN; default unless said.'),
    detailType: Name('detail type').describe('The detail type of the events; rules match it.'),
    source: z.string().exactOptional().describe('The source of the events; millrace unless said.'),
  })
  .describe('An EventBridge bus: each record at least once.');

const Firehose = z
  .strictObject({
    stream: Name('stream').describe('The name of the delivery stream.'),
    format: LineFormat.exactOptional().describe('json (a line each) unless said.'),
  })
  .describe('A Firehose delivery stream: each record at least once.');

const Http = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: ({ input }) => `${JSON.stringify(input)} is no URL of http or https` })
      .describe('Where records are sent.'),
    method: z.enum(['POST', 'PUT']).exactOptional().describe('POST unless said.'),
    headers: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('Headers of each request. $' + '{NAME} stands for the environment variable of that name.'),
    batch: Count.exactOptional().describe('The most records of one request: 1 (an object) unless said; above, a list.'),
  })
  .describe('A webhook: each record at least once.');

export const AwsSourceConnectors = {
  kinesis: z
    .union([StreamName, KinesisSource], { error: () => 'a stream is expected, or options such as { stream: clicks }' })
    .describe(textOf(KinesisSource)),
  dynamodb: z
    .union([Name('stream'), DynamodbSource], {
      error: () => 'a stream is expected, or options such as { stream: changes }',
    })
    .describe(textOf(DynamodbSource)),
  s3: z
    .union([Bucket, S3Source], { error: () => 'a bucket is expected, or options such as { bucket: archive }' })
    .describe(textOf(S3Source)),
  sqs: z
    .union([QueueName, SqsSource], { error: () => 'a queue is expected, or options such as { queue: orders }' })
    .describe(textOf(SqsSource)),
} as const;

export const AwsSinkConnectors = {
  kinesis: z
    .union([StreamName, KinesisSink], { error: () => 'a stream is expected, or options such as { stream: counts }' })
    .describe(textOf(KinesisSink)),
  dynamodb: DynamodbSink,
  s3: z
    .union([Bucket, S3Sink], { error: () => 'a bucket is expected, or options such as { bucket: archive }' })
    .describe(textOf(S3Sink)),
  sqs: z
    .union([QueueName, SqsSink], { error: () => 'a queue is expected, or options such as { queue: alerts }' })
    .describe(textOf(SqsSink)),
  sns: z
    .union([Name('topic'), Sns], { error: () => 'a topic is expected, or options such as { topic: alerts }' })
    .describe(textOf(Sns)),
  eventbridge: EventBridge,
  firehose: z
    .union([Name('stream'), Firehose], {
      error: () => 'a delivery stream is expected, or options such as { stream: archive }',
    })
    .describe(textOf(Firehose)),
  http: z
    .union([z.url(), Http], { error: () => 'a URL is expected, or options such as { url: https://hooks.example.com }' })
    .describe(textOf(Http)),
} as const;
