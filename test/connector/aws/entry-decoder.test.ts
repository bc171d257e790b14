import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dynamodbChanges } from '../../../core/connector/aws/dynamodb.ts';
import { kinesis } from '../../../core/connector/aws/kinesis.ts';
import { isAggregate, recordsOfAggregate } from '../../../core/connector/aws/kpl-record.ts';
import { encodeMessages } from '../../../core/connector/aws/queued-message.ts';
import { sqs } from '../../../core/connector/aws/sqs.ts';
import { isLogSource } from '../../../core/connector/log-source.ts';
import type { Source } from '../../../core/connector/source.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

function decode(source: Source, bytes: Uint8Array | string) {
  if (!isLogSource(source)) throw new Error(`${source.name} has no entries`);
  const entry = typeof bytes === 'string' ? utf8(bytes) : bytes;
  return source.decode({ bytes: entry, place: 'clicks/shard 7', arrival: 5 });
}

/** Protobuf by hand: a field of bytes, and a number. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
const bytesField = (field: number, bytes: Iterable<number>) => {
  const list = [...bytes];
  return [...varint(field * 8 + 2), ...varint(list.length), ...list];
};
const numberField = (field: number, value: number) => [...varint(field * 8), ...varint(value)];

function sealed(message: readonly number[]): Uint8Array {
  const digest = createHash('md5').update(Uint8Array.from(message)).digest();
  return Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...message, ...digest]);
}

/** As the Kinesis Producer Library writes it: tables of keys, then records that point into them. */
function aggregate(parts: readonly Uint8Array[]): Uint8Array {
  return sealed([
    ...bytesField(1, utf8('a partition key')),
    ...bytesField(2, utf8('170141183460469231731687303715884105728')),
    ...parts.flatMap((data) =>
      bytesField(3, [
        ...numberField(1, 0),
        ...numberField(2, 0),
        ...bytesField(3, data),
        ...bytesField(4, [...bytesField(1, utf8('tag')), ...bytesField(2, utf8('value'))]),
      ]),
    ),
  ]);
}

describe('an aggregate of the Kinesis Producer Library', () => {
  test('gives its records in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (parts) => {
        const bytes = aggregate(parts);
        expect(isAggregate(bytes)).toBe(true);
        expect(recordsOfAggregate(bytes).map((part) => [...part])).toEqual(parts.map((part) => [...part]));
      }),
    );
  });

  test('is none where the digest is wrong, it is cut short, or it begins otherwise', () => {
    const bytes = aggregate([utf8('{}')]);
    const wrong = bytes.slice();
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
    expect(isAggregate(wrong)).toBe(false);
    for (let length = 0; length < bytes.length; length++) expect(isAggregate(bytes.subarray(0, length))).toBe(false);
    expect(isAggregate(utf8('{"page":"/home"}'))).toBe(false);
  });

  test('becomes the events in it, each placed by its number', () => {
    const bytes = aggregate([utf8('{"page":"/a"}'), utf8('broken'), utf8('{"page":"/b"}\n{"page":"/c"}')]);
    const { values, faults } = decode(kinesis({ stream: 'clicks' }).source, bytes);
    expect(values).toEqual([{ page: '/a' }, { page: '/b' }, { page: '/c' }]);
    expect(faults).toMatchObject([{ raw: 'broken', place: 'clicks/shard 7:2' }]);
  });

  test('with a message that is broken inside is a fault, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 }), (message) => {
        const { values, faults = [] } = decode(kinesis({ stream: 'clicks', format: 'text' }).source, sealed(message));
        for (const value of values) expect(value).toHaveProperty('line');
        for (const { reason } of faults) expect(reason).toMatch(/aggregate|UTF-8/);
      }),
      { numRuns: 2000 },
    );
    const { faults } = decode(kinesis({ stream: 'clicks' }).source, sealed(bytesField(3, numberField(1, 0))));
    expect(faults).toMatchObject([{ reason: 'an aggregate that is broken: a record of an aggregate has no data' }]);
  });
});

