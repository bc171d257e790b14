import { join } from 'node:path';
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { type CfnStream, Stream, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../core/graph/plan.ts';
import { blackhole, collection, job } from '../../core/index.ts';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { jobModuleOf } from '../../functions/bundle/job-module.ts';
import { readCoordinatorEnvironment, readStageEnvironment } from '../../functions/deployment/environment.ts';
import { deploy, ENDS, newStack, PAGE_VIEWS, propertiesOf, resourcesOf, rowOfStages } from './deploy.ts';

const deployed = deploy();
const template = deployed.template();

/** The variables of a function, references as the logical ids of what they refer to. */
function variablesOf(functionName: string): Record<string, string> {
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(
    ([, of]) => of.Properties.FunctionName === functionName,
  );
  const { Variables } = (found?.[1].Properties.Environment ?? {}) as {
    Variables: Record<string, string | { Ref: string }>;
  };
  return Object.fromEntries(
    Object.entries(Variables).map(([name, value]) => [name, typeof value === 'string' ? value : value.Ref]),
  );
}

describe('the stages of a job', () => {
  it('are functions of one code on Node 24 and arm64, beside a coordinator of another', () => {
    const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions.map(({ FunctionName }) => FunctionName)).toEqual([
      'page-views-clicks',
      'page-views-perPage',
      'page-views_coordinator',
    ]);
    for (const of of functions) {
      expect(of).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 1024, Timeout: 60 });
    }
    const codes = functions.map(({ Code }) => JSON.stringify(Code));
    expect(codes[0]).toBe(codes[1]);
    expect(codes[2]).not.toBe(codes[0]);
  });

  it('have an environment that their handlers read', () => {
    const table = resourcesOf(template, 'AWS::DynamoDB::Table')[0]?.[0];
    const bucket = resourcesOf(template, 'AWS::S3::Bucket')[0]?.[0];
    const shared = { deployment: 'page-views', job: 'page-views', table, bucket, incarnation: 1 };
    const inbox = { stream: 'page-views-perPage' };
    const source = { kind: 'kinesis-stream', address: 'clicks' };
    expect(readStageEnvironment(variablesOf('page-views-clicks'))).toEqual({
      ...shared,
      stage: 'clicks',
      inboxes: { perPage: inbox },
      source,
      sinks: {},
    });
    expect(readStageEnvironment(variablesOf('page-views-perPage'))).toEqual({
      ...shared,
      stage: 'perPage',
      inboxes: { perPage: inbox },
      sinks: { table: 'PageViews' },
    });
    expect(readCoordinatorEnvironment(variablesOf('page-views_coordinator'))).toEqual({
      ...shared,
      stages: {
        clicks: { function: 'page-views-clicks', source },
        perPage: { function: 'page-views-perPage', inbox },
      },
    });
  });

  it('read their input in order and without gaps (P11)', () => {
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(2);
    for (const [, { Properties }] of mappings) {
      expect(Properties).toMatchObject({
        ParallelizationFactor: 1,
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: -1,
        BisectBatchOnFunctionError: false,
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BatchSize: 10_000,
      });
      expect(Properties).not.toHaveProperty('FilterCriteria');
      expect(Properties).not.toHaveProperty('DestinationConfig');
      expect(Properties).not.toHaveProperty('TumblingWindowInSeconds');
    }
  });

  it('wait a second for a batch of events, and not at all for frames that are batches', () => {
    const windows = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties.MaximumBatchingWindowInSeconds,
    );
    expect(windows.toSorted()).toEqual([0, 1]);
  });

  it('have an inbox with one shard unless they begin with a source', () => {
    const streams = resourcesOf(template, 'AWS::Kinesis::Stream').map(([, { Properties }]) => Properties);
    expect(streams).toEqual([
      expect.objectContaining({
        Name: 'page-views-perPage',
        ShardCount: 1,
        RetentionPeriodHours: 24,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      }),
    ]);
    expect(streams[0]).not.toHaveProperty('RecordDistributionStrategy');
  });

  it('can be reached, with their streams', () => {
    const { job: made } = deployed;
    expect(made.stages.map(({ name }) => name)).toEqual(['clicks', 'perPage']);
    expect(made.stage('perPage').inbox).toBe(made.stream('perPage'));
    expect(made.stage('clicks').inbox).toBeUndefined();
    expect(made.stream('clicks')).toBe(made.stream('clicks'));
    expect(() => made.stage('perpage')).toThrow('no stage "perpage"; it has clicks, perPage');
    expect(() => made.stream('table')).toThrow('"table" has no Kinesis stream');
  });
});

