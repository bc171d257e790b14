import { Command, Option } from 'commander';
import { type ExplainFormat, explain } from '../../../core/graph/explain.ts';
import { planOf } from '../../../core/graph/plan.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';
import { tellWarnings } from '../warning.ts';

/** `millrace explain`: how a job will run. */
export function explainCommand(finish: (code: ExitCode) => void): Command {
  return new Command('explain')
    .description('show how a job will run: stages, shuffles, state')
    .argument('<job>', 'the file of the job')
    .addOption(new Option('-f, --format <format>', 'how').choices(['text', 'json', 'mermaid']).default('text'))
    .action(async (file: string, { format }: { format: ExplainFormat }) => {
      const { job } = await loadJob(file);
      tellWarnings(job.warnings);
      process.stdout.write(`${explain(planOf(job.graph), format).trimEnd()}\n`);
      finish(EXIT.done);
    });
}
