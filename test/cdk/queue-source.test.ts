import { Stage, Validations } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { readCoordinatorEnvironment, readIntakeEnvironment } from '../../functions/deployment/environment.ts';
import { deploy, newStack, propertiesOf, resourcesOf } from './deploy.ts';

const jobOf = (queue: string): JobSpec => ({
  job: 'copy',
  sources: { orders: { sqs: queue } },
  sinks: { out: { input: 'orders', blackhole: null } },
});

const template = deploy({ job: jobOf('orders') }).template();

type Variables = { readonly Environment: { readonly Variables: Record<string, string> } };
const variablesOf = (part: string) =>
  propertiesOf<Variables>(template, 'AWS::Lambda::Function', part).Environment.Variables;

const mappingOf = (made: typeof template, part: string) =>
  propertiesOf<Record<string, unknown>>(made, 'AWS::Lambda::EventSourceMapping', part);

describe('a source that is a queue', () => {
  it('has an intake that fills the stream which its stage reads', () => {
    const stream = 'copy-orders';
    expect(readIntakeEnvironment(variablesOf('Intake'))).toEqual({ deployment: 'copy', stage: 'orders', stream });
    expect(JSON.parse(variablesOf('ordersHandler').MILLRACE_SOURCE ?? '')).toEqual({
      kind: 'kinesis-stream',
      address: stream,
    });
    const { stages } = readCoordinatorEnvironment({
      ...variablesOf('Coordinator'),
      MILLRACE_TABLE: 'table',
      MILLRACE_BUCKET: 'bucket',
    });
    expect(stages).toEqual({ orders: { function: 'copy-orders', inbox: { stream } } });
    expect(resourcesOf(template, 'AWS::Kinesis::Stream').map(([, { Properties }]) => Properties.Name)).toEqual([
      stream,
    ]);
  });

  it('is given to the intake alone, in batches whose failures are told, no more at once than the stream has room for', () => {
    expect(mappingOf(template, 'Intake')).toMatchObject({
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(JSON.stringify(mappingOf(template, 'Intake').EventSourceArn)).toContain(':orders');
    expect(mappingOf(template, 'ordersEventSource')).toMatchObject({ StartingPosition: 'TRIM_HORIZON' });
    const wide = deploy({ job: jobOf('orders'), shards: 3 }).template();
    expect(mappingOf(wide, 'Intake')).toMatchObject({ ScalingConfig: { MaximumConcurrency: 6 } });
  });

  it('that is FIFO is given in tens without a window, as AWS wants it', () => {
    const fifo = mappingOf(deploy({ job: jobOf('orders.fifo') }).template(), 'Intake');
    expect(fifo.BatchSize).toBe(10);
    expect(fifo).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  it('may be received from and deleted by the intake, which may put into the stream, and nothing else', () => {
    type Statement = { readonly Action: string | string[] };
    type Role = {
      readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    };
    const actionsOf = (part: string) =>
      propertiesOf<Role>(template, 'AWS::IAM::Role', part).Policies.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.flatMap(({ Action }) => Action),
      );
    expect(actionsOf('Intake')).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'kinesis:PutRecords',
    ]);
    expect(actionsOf('ordersHandler').filter((action) => action.startsWith('sqs:'))).toEqual([]);
  });

  it('has an alarm, and nothing that cdk-nag finds has no reason, also where the queue is of this app', () => {
    expect(resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id]) => id)).toContainEqual(
      expect.stringContaining('IntakeErrors'),
    );
    const stack = newStack();
    const app = Stage.of(stack) as Stage;
    const deadLetters = new Queue(stack, 'Dead', { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
    const orders = new Queue(stack, 'Orders', {
      encryptionMasterKey: new Key(stack, 'Key', { enableKeyRotation: true }),
      enforceSSL: true,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 10 },
    });
    const { job } = deploy({ job: jobOf('orders'), endpoints: { orders } }, stack);
    expect(job.stage('orders').intake?.function).toBeDefined();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
