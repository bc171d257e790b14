import type { Command } from 'commander';
import { type DeployOptions, stackCommand, synthesize } from '../deploy-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** `millrace synth`: the stack of a job as files; it needs neither network nor credentials. */
export function synthCommand(finish: (code: ExitCode) => void): Command {
  return stackCommand('synth', 'write the stack of a job; nothing is deployed').action(
    async (job: string, options: DeployOptions) => {
      await synthesize(job, options);
      finish(EXIT.done);
    },
  );
}