describe('what a job is told', () => {
  it('of all its stages, and of single ones', () => {
    const { template: made } = deploy({
      name: 'views-test',
      memory: Size.mebibytes(512),
      batchWindow: Duration.seconds(5),
      retention: Duration.days(3),
      startFrom: new Date('2026-11-01T00:00:00Z'),
      stages: { perPage: { memory: Size.gibibytes(2), shards: 4, batchSize: 100, timeout: Duration.minutes(3) } },
    });
    made().hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'views-test-clicks', MemorySize: 512 });
    made().hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'views-test-perPage',
      MemorySize: 2048,
      Timeout: 180,
    });
    made().hasResourceProperties('AWS::Kinesis::Stream', {
      Name: 'views-test-perPage',
      ShardCount: 4,
      RetentionPeriodHours: 72,
    });
    const mappings = resourcesOf(made(), 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    expect(mappings).toEqual([
      expect.objectContaining({
        BatchSize: 10_000,
        MaximumBatchingWindowInSeconds: 5,
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: 1_793_491_200,
      }),
      expect.objectContaining({ BatchSize: 100, MaximumBatchingWindowInSeconds: 5, StartingPosition: 'TRIM_HORIZON' }),
    ]);
  });

  it('makes an inbox on demand that goes by keys', () => {
    deploy({ capacity: 'onDemand' })
      .template()
      .hasResourceProperties('AWS::Kinesis::Stream', {
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        RecordDistributionStrategy: 'USER_PARTITION_KEY',
        ShardCount: Match.absent(),
      });
    expect(() => deploy({ capacity: 'onDemand', shards: 2 })).toThrow('an inbox on demand has no number of shards');
  });

  it('pushes records over a consumer of each stage', () => {
    const { template: made } = deploy({ enhancedFanOut: true });
    const consumers = resourcesOf(made(), 'AWS::Kinesis::StreamConsumer').map(([id]) => id);
    const mappings = resourcesOf(made(), 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    expect(consumers).toHaveLength(2);
    expect(mappings.map(({ EventSourceArn }) => EventSourceArn)).toEqual(
      consumers.map((id) => ({ 'Fn::GetAtt': [id, 'ConsumerARN'] })),
    );
  });

  it('keeps state when the stack goes, unless said otherwise', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket']) {
      template.hasResource(type, { DeletionPolicy: 'Retain' });
      deploy({ removalPolicy: RemovalPolicy.DESTROY }).template().hasResource(type, { DeletionPolicy: 'Delete' });
    }
    template.hasResource('AWS::Kinesis::Stream', { DeletionPolicy: 'Delete' });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
    deploy({ removalPolicy: RemovalPolicy.DESTROY }).template().resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  it('encrypts with a key of the user, which every function may use', () => {
    const stack = newStack();
    const key = new Key(stack, 'Key');
    const { template: made } = deploy({ encryptionKey: key }, stack);
    made().hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: Match.objectLike({ SSEType: 'KMS' }) });
    made().hasResourceProperties('AWS::Kinesis::Stream', {
      StreamEncryption: { EncryptionType: 'KMS', KeyId: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] } },
    });
    for (const [, { Properties }] of resourcesOf(made(), 'AWS::IAM::Role')) {
      expect(JSON.stringify(Properties.Policies)).toContain('kms:GenerateDataKey');
    }
  });

  it('runs inside a network', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      privateSubnetIds: ['subnet-1'],
    });
    const { template: made } = deploy({ vpc }, stack);
    made().allResourcesProperties('AWS::Lambda::Function', { VpcConfig: { SubnetIds: ['subnet-1'] } });
  });

  it('is refused where a batch is out of the range of Lambda, or a name is none of the job', () => {
    expect(() => deploy({ batchSize: 20_000 })).toThrow('batchSize: 20000 is not from 1 to 10,000');
    expect(() => deploy({ batchWindow: Duration.minutes(6) })).toThrow('batchWindow: 360000 ms');
    expect(() => deploy({ stages: { perpage: {} } })).toThrow(
      'stages.perpage: the job has no such stage; it has clicks, perPage',
    );
    const stream = new Stream(newStack(), 'Clicks');
    expect(() => deploy({ endpoints: { click: stream } })).toThrow(
      'endpoints.click: the job has no source or sink in AWS',
    );
    expect(() => deploy({ endpoints: { table: stream } })).toThrow('endpoints.table: a dynamodb-table is expected');
  });
});

