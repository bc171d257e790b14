import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { jobJsonSchema } from '../../../core/job/spec/json-schema.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** `millrace schema`: the JSON Schema of the job spec, for an editor. */
export function schemaCommand(finish: (code: ExitCode) => void): Command {
  return new Command('schema')
    .description('print the JSON Schema of the job spec')
    .option('-o, --output <file>', 'write it to a file instead')
    .addHelpText(
      'after',
      `
An editor with a YAML language server completes and checks a job whose first line is

  # yaml-language-server: $schema=./node_modules/millrace/job.schema.json`,
    )
    .action(async ({ output }: { output?: string }) => {
      const text = `${JSON.stringify(jobJsonSchema(), null, 2)}\n`;
      if (output === undefined) process.stdout.write(text);
      else await writeFile(output, text);
      finish(EXIT.done);
    });
}
