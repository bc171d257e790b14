import type { Command } from 'commander';
import type { Plan } from '../../../core/graph/plan.ts';
import { differenceOf, explainDifference } from '../../../core/graph/plan-difference.ts';
import { describeJob } from '../../bundle/describe-job.ts';
import { jobModuleOf } from '../../bundle/job-module.ts';
import { planIn } from '../../deployment/plan-file.ts';
import { loadPart, runCdk } from '../cdk-command.ts';
import { type DeployOptions, stackCommand, synthesize } from '../deploy-options.ts';
import type { ExitCode } from '../exit-code.ts';

const WORDS_FOR_CDK = `
Words after -- go to the CDK, which must be bootstrapped once in each account and region (npx cdk bootstrap):

  $ millrace`;

/** `millrace deploy`: the stack of a job in the account and region that AWS's environment variables say. */
export function deployCommand(finish: (code: ExitCode) => void): Command {
  return stackCommand('deploy', 'deploy a job, after telling what becomes of its state')
    .argument('[words...]', 'for the CDK')
    .addHelpText('after', `${WORDS_FOR_CDK} deploy job.yaml -- --profile production --require-approval never`)
    .action(async (job: string, words: readonly string[], options: DeployOptions) => {
      const { plan, before } = await plansOf(job, options);
      const compared = before === undefined ? {} : { deployedPlan: before };
      const { outdir, stackName } = await synthesize(job, options, compared);
      tellDifference(before, plan);
      finish(await runCdk(['deploy', stackName, '--app', outdir, ...words]));
    });
}

/** `millrace diff`: what a deployment would change, in state and in resources. */
export function diffCommand(finish: (code: ExitCode) => void): Command {
  return stackCommand('diff', 'tell what a deployment would change, in state and in resources')
    .argument('[words...]', 'for the CDK')
    .action(async (job: string, words: readonly string[], options: DeployOptions) => {
      const { plan, before } = await plansOf(job, options);
      tellDifference(before, plan);
      const { outdir, stackName } = await synthesize(job, { ...options, allowDroppedState: true });
      finish(await runCdk(['diff', stackName, '--app', outdir, ...words]));
    });
}

/** `millrace destroy`: removes the stack of a job; its table and bucket stay unless it was deployed with --drop-state. */
export function destroyCommand(finish: (code: ExitCode) => void): Command {
  return stackCommand('destroy', 'remove a job; its state is kept unless it was deployed with --drop-state')
    .argument('[words...]', 'for the CDK')
    .action(async (job: string, words: readonly string[], options: DeployOptions) => {
      const { outdir, stackName } = await synthesize(job, options);
      finish(await runCdk(['destroy', stackName, '--app', outdir, ...words]));
    });
}

type Plans = { readonly plan: Plan; readonly before: Plan | undefined };

/** The plan of the job, and the one that is deployed, by a file or by asking. */
async function plansOf(file: string, { name, deployedPlan }: DeployOptions): Promise<Plans> {
  const { plan } = describeJob(jobModuleOf(file));
  return { plan, before: deployedPlan === undefined ? await askedPlan(name ?? plan.job) : planIn(deployedPlan) };
}

async function askedPlan(deployment: string): Promise<Plan | undefined> {
  const { deployedPlan } = await loadPart(() => import('../deployed-plan.ts'));
  return deployedPlan(deployment);
}

function tellDifference(before: Plan | undefined, plan: Plan): void {
  const told =
    before === undefined ? 'Nothing is deployed under this name.\n' : explainDifference(differenceOf(before, plan));
  process.stderr.write(told);
}
