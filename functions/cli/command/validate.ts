import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';
import { tellWarnings } from '../warning.ts';

/** `millrace validate`: every mistake of a job at once, with its place. */
export function validateCommand(finish: (code: ExitCode) => void): Command {
  return new Command('validate')
    .description('find every mistake of a job at once; nothing is run')
    .argument('<job>', 'the file of the job')
    .action(async (file: string) => {
      const { job } = await loadJob(file);
      tellWarnings(job.warnings);
      const blind = job.graph.nodes.filter((node) => node.kind === 'source' && node.schema === undefined);
      if (blind.length > 0 && /\.(ya?ml|json)$/.test(file)) {
        const names = blind.map(({ uid }) => uid).join(', ');
        process.stderr.write(`note: without schema on ${names}, names of columns are not checked\n`);
      }
      process.stdout.write(`${file} has no faults.\n`);
      finish(EXIT.done);
    });
}
