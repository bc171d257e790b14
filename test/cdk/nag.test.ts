import { RemovalPolicy, Stage, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { StreamJob, type StreamJobProps } from '../../cdk/index.ts';
import { ENDS, newStack, PAGE_VIEWS } from './deploy.ts';

/** What cdk-nag says of a job, with what is made for it. */
function synth(propsOf: (stack: ReturnType<typeof newStack>) => Partial<StreamJobProps>): void {
  const stack = newStack();
  const app = Stage.of(stack) as Stage;
  new StreamJob(stack, 'Job', { job: PAGE_VIEWS, ...propsOf(stack) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

describe('cdk-nag finds nothing that has no reason', () => {
  it('in a job as it is', () => {
    expect(() => synth(() => ({}))).not.toThrow();
  });

  it('in a job with everything switched on', () => {
    const everything = (stack: ReturnType<typeof newStack>): Partial<StreamJobProps> => {
      const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-1',
        availabilityZones: ['a'],
        privateSubnetIds: ['subnet-1'],
      });
      const removalPolicy = RemovalPolicy.DESTROY;
      return {
        removalPolicy,
        encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
        enhancedFanOut: true,
        vpc,
      };
    };
    expect(() => synth(everything)).not.toThrow();
  });

  it('in a trial that makes its streams', () => {
    const job = {
      job: 'copy',
      sources: { clicks: { source: `${ENDS}#clicks` } },
      sinks: { out: { input: 'clicks', blackhole: null } },
    };
    expect(() => synth(() => ({ job, createEndpoints: true }))).not.toThrow();
  });

  it('but finds what has none', () => {
    const careless = (stack: ReturnType<typeof newStack>) => {
      new Bucket(stack, 'Careless');
      return {};
    };
    expect(() => synth(careless)).toThrow('AwsSolutions-S10');
  });
});
