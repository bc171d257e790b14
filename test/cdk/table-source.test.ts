import { Stage, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { deploy, newStack, propertiesOf } from './deploy.ts';

const ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/Orders/stream/2026-01-01T00:00:00.000';
const job: JobSpec = {
  job: 'copy',
  sources: { changes: { dynamodb: ARN } },
  sinks: { out: { input: 'changes', blackhole: null } },
};

describe("a source that is a table's own stream", () => {
  const template = deploy({ job, startFrom: new Date(0) }).template();

  it('is read in order and without gaps by an intake, from its oldest change', () => {
    expect(propertiesOf(template, 'AWS::Lambda::EventSourceMapping', 'Intake')).toMatchObject({
      EventSourceArn: ARN,
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 1,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { Environment } = propertiesOf<{ readonly Environment: { readonly Variables: Record<string, string> } }>(
      template,
      'AWS::Lambda::Function',
      'changesHandler',
    );
    const source = { kind: 'kinesis-stream', address: 'copy-changes' };
    expect(JSON.parse(Environment.Variables.MILLRACE_SOURCE ?? '')).toEqual(source);
  });

  it('may be read by the intake alone', () => {
    const rolesOf = (part: string) => JSON.stringify(propertiesOf(template, 'AWS::IAM::Role', part));
    expect(rolesOf('Intake')).toContain('"dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator"');
    expect(rolesOf('Intake')).not.toContain('kinesis:PutRecord"');
    expect(rolesOf('changesHandler')).not.toContain('dynamodb:GetShardIterator');
  });

  it('of a table of this app has nothing that cdk-nag finds and has no reason', () => {
    const stack = newStack();
    const app = Stage.of(stack) as Stage;
    const changes = new Table(stack, 'Orders', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    deploy({ job, endpoints: { changes } }, stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
