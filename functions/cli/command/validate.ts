import { extname, resolve } from 'node:path';
import { Command } from 'commander';
import { JobSpecError } from '../../../core/error/error.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { loadJob, specFaults } from '../load-job.ts';

/** `millrace validate`: every mistake of a job at once, with its place. */
export function validateCommand(finish: (code: ExitCode) => void): Command {
  return new Command('validate')
    .description('find every mistake of a job at once; nothing is run')
    .argument('<job>', 'the file of the job; of a spec its shape is checked')
    .action(async (file: string) => {
      if (['.yaml', '.yml', '.json'].includes(extname(file))) {
        const faults = await specFaults(resolve(file));
        if (faults.length > 0) throw new JobSpecError(faults);
      } else {
        const { job } = await loadJob(file);
        for (const { path, message } of job.warnings) process.stderr.write(`warning: ${path}: ${message}\n`);
      }
      process.stdout.write(`${file} has no faults.\n`);
      finish(EXIT.done);
    });
}