describe('entries of a stream', () => {
  test('are an object, on one line or several, or an object per line', () => {
    const { source } = kinesis({ stream: 'clicks' });
    expect(decode(source, '{"page":"/home"}').values).toEqual([{ page: '/home' }]);
    expect(decode(source, '{\n  "page": "/home"\n}\n').values).toEqual([{ page: '/home' }]);
    expect(decode(source, '{"page":"/a"}\n{"page":"/b"}\n').values).toEqual([{ page: '/a' }, { page: '/b' }]);
  });

  test('that are no objects, or would pollute, are faults with their text and place', () => {
    const { source } = kinesis({ stream: 'clicks' });
    expect(decode(source, '[1]')).toMatchObject({ values: [], faults: [{ raw: '[1]', place: 'clicks/shard 7' }] });
    expect(decode(source, '{"__proto__":{"admin":true}}')).toMatchObject({
      values: [],
      faults: [{ reason: expect.stringMatching(/__proto__/) }],
    });
    expect(decode(source, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toMatchObject({
      values: [],
      faults: [{ reason: expect.stringMatching(/UTF-8/) }],
    });
  });

  test('of CSV have the columns that are named, with their types', () => {
    const { source } = kinesis({ stream: 'clicks', format: 'csv', columns: ['page', 'ms'], types: { ms: 'int' } });
    expect(decode(source, '/home,12\n"/a,b",7').values).toEqual([
      { page: '/home', ms: 12 },
      { page: '/a,b', ms: 7 },
    ]);
    expect(decode(source, '/home').faults).toMatchObject([{ reason: expect.stringMatching(/1 columns where/) }]);
    expect(decode(source, '/about,1').values).toEqual([{ page: '/about', ms: 1 }]);
  });

  test('of text are lines', () => {
    expect(decode(kinesis({ stream: 's', format: 'text' }).source, 'a\nb').values).toEqual([
      { line: 'a' },
      { line: 'b' },
    ]);
    const queued = encodeMessages([{ id: 'a', sent: 1, body: utf8('hello') }]);
    expect(decode(sqs({ queue: 'q', format: 'text' }).source, queued).values).toEqual([{ line: 'hello' }]);
  });
});

describe('a change of an item', () => {
  const source = dynamodbChanges({ stream: 'arn' }) as Source;
  const image = {
    id: { S: 'a' },
    n: { N: '12.5' },
    big: { N: '9007199254740993' },
    raw: { B: 'AQI=' },
    tags: { SS: ['x'] },
    list: { L: [{ NULL: true }, { BOOL: true }] },
    map: { M: { k: { N: '1' } } },
  };

  test('is told with key, images and time', () => {
    const record = {
      eventName: 'MODIFY',
      dynamodb: {
        Keys: { id: { S: 'a' } },
        OldImage: { id: { S: 'a' } },
        NewImage: image,
        ApproximateCreationDateTime: 1_700_000_000,
      },
    };
    expect(decode(source, JSON.stringify(record))).toEqual({
      values: [
        {
          change: 'modify',
          key: { id: 'a' },
          before: { id: 'a' },
          after: {
            id: 'a',
            n: 12.5,
            big: 9_007_199_254_740_993n,
            raw: Uint8Array.of(1, 2),
            tags: new Set(['x']),
            list: [null, true],
            map: { k: 1 },
          },
          at: 1_700_000_000_000,
        },
      ],
      timestamps: [1_700_000_000_000],
    });
  });

  test('of a Kinesis stream has its time in milliseconds, or as it says', () => {
    const at = (time: number, more: object = {}) => {
      const dynamodb = { Keys: { id: { S: 'a' } }, ApproximateCreationDateTime: time, ...more };
      return decode(source, JSON.stringify({ eventName: 'INSERT', tableName: 'T', dynamodb })).timestamps;
    };
    expect(at(1_700_000_000_123)).toEqual([1_700_000_000_123]);
    expect(at(1_700_000_000_123_456, { ApproximateCreationDateTimePrecision: 'MICROSECOND' })).toEqual([
      1_700_000_000_123,
    ]);
  });

  test('without images has none', () => {
    const record = { eventName: 'REMOVE', dynamodb: { Keys: { id: { S: 'a' } } } };
    expect(decode(source, JSON.stringify(record)).values).toEqual([
      { change: 'remove', key: { id: 'a' }, before: null, after: null, at: 5 },
    ]);
  });

  test('that is none is a fault', () => {
    expect(decode(source, '{}').faults).toMatchObject([
      { reason: expect.stringMatching(/no change of an item/), raw: '{}' },
    ]);
    expect(decode(source, 'x').faults).toMatchObject([{ place: 'clicks/shard 7' }]);
  });
});
