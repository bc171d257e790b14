import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessesOf } from '../../functions/emulator/role/access-of.ts';
import { decide, like, type Statement } from '../../functions/emulator/role/policy.ts';
import { demand } from '../../functions/emulator/role/role-gate.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/log';
const allow = (Action: string | string[], Resource: string | string[] = '*'): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const put = { action: 'dynamodb:PutItem', resource: TABLE };

describe('a policy', () => {
  test.each<[string, readonly Statement[], boolean]>([
    ['the action on the resource', [allow('dynamodb:PutItem', TABLE)], true],
    ['the action in other letters', [allow('DynamoDB:putitem', TABLE)], true],
    ['actions by a wildcard', [allow('dynamodb:*Item')], true],
    ['resources by a wildcard', [allow('dynamodb:PutItem', 'arn:aws:dynamodb:*:*:table/l?g')], true],
    ['nothing', [], false],
    ['another action', [allow('dynamodb:GetItem', TABLE)], false],
    ['another resource', [allow('dynamodb:PutItem', `${TABLE}2`)], false],
    ['and denies it', [allow('*'), { Effect: 'Deny', Action: 'dynamodb:*', Resource: TABLE }], false],
    ['all but it', [{ Effect: 'Allow', NotAction: 'dynamodb:PutItem', Resource: '*' }], false],
    ['a condition that holds', [{ ...allow('*'), Condition: { StringLike: { 'x:y': 'a*' } } }], true],
    ['a condition that fails', [{ ...allow('*'), Condition: { StringLike: { 'x:y': 'b*' } } }], false],
    [
      'a condition on a key that the call has not',
      [{ ...allow('*'), Condition: { StringEquals: { 'x:z': 'a' } } }],
      false,
    ],
  ])('that allows %s: %#', (_, statements, allowed) => {
    expect(decide(statements, { ...put, context: { 'x:y': ['abc'] } }).kind).toBe(allowed ? 'allowed' : 'denied');
  });

  test('with a condition operator that is not known is not guessed at', () => {
    const statement: Statement = { ...allow('*'), Condition: { DateLessThan: { 'aws:CurrentTime': '2030' } } };
    expect(() => decide([statement], put)).toThrow(/DateLessThan/);
  });

  test('a refusal names the role, the action, the resource, and what the role has instead', () => {
    const role = { name: 'StageRole', statements: [allow('dynamodb:PutItem', `${TABLE}2`)] };
    expect(() => demand(role, put)).toThrow(
      `the role StageRole may not dynamodb:PutItem on ${TABLE}: the role allows it on ${TABLE}2 only`,
    );
  });

  test('wildcards match as a naive matcher says', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '/'), maxLength: 7 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        expect(like(pattern, text)).toBe(naive(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });
});

function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (pattern.startsWith('?') || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1));
}

describe('what a call needs', () => {
  const scope = { region: 'us-east-1', account: '000000000000' };
  const needs = (service: 'dynamodb' | 's3' | 'sqs' | 'kinesis' | 'events', operation: string, input: object) =>
    accessesOf({ service, operation, input: { ...input }, accessKey: '' }, scope).map(
      ({ action, resource }) => `${action} ${resource}`,
    );

  test.each<[Parameters<typeof needs>[0], string, object, string[]]>([
    [
      'kinesis',
      'PutRecords',
      { StreamName: 's' },
      ['kinesis:PutRecords arn:aws:kinesis:us-east-1:000000000000:stream/s'],
    ],
    ['dynamodb', 'Query', { TableName: 'log', IndexName: 'i' }, [`dynamodb:Query ${TABLE}/index/i`]],
    [
      'dynamodb',
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'log' } }, { ConditionCheck: { TableName: 'log' } }] },
      [`dynamodb:PutItem ${TABLE}`, `dynamodb:ConditionCheckItem ${TABLE}`],
    ],
    ['dynamodb', 'BatchWriteItem', { RequestItems: { log: [] } }, [`dynamodb:BatchWriteItem ${TABLE}`]],
    ['s3', 'HeadObject', { Bucket: 'b', Key: 'k' }, ['s3:GetObject arn:aws:s3:::b/k']],
    ['s3', 'ListObjectsV2', { Bucket: 'b', Key: '' }, ['s3:ListBucket arn:aws:s3:::b']],
    [
      's3',
      'DeleteObjects',
      { Bucket: 'b', Keys: ['x', 'y'] },
      ['s3:DeleteObject arn:aws:s3:::b/x', 's3:DeleteObject arn:aws:s3:::b/y'],
    ],
    ['sqs', 'SendMessageBatch', { QueueUrl: 'http://h/1/q' }, ['sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:q']],
    [
      'events',
      'PutEvents',
      { Entries: [{}, {}] },
      ['events:PutEvents arn:aws:events:us-east-1:000000000000:event-bus/default'],
    ],
  ])('%s %s', (service, operation, input, expected) => {
    expect(needs(service, operation, input)).toEqual(expected);
  });
});
