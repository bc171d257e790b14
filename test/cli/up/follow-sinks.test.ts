import { describe, expect, test } from 'vitest';
import { resultsOf, resultsOfDelivery, type Sinks } from '../../../functions/cli/up/follow-sinks.ts';
import type { Input, ServiceCall, ServiceName } from '../../../functions/emulator/server/gate.ts';

const SINKS: Sinks = {
  table: { kind: 'dynamodb-table', name: 'PageViews' },
  again: { kind: 'dynamodb-table', name: 'PageViews' },
  stream: { kind: 'kinesis-stream', name: 'out' },
  queue: { kind: 'sqs-queue', name: 'alerts' },
  lake: { kind: 's3-bucket', name: 'lake' },
  topic: { kind: 'sns-topic', name: 'news' },
  nothing: { kind: 'none' },
};

const call = (service: ServiceName, operation: string, input: Input): ServiceCall => ({
  service,
  operation,
  input,
  accessKey: '',
});
const data = (text: string) => Buffer.from(text).toString('base64');

describe('what a job writes', () => {
  test.each<[string, ServiceCall, [string, string][]]>([
    [
      'an item, in each sink of its table',
      call('dynamodb', 'PutItem', { TableName: 'PageViews', Item: { page: { S: '/' }, views: { N: '3' } } }),
      [
        ['table', '{"page":"/","views":3}'],
        ['again', '{"page":"/","views":3}'],
      ],
    ],
    [
      'records of a stream',
      call('kinesis', 'PutRecords', { StreamName: 'out', Records: [{ Data: data('a\n') }, { Data: data('b') }] }),
      [
        ['stream', 'a'],
        ['stream', 'b'],
      ],
    ],
    [
      'messages of a queue',
      call('sqs', 'SendMessageBatch', { QueueUrl: 'http://127.0.0.1:1/0/alerts', Entries: [{ MessageBody: 'x' }] }),
      [['queue', 'x']],
    ],
    ['an object', call('s3', 'PutObject', { Bucket: 'lake', Key: 'a/b' }), [['lake', 's3://lake/a/b']]],
    ['nothing of its own log', call('dynamodb', 'PutItem', { TableName: 'log', Item: {} }), []],
    ['nothing when it reads', call('dynamodb', 'GetItem', { TableName: 'PageViews', Key: {} }), []],
  ])('is told: %s', (_, written, expected) => {
    expect(resultsOf(written, SINKS).map(({ sink, text }) => [sink, text])).toEqual(expected);
  });

  test('is told of a topic', () => {
    const delivery = { service: 'sns', target: 'arn:aws:sns:us-east-1:000000000000:news', payload: 'hello\n' } as const;
    expect(resultsOfDelivery(delivery, SINKS)).toEqual([{ sink: 'topic', text: 'hello' }]);
  });
});