describe('the rights of a function', () => {
  const policies = [
    ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
      (Properties.Policies as unknown as { PolicyDocument: Document }[]).map(
        ({ PolicyDocument }) => [id, PolicyDocument] as const,
      ),
    ),
    ...resourcesOf(template, 'AWS::IAM::Policy').map(
      ([id, { Properties }]) => [id, Properties.PolicyDocument as unknown as Document] as const,
    ),
  ];
  type Document = { readonly Statement: readonly { Action: string | string[]; Resource: unknown }[] };
  const rightsOf = (part: string) =>
    policies
      .filter(([id]) => id.includes(part))
      .flatMap(([, { Statement }]) =>
        Statement.flatMap(({ Action, Resource }) =>
          [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${plain(resource)}`)),
        ),
      );

  it('of an inner stage are to read its inbox, write its sinks, and read and write state', () => {
    expect(rightsOf('perPageHandler').sort()).toEqual([
      'dynamodb:DeleteItem table/PageViews',
      'dynamodb:GetItem Table',
      'dynamodb:PutItem Table',
      'dynamodb:PutItem table/PageViews',
      'dynamodb:Query Table',
      'dynamodb:UpdateItem table/PageViews',
      'kinesis:DescribeStream perPageInbox',
      'kinesis:DescribeStreamSummary perPageInbox',
      'kinesis:GetRecords perPageInbox',
      'kinesis:GetShardIterator perPageInbox',
      'kinesis:ListShards perPageInbox',
      'logs:CreateLogStream perPageHandlerLog',
      'logs:PutLogEvents perPageHandlerLog',
      's3:GetObject Bucket/blocks/page-views/*/perPage/*',
      's3:GetObject Bucket/payloads/page-views/*/perPage/*',
      's3:PutObject Bucket/blocks/page-views/*/perPage/*',
      's3:PutObject Bucket/dead-letters/perPage/*',
      's3:PutObject Bucket/payloads/page-views/*/perPage/*',
    ]);
  });

  it('of a source stage are to read its stream and to publish to the stages that read it', () => {
    const rights = rightsOf('clicksHandler').filter((right) => right.startsWith('kinesis:'));
    expect(rights.sort()).toEqual([
      'kinesis:DescribeStream stream/clicks',
      'kinesis:DescribeStreamSummary stream/clicks',
      'kinesis:DescribeStreamSummary stream/page-views-perPage',
      'kinesis:GetRecords stream/clicks',
      'kinesis:GetShardIterator stream/clicks',
      'kinesis:ListShards stream/clicks',
      'kinesis:ListShards stream/page-views-perPage',
      'kinesis:PutRecord stream/page-views-perPage',
      'kinesis:PutRecords stream/page-views-perPage',
    ]);
  });

  it('of the coordinator are to call every stage, and it alone may delete', () => {
    const rights = rightsOf('Coordinator');
    expect(rights.filter((right) => right.startsWith('lambda:')).sort()).toEqual([
      'lambda:InvokeFunction clicksHandlerFunction',
      'lambda:InvokeFunction perPageHandlerFunction',
    ]);
    const deleting = policies.filter(([, document]) => /s3:DeleteObject|BatchWriteItem/.test(JSON.stringify(document)));
    expect(deleting.map(([id]) => id)).toEqual([expect.stringContaining('Coordinator')]);
  });

  it('name every action, and of a resource all but the objects under a prefix', () => {
    const rights = rightsOf('');
    expect(rights.length).toBeGreaterThan(40);
    expect(rights.filter((right) => right.split(' ')[0]?.includes('*'))).toEqual([]);
    expect(rights.filter((right) => right.includes('*') && !/ Bucket\/([\w-]+\/|\*\/)*\*$/.test(right))).toEqual([]);
    expect(
      resourcesOf(template, 'AWS::IAM::Role').filter(([, { Properties }]) => 'ManagedPolicyArns' in Properties),
    ).toEqual([]);
  });

  /** `Table`, `Bucket/blocks/*`, `stream/clicks`: the part of a resource that a person knows it by. */
  function plain(resource: unknown): string {
    const { 'Fn::GetAtt': attribute, 'Fn::Join': join } = resource as {
      'Fn::GetAtt'?: [string, string];
      'Fn::Join'?: [string, unknown[]];
    };
    if (attribute !== undefined) return attribute[0].replace(/^Job(Stage)?/, '').replace(/[0-9A-F]{8}$/, '');
    if (join === undefined) return String(resource);
    const [first, last] = [join[1][0], join[1].at(-1)];
    return typeof first === 'string' ? String(last).replace(/^:/, '') : `${plain(first)}${last}`;
  }
});

describe('the coordinator', () => {
  it('ticks every minute', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [Match.objectLike({ Input: '{"command":"tick"}' })],
    });
  });

  it('starts the job when all its streams are there, and again when its plan changes', () => {
    const [start] = resourcesOf(template, 'Custom::MillraceStart');
    const [inbox] = resourcesOf(template, 'AWS::Kinesis::Stream');
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([id]) => id);
    expect(start?.[1].DependsOn).toEqual(expect.arrayContaining([inbox?.[0], ...mappings]));
    const hash = (made: typeof template) => resourcesOf(made, 'Custom::MillraceStart')[0]?.[1].Properties.plan;
    expect(hash(deploy({ name: 'other' }).template())).toBe(start?.[1].Properties.plan);
    expect(hash(deploy({ job: rowOfStages(3) }).template())).not.toBe(start?.[1].Properties.plan);
  });
});

