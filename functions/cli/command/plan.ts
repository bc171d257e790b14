import { Command } from 'commander';
import { loadPart } from '../cdk-command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** `millrace plan`: the plan that is deployed, as JSON, for `--deployed-plan` where AWS cannot be asked. */
export function planCommand(finish: (code: ExitCode) => void): Command {
  return new Command('plan')
    .description('print the plan of a deployed job as JSON')
    .argument('<name>', 'the name that it was deployed under')
    .action(async (name: string) => {
      const { deployedPlan } = await loadPart(() => import('../deployed-plan.ts'));
      const plan = await deployedPlan(name);
      if (plan === undefined) throw new Error(`no job is deployed under the name ${name} in this account and region`);
      process.stdout.write(`${JSON.stringify(plan)}\n`);
      finish(EXIT.done);
    });
}
