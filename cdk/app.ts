import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { Fault } from '../core/error/error.ts';
import type { Plan } from '../core/graph/plan.ts';
import { describeJob } from '../functions/bundle/describe-job.ts';
import { jobModuleOf } from '../functions/bundle/job-module.ts';
import { StreamJob } from './stream-job.ts';
import type { StreamJobProps } from './stream-job-props.ts';

export type AppProps = StreamJobProps & {
  /** Where the assembly is written, as of `cdk synth`: `cdk.out` unless said. */
  readonly outdir?: string;
  /** Checks the template by CloudFormation's own rules, which takes some seconds; false unless said. */
  readonly validate?: boolean;
};

/** A stack with one job in it, as files from which the CDK, or an emulator, deploys. */
export type SynthesizedJob = {
  readonly outdir: string;
  readonly stackName: string;
  readonly templateFile: string;
  readonly resources: number;
  readonly plan: Plan;
  /** Begins the names of all that is made. */
  readonly deployment: string;
  readonly warnings: readonly Fault[];
};

/**
 * Makes an app of a job's file, for those who have no app of their own; it needs neither network nor credentials, and the
 * stack fits any account and region.
 *
 * @throws JobSpecError listing all that is wrong with the job, or why it cannot be deployed
 *
 * @example
 * synthesizeJob({ job: 'clicks.yaml', outdir: 'cdk.out' }).stackName; // page-views
 */
export function synthesizeJob({ outdir = 'cdk.out', validate = false, ...props }: AppProps): SynthesizedJob {
  const { plan, warnings } = describeJob(jobModuleOf(props.job, props.replace));
  const deployment = props.name ?? plan.job;
  const stackName = stackNameOf(deployment);
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: validate,
    context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
  });
  const stack = new Stack(app, stackName, { description: `The streaming job ${plan.job}` });
  new StreamJob(stack, 'Job', props);
  app.synth();
  const resources = stack.node.findAll().filter((child) => CfnResource.isCfnResource(child)).length;
  const templateFile = join(outdir, stack.templateFile);
  return { outdir, stackName, templateFile, resources, plan, deployment, warnings };
}

/** What CloudFormation allows: letters, digits and hyphens, with a letter first. */
function stackNameOf(deployment: string): string {
  const mended = deployment.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 120);
  return /^[A-Za-z]/.test(mended) ? mended : `job-${mended}`;
}