describe('what is watched', () => {
  it('of each stage is whether it fails, is throttled, is behind or has dead letters', () => {
    const names = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties: of }]) => [
      of.Namespace,
      of.MetricName,
    ]);
    expect(new Set(names.map(String))).toEqual(
      new Set(['AWS/Lambda,Errors', 'AWS/Lambda,Throttles', 'AWS/Lambda,IteratorAge', 'Millrace,DeadLetters']),
    );
    // Four of each stage, and whether the coordinator fails.
    expect(names).toHaveLength(9);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'DeadLetters',
      Dimensions: [
        { Name: 'service', Value: 'page-views' },
        { Name: 'stage', Value: 'perPage' },
      ],
    });
  });

  it('is told to a topic, from an age of records that the user says', () => {
    const stack = newStack();
    const { template: made } = deploy(
      { alarms: { topic: new Topic(stack, 'Topic'), iteratorAge: Duration.minutes(1) } },
      stack,
    );
    made().allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }],
    });
    made().hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'IteratorAge', Threshold: 60_000 });
  });

  it('may be nothing', () => {
    const { template: made } = deploy({ alarms: false, dashboard: false });
    made().resourceCountIs('AWS::CloudWatch::Alarm', 0);
    made().resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });
});

describe('a stream that a source reads', () => {
  it('may be of the same app, or made with the stack', () => {
    const stack = newStack();
    const clicks = new Stream(stack, 'Clicks');
    const { job: made, template: given } = deploy({ endpoints: { clicks } }, stack);
    expect(made.stream('clicks')).toBe(clicks);
    given().hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Clicks'), 'Arn'] },
    });
    const spec = {
      job: 'copy',
      sources: { clicks: { source: `${ENDS}#clicks` } },
      sinks: { out: { input: 'clicks', blackhole: null } },
    };
    const created = deploy({ job: spec, createEndpoints: true }).template();
    created.hasResourceProperties('AWS::Kinesis::Stream', { Name: 'clicks' });
  });

  it('with AUTO record distribution is refused, also where that is set afterwards', () => {
    const stack = newStack();
    const clicks = new Stream(stack, 'Clicks', { streamMode: StreamMode.ON_DEMAND });
    const { template: made } = deploy({ endpoints: { clicks } }, stack);
    (clicks.node.defaultChild as CfnStream).recordDistributionStrategy = 'AUTO';
    expect(() => made()).toThrow(/the stream of clicks has the record distribution AUTO.*make it USER_PARTITION_KEY/);
  });
});

