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
      const before = await comparedPlan(job, options);
      const { outdir, stackName } = await synthesize(
        job,
        options,
        before === undefined ? {} : { deployedPlan: before },
      );
      finish(await runCdk(['deploy', stackName, '--app', outdir, ...words]));
    });
}

/** `millrace diff`: what a deployment would change, in state and in resources. */
export function diffCommand(finish: (code: ExitCode) => void): Command {
  return stackCommand('diff', 'tell what a deployment would change, in state and in resources')
    .argument('[words...]', 'for the CDK')
    .action(async (job: string, words: readonly string[], options: DeployOptions) => {
      await comparedPlan(job, options);
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

/** The plan that is deployed, by a file or by asking; what would become of its state is told. */
async function comparedPlan(file: string, { name, deployedPlan }: DeployOptions): Promise<Plan | undefined> {
  const { plan } = describeJob(jobModuleOf(file));
  const before = deployedPlan === undefined ? await askedPlan(name ?? plan.job) : planIn(deployedPlan);
  const told = before === undefined ? NOTHING_DEPLOYED : explainDifference(differenceOf(before, plan));
  process.stderr.write(told);
  return before;
}

const NOTHING_DEPLOYED = 'Nothing is deployed under this name.\n';

async function askedPlan(deployment: string): Promise<Plan | undefined> {
  const { deployedPlan } = await loadPart(() => import('../deployed-plan.ts'));
  return deployedPlan(deployment);
}
