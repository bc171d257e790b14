import { describe, expect, test } from 'vitest';
import type { Input, ServiceName } from '../../functions/emulator/server/gate.ts';
import { type Usage, UsageMeter } from '../../functions/emulator/stack/usage.ts';

function usageOf(service: ServiceName, operation: string, input: Input, answer: object = {}): Partial<Usage> {
  const meter = new UsageMeter();
  meter.observe({ service, operation, input, accessKey: '' }, answer);
  return Object.fromEntries(Object.entries(meter.usage).filter(([, count]) => count > 0));
}

const bytes = (count: number) => Buffer.alloc(count).toString('base64');

describe('what AWS bills', () => {
  test.each<[string, Partial<Usage>, Partial<Usage>]>([
    [
      '25 KB of a record are one PUT unit',
      usageOf('kinesis', 'PutRecord', { Data: bytes(25 * 1024) }),
      { kinesisPutUnits: 1 },
    ],
    [
      'each record of a batch is rounded up for itself',
      usageOf('kinesis', 'PutRecords', { Records: [{ Data: bytes(1) }, { Data: bytes(25 * 1024 + 1) }] }),
      { kinesisPutUnits: 3 },
    ],
    ['reads of a stream cost nothing', usageOf('kinesis', 'GetRecords', { ShardIterator: 'x' }), {}],
    [
      'a small item is one write unit',
      usageOf('dynamodb', 'PutItem', { Item: { k: { S: 'a' } } }),
      { dynamodbWriteUnits: 1 },
    ],
    [
      'an item of 8,200 bytes is nine write units',
      usageOf('dynamodb', 'PutItem', { Item: { k: { B: bytes(8_200) } } }),
      { dynamodbWriteUnits: 9 },
    ],
    [
      'in a transaction it is twice as many',
      usageOf('dynamodb', 'TransactWriteItems', {
        TransactItems: [{ Put: { Item: { k: { S: 'a' } } } }, { Delete: { Key: { k: { S: 'b' } } } }],
      }),
      { dynamodbWriteUnits: 4 },
    ],
    [
      'a consistent read counts 4 KB, another half',
      usageOf('dynamodb', 'Query', { ConsistentRead: true }, { Items: [{ k: { B: bytes(5_000) } }] }),
      { dynamodbReadUnits: 2 },
    ],
    ['and where it is not consistent', usageOf('dynamodb', 'GetItem', {}, {}), { dynamodbReadUnits: 0.5 }],
    ['a list of S3 is priced as a write', usageOf('s3', 'ListObjectsV2', {}), { s3Writes: 1 }],
    ['a head of S3 as a read', usageOf('s3', 'HeadObject', {}), { s3Reads: 1 }],
    ['a delete of S3 not at all', usageOf('s3', 'DeleteObject', {}), {}],
  ])('%s', (_, usage, expected) => {
    expect(usage).toEqual(expected);
  });

  test('an invocation counts by its memory and its time, in whole milliseconds', () => {
    const meter = new UsageMeter();
    meter.invoked('f', 512, { kind: 'answered', json: '', ms: 99.2 });
    expect(meter.usage).toMatchObject({ lambdaRequests: 1, lambdaGbSeconds: 0.05 });
  });
});