describe('the sinks of a stage', () => {
  const every = join(PAGE_VIEWS, '..', 'clicks.yaml');

  it('are addressed as their clients call them, and may be written, and no more', () => {
    const made = deploy({ job: every }).template();
    type Handler = { readonly Environment: { readonly Variables: Record<string, unknown> } };
    const { Variables } = propertiesOf<Handler>(made, 'AWS::Lambda::Function', 'perPage').Environment;
    expect(JSON.parse(textOf(Variables.MILLRACE_SINKS))).toEqual({
      table: 'PageViews',
      files: 'click-files',
      queue: 'https://sqs.Region.URLSuffix/AccountId/views',
      topic: 'arn:Partition:sns:Region:AccountId:views',
      bus: 'views',
      archive: 'archive',
      hook: '',
      copy: 'views',
    });
    type Statement = { readonly Action: string | string[]; readonly Resource: unknown };
    type Role = {
      readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    };
    const writes = propertiesOf<Role>(made, 'AWS::IAM::Role', 'perPage')
      .Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .map(({ Action, Resource }) => `${[Action].flat().join(' ')} on ${textOf(Resource)}`)
      .filter((right) => /PageViews|click-files|:views|\/views|archive/.test(right));
    expect(writes).toEqual([
      'dynamodb:DeleteItem dynamodb:PutItem dynamodb:UpdateItem on arn:Partition:dynamodb:Region:AccountId:table/PageViews',
      's3:AbortMultipartUpload s3:PutObject on arn:Partition:s3:::click-files/views/*',
      'sqs:SendMessage on arn:Partition:sqs:Region:AccountId:views',
      'sns:Publish on arn:Partition:sns:Region:AccountId:views',
      'events:PutEvents on arn:Partition:events:Region:AccountId:event-bus/views',
      'firehose:PutRecord firehose:PutRecordBatch on arn:Partition:firehose:Region:AccountId:deliverystream/archive',
      'kinesis:DescribeStreamSummary kinesis:ListShards kinesis:PutRecord kinesis:PutRecords on arn:Partition:kinesis:Region:AccountId:stream/views',
    ]);
  });

  it('are made for a trial where all is known of them', () => {
    const job = jobModuleOf(every).read?.spec as JobSpec;
    const { archive, ...sinks } = job.sinks ?? {};
    expect(archive).toBeDefined();
    const made = deploy({ job: { ...job, sinks }, createEndpoints: true }).template();
    made.hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: 'PageViews',
      AttributeDefinitions: [
        { AttributeName: 'page', AttributeType: 'S' },
        { AttributeName: 'windowStart', AttributeType: 'N' },
      ],
    });
    for (const type of ['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Events::EventBus']) made.resourceCountIs(type, 1);
    made.resourceCountIs('AWS::S3::Bucket', 2);
    made.resourceCountIs('AWS::Kinesis::Stream', 3);
    expect(() => deploy({ job: every, createEndpoints: true })).toThrow(
      /endpoints\.archive: archive cannot be created/,
    );
  });

  /** A value of a template with pseudo parameters by their names. */
  function textOf(value: unknown): string {
    if (typeof value === 'string') return value;
    const { Ref, 'Fn::Join': parts } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
    return Ref === undefined ? (parts?.[1] ?? []).map(textOf).join('') : Ref.replace('AWS::', '');
  }
});

describe('a job that cannot be deployed', () => {
  it('is one that reads or writes the machine it runs on', () => {
    const spec = {
      job: 'local',
      sources: { clicks: { source: `${ENDS}#clicks` } },
      sinks: { out: { input: 'clicks', stdout: 'json' as const } },
    };
    expect(() => deploy({ job: spec })).toThrow(
      /^sinks\.out: stdout json is of the machine that a job runs on; to deploy/,
    );
    expect(() => deploy({ job: spec, replace: { sources: {}, sinks: { out: '-' } } })).not.toThrow();
  });

  it('is one that loses state of the one that is deployed, unless that is allowed', () => {
    const other = planOf(
      job('page-views', ({ source }) => source('views', collection([1])).to('out', blackhole())).graph,
    );
    expect(() => deploy({ deployedPlan: other })).toThrow(
      /this change loses state.*\n {2}views.*LOSES.*position.*it is gone/,
    );
    expect(() => deploy({ deployedPlan: other, allowDroppedState: true })).not.toThrow();
    expect(() => deploy({ deployedPlan: deployed.job.plan })).not.toThrow();
    expect(() => deploy({ deployedPlan: 'package.json' })).toThrow('package.json  deployedPlan: it is no plan');
  });

  it('has too many stages for a stack', () => {
    expect(() => deploy({ job: rowOfStages(60) }).template()).toThrow(
      /60 stages.*takes 500; leave out the alarms of stages/,
    );
    expect(() => deploy({ job: rowOfStages(60), alarms: false }).template()).not.toThrow();
  });
});

it('takes stages that are named like its own parts', () => {
  const spec = {
    job: 'names',
    sources: { Table: { source: `${ENDS}#clicks`, eventTime: 'ingestion' as const } },
    operators: {
      Coordinator: { input: 'Table', keyBy: 'page', window: { tumbling: '10s' }, aggregate: { views: 'count(*)' } },
    },
    sinks: { Bucket: { input: 'Coordinator', sink: `${ENDS}#views` } },
  };
  const { job: made } = deploy({ job: spec });
  expect(made.stages.map(({ name }) => name)).toEqual(['Table', 'Coordinator']);
  expect(made.table.node.path).not.toBe(made.stage('Table').node.path);
});

it('gives the same template for the same job', () => {
  expect(deploy().template().toJSON()).toEqual(template.toJSON());
});

it('tells where its state is', () => {
  const outputs = Object.keys(template.findOutputs('*')).map((name) => name.replace(/^Job|[0-9A-F]{8}$/g, ''));
  expect(outputs).toEqual(['TableName', 'BucketName', 'CoordinatorName', 'DeadLetters']);
});
