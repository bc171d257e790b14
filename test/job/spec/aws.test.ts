import { expect, test } from 'vitest';
import { specOf } from './run-spec.ts';

const SOURCES = `job: page-views
sources:
  clicks: { kinesis: clicks, schema: { page: string, user: string, ms: int } }
  orders: { sqs: { queue: orders, format: json }, schema: { page: string } }
  changes: { dynamodb: { stream: 'arn:aws:dynamodb:eu-west-1:111122223333:table/T/stream/2026' } }
  archive: { s3: { bucket: archive, prefix: 2026/, format: csv, types: { ms: int } } }
`;

test('every connector of AWS has its word', () => {
  const { job, faults } = specOf(`${SOURCES}sinks:
  a: { input: clicks, kinesis: { stream: copy, key: user, identity: id } }
  b: { input: clicks, dynamodb: { table: T, key: [page, user] } }
  c: { input: clicks, dynamodb: { table: T, key: { page: string } } }
  d: { input: clicks, s3: { bucket: late, format: parquet, partitionBy: page } }
  e: { input: changes, sqs: changed }
  f: { input: orders, sns: { topic: orders.fifo, group: page } }
  g: { input: archive, eventbridge: { detailType: page view } }
  h: { input: clicks, firehose: archive }
  i: { input: clicks, http: { url: https://hooks.example.com/x, headers: { authorization: 'Bearer \${TOKEN}' } } }
`);
  expect(faults).toEqual([]);
  const ends = job.graph.nodes.map((node) =>
    node.kind === 'source' ? node.source.name : node.kind === 'sink' ? node.sink.name : '',
  );
  expect(ends.toSorted()).toEqual(
    [
      'kinesis clicks',
      'sqs orders',
      'dynamodb arn:aws:dynamodb:eu-west-1:111122223333:table/T/stream/2026',
      's3 archive',
      'kinesis copy',
      'dynamodb T',
      'dynamodb T',
      's3 late',
      'sqs changed',
      'sns orders.fifo',
      'eventbridge default',
      'firehose archive',
      'http hooks.example.com',
    ].toSorted(),
  );
});

test('columns that a sink of AWS needs and its input has not are told with their place', () => {
  const { faults } = specOf(`${SOURCES}sinks:
  table: { input: clicks, dynamodb: { table: T, key: [page, windowstart] } }
  late: { input: clicks, s3: { bucket: late, partitionBy: pge } }
  copy: { input: clicks, kinesis: { stream: copy, key: usr } }
`);
  expect(faults).toEqual([
    'job.yaml:8:61  sinks.table.dynamodb.key: column "windowstart" is not in clicks; it has page, user, ms',
    'job.yaml:9:59  sinks.late.s3.partitionBy: column "pge" is not in clicks; did you mean "page"?',
    'job.yaml:10:56  sinks.copy.kinesis.key: column "usr" is not in clicks; did you mean "user"?',
  ]);
});

test('options that a connector of AWS has not are told', () => {
  const { faults } = specOf(`${SOURCES}sinks:
  table: { input: clicks, dynamodb: { table: T } }
  alerts: { input: clicks, sqs: { queu: alerts } }
  hook: { input: clicks, http: { url: nowhere } }
`);
  expect(faults).toEqual([
    'job.yaml:8:27  sinks.table.dynamodb.key: is missing. Partition key and, where there is one, sort key: columns, or with their types { page: string }.',
    'job.yaml:9:28  sinks.alerts.sqs.queue: is missing. The name of the queue, or its ARN.',
    'job.yaml:9:35  sinks.alerts.sqs.queu: "queu" is not known here; did you mean "queue"?',
    'job.yaml:10:39  sinks.hook.http.url: "nowhere" is no URL of http or https',
  ]);
});
