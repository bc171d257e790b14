import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Assembly } from '../../functions/emulator/template/read-assembly.ts';
import type { Properties, Resource } from '../../functions/emulator/template/template.ts';

/** The handlers of the fixture as an asset, bundled once. */
const folder = mkdtempSync(join(tmpdir(), 'millrace-stack-'));
buildSync({
  entryPoints: [fileURLToPath(new URL('./fixture/handlers.ts', import.meta.url))],
  outfile: join(folder, 'index.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});

const of = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });

const PUT = { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: of('Table') };
const READ = {
  Effect: 'Allow',
  Action: ['kinesis:DescribeStreamSummary', 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
  Resource: of('Stream'),
};
const RECEIVE = {
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  Resource: of('Queue'),
};

export type SmallStack = {
  /** What the role of the functions may do: all that they need, unless said. */
  readonly statements?: readonly object[];
  readonly mapping?: Properties;
  readonly start?: Properties;
  readonly more?: Readonly<Record<string, Resource>>;
};

/** A stream, a queue, a table and the functions of the fixture. */
export function smallStack({
  statements = [PUT, READ, RECEIVE],
  mapping,
  start,
  more = {},
}: SmallStack = {}): Assembly {
  const handler = (name: string): Resource => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Handler: `index.${name}`,
      Runtime: 'nodejs24.x',
      Timeout: 2,
      MemorySize: 256,
      Role: of('Role'),
      Code: { S3Bucket: 'assets', S3Key: 'handlers.zip' },
      Environment: { Variables: { TABLE: { Ref: 'Table' } } },
    },
  });
  const Resources: Readonly<Record<string, Resource>> = {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
      },
    },
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'clicks', ShardCount: 1 } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders' } },
    Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: statements } }] } },
    Records: handler('records'),
    Messages: handler('messages'),
    Tick: handler('tick'),
    StartFunction: handler('start'),
    OfStream: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: of('Stream'),
        FunctionName: { Ref: 'Records' },
        StartingPosition: 'TRIM_HORIZON',
        ...mapping,
      },
    },
    OfQueue: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: of('Queue'), FunctionName: { Ref: 'Messages' }, BatchSize: 10 },
    },
    EveryMinute: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Id: 'T', Arn: of('Tick'), Input: '{"command":"tick"}' }],
      },
    },
    Start: { Type: 'Custom::Start', Properties: { ServiceToken: of('StartFunction'), ...start } },
    Alarm: { Type: 'AWS::CloudWatch::Alarm' },
    ...more,
  };
  return { stack: 'Small', template: { Resources }, assets: new Map([['handlers.zip', folder]]) };
}
