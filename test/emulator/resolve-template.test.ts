import { describe, expect, test } from 'vitest';
import { identifierOf } from '../../functions/emulator/template/identify.ts';
import { TemplateResolver } from '../../functions/emulator/template/resolve-template.ts';
import type { Resource, Template } from '../../functions/emulator/template/template.ts';

const PLACE = { stack: 'Clicks', region: 'eu-west-1', account: '123456789012' };
const QUEUES = 'http://127.0.0.1:1/123456789012';

function resolver(resources: Template['Resources'], more: Partial<Template> = {}): TemplateResolver {
  const queueUrl = (name: string) => `${QUEUES}/${name}`;
  return new TemplateResolver({ ...more, Resources: resources }, PLACE, identifierOf(PLACE, queueUrl));
}

const stream: Resource = { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'clicks' } };
const STREAM_ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks';

describe('a template', () => {
  const template = resolver(
    { Stream: stream, Queue: { Type: 'AWS::SQS::Queue' }, Bucket: { Type: 'AWS::S3::Bucket' } },
    {
      Parameters: { Size: { Default: '3' } },
      Conditions: { Yes: { 'Fn::Equals': [{ Ref: 'Size' }, '3'] }, No: { 'Fn::Not': [{ Condition: 'Yes' }] } },
      Mappings: { Sizes: { 'eu-west-1': { small: 'S' } } },
    },
  );

  test.each([
    ['Ref of a named resource', { Ref: 'Stream' }, 'clicks'],
    ['Ref of a queue: its URL', { Ref: 'Queue' }, `${QUEUES}/Clicks-Queue`],
    ['Ref of a bucket without a name', { Ref: 'Bucket' }, 'clicks-bucket'],
    ['Ref of a parameter', { Ref: 'Size' }, '3'],
    ['GetAtt', { 'Fn::GetAtt': ['Stream', 'Arn'] }, STREAM_ARN],
    ['GetAtt in one text', { 'Fn::GetAtt': 'Stream.Arn' }, STREAM_ARN],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Stream' }]] }, 'a/clicks'],
    [
      'Sub',
      { 'Fn::Sub': `\${Stream.Arn}|\${Stream}|\${AWS::Region}|\${!Literal}` },
      `${STREAM_ARN}|clicks|eu-west-1|\${Literal}`,
    ],
    ['Sub with variables', { 'Fn::Sub': [`\${x}-\${Stream}`, { x: { Ref: 'Size' } }] }, '3-clicks'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['If, true', { 'Fn::If': ['Yes', 1, 2] }, 1],
    ['If, false', { 'Fn::If': ['No', 1, 2] }, 2],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'S'],
  ])('resolves %s', (_, value, expected) => {
    expect(template.resolve(value, 'x')).toBe(expected);
  });

  test('leaves out a property, or a member of a list, that is AWS::NoValue', () => {
    const none = { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] };
    expect(template.resolve({ a: none, b: [none, 2] }, 'x')).toEqual({ b: [2] });
  });

  test('has no resource whose condition does not hold', () => {
    const { resources } = resolver(
      { A: { ...stream, Condition: 'Never' }, B: stream },
      { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } },
    );
    expect(resources.map(([id]) => id)).toEqual(['B']);
  });

  test('may have resources that refer to each other beside their names', () => {
    const circle = resolver({
      Role: { Type: 'AWS::IAM::Role', Properties: { Of: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
      Function: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
    });
    expect(circle.propertiesOf('Role')).toEqual({
      Of: 'arn:aws:lambda:eu-west-1:123456789012:function:Clicks-Function',
    });
    expect(circle.propertiesOf('Function')).toEqual({ Role: 'arn:aws:iam::123456789012:role/Clicks-Role' });
  });

  test('is refused where names go in a circle', () => {
    const named = (other: string) => ({ Type: 'AWS::Kinesis::Stream', Properties: { Name: { Ref: other } } });
    expect(() => resolver({ A: named('B'), B: named('A') }).identityOf('A')).toThrow(
      /A: refers to itself: A -> B -> A/,
    );
  });

  test.each([
    [{ Ref: 'Nobody' }, /Nobody: is referred to, and is no resource/],
    [{ 'Fn::GetAtt': ['Stream', 'Colour'] }, /AWS::Kinesis::Stream has no attribute Colour/],
    [{ 'Fn::ImportValue': 'x' }, /Fn::ImportValue cannot be resolved without AWS/],
  ])('is refused where %o cannot be resolved', (value, message) => {
    expect(() => template.resolve(value, 'A.B')).toThrow(message);
  });
});
