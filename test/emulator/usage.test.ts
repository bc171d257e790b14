import { describe, expect, test } from 'vitest';
import type { Usage } from '../../functions/cost/usage.ts';
import type { Input, ServiceName } from '../../functions/emulator/server/gate.ts';
import { UsageMeter } from '../../functions/emulator/stack/usage.ts';

function usageOf(service: ServiceName, operation: string, input: Input, answer: object = {}): Usage {
  const meter = new UsageMeter();
  meter.observe({ service, operation, input, accessKey: '' }, answer);
  return Object.fromEntries(Object.entries(meter.usage).filter(([, count]) => count > 0));
}

const bytes = (count: number) => Buffer.alloc(count).toString('base64');

describe('what AWS bills', () => {
  test.each<[string, Usage, Usage]>([
    [
      '25 KB of a record are one PUT unit',
      usageOf('kinesis', 'PutRecord', { Data: bytes(25 * 1024) }),
      { kinesisPutUnit: 1 },
    ],
    [
      'each record of a batch is rounded up for itself',
      usageOf('kinesis', 'PutRecords', { Records: [{ Data: bytes(1) }, { Data: bytes(25 * 1024 + 1) }] }),
      { kinesisPutUnit: 3 },
    ],
    ['reads of a stream cost nothing', usageOf('kinesis', 'GetRecords', { ShardIterator: 'x' }), {}],
    [
      'a small item is one write unit',
      usageOf('dynamodb', 'PutItem', { Item: { k: { S: 'a' } } }),
      { dynamodbWriteUnit: 1 },
    ],
    [
      'an item of 8,200 bytes is nine write units',
      usageOf('dynamodb', 'PutItem', { Item: { k: { B: bytes(8_200) } } }),
      { dynamodbWriteUnit: 9 },
    ],
    [
      'in a transaction it is twice as many',
      usageOf('dynamodb', 'TransactWriteItems', {
        TransactItems: [{ Put: { Item: { k: { S: 'a' } } } }, { Delete: { Key: { k: { S: 'b' } } } }],
      }),
      { dynamodbWriteUnit: 4 },
    ],
    [
      'a consistent read counts 4 KB, another half',
      usageOf('dynamodb', 'Query', { ConsistentRead: true }, { Items: [{ k: { B: bytes(5_000) } }] }),
      { dynamodbReadUnit: 2 },
    ],
    ['and where it is not consistent', usageOf('dynamodb', 'GetItem', {}, {}), { dynamodbReadUnit: 0.5 }],
    ['a list of S3 is priced as a write', usageOf('s3', 'ListObjectsV2', {}), { s3Put: 1 }],
    ['a head of S3 as a read', usageOf('s3', 'HeadObject', {}), { s3Get: 1 }],
    [
      'a record of Firehose is rounded up to 5 KB',
      usageOf('firehose', 'PutRecordBatch', { Records: [{ Data: bytes(1) }, { Data: bytes(6_000) }] }),
      { firehoseGb: (3 * 5 * 1024) / 1e9 },
    ],
    ['a delete of S3 not at all', usageOf('s3', 'DeleteObject', {}), {}],
  ])('%s', (_, usage, expected) => {
    expect(usage).toEqual(expected);
  });

  test('an invocation counts by its memory and its time, in whole milliseconds', () => {
    const meter = new UsageMeter();
    meter.invoked('f', 512, { kind: 'answered', json: '', ms: 99.2 });
    expect(meter.usage).toMatchObject({ lambdaRequest: 1, lambdaGbSecond: 0.05 });
  });
});
