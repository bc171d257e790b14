import { Command, InvalidArgumentError } from 'commander';
import { loadPart } from './cdk-command.ts';
import { type AppProps, synthesizeJob } from './synthesize.ts';
import { countOf } from './text.ts';
import { tellWarnings } from './warning.ts';

/** What `synth`, `diff`, `deploy` and `destroy` can be told in common. */
export type DeployOptions = {
  readonly output: string;
  readonly name?: string;
  readonly memory?: number;
  readonly batchWindow?: number;
  readonly createEndpoints?: true;
  readonly dropState?: true;
  readonly deployedPlan?: string;
  readonly allowDroppedState?: true;
  readonly validate?: true;
};

/** A command on the stack of a job. Words after `--` go to the CDK. */
export function stackCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<job>', 'the file of the job')
    .option('-o, --output <dir>', 'the folder of the stack', 'cdk.out')
    .option('--name <name>', 'deploy under another name than the job’s')
    .option('--memory <MiB>', 'memory of each function; 1024 unless given', wholeNumber)
    .option(
      '--batch-window <s>',
      'how long a batch is waited for until it is full; 1 second for sources and 0 for inboxes unless given',
      wholeNumber,
    )
    .option('--create-endpoints', 'make the streams, tables, buckets and queues that the job names')
    .option('--drop-state', 'remove table and bucket with the stack; they are kept unless given')
    .option('--deployed-plan <file>', 'compare with the plan in this file (millrace plan), and ask nobody')
    .option('--validate', 'check the stack by the rules of CloudFormation, which takes some seconds')
    .option('--allow-dropped-state', 'go on although the deployed job loses state');
}

/** The stack of a job, told in a line. */
export async function synthesize(job: string, options: DeployOptions, compared: Pick<AppProps, 'deployedPlan'> = {}) {
  const made = await synthesizeJob({ job, ...compared, ...(await propsOf(options)) });
  tellWarnings(made.warnings);
  const size = `${countOf(made.plan.stages.length, 'stage')}, ${countOf(made.resources, 'resource')}`;
  process.stderr.write(`${made.stackName}: ${size}, in ${made.templateFile}\n`);
  return made;
}

async function propsOf(options: DeployOptions): Promise<Omit<AppProps, 'job'>> {
  const { Duration, RemovalPolicy, Size } = await loadPart(() => import('aws-cdk-lib'));
  const { output, name, memory, batchWindow, createEndpoints, dropState, deployedPlan } = options;
  return {
    outdir: output,
    ...(name !== undefined && { name }),
    ...(memory !== undefined && { memory: Size.mebibytes(memory) }),
    ...(batchWindow !== undefined && { batchWindow: Duration.seconds(batchWindow) }),
    ...(createEndpoints && { createEndpoints }),
    ...(dropState && { removalPolicy: RemovalPolicy.DESTROY }),
    ...(deployedPlan !== undefined && { deployedPlan }),
    ...(options.allowDroppedState && { allowDroppedState: true }),
    ...(options.validate && { validate: true }),
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('it must be a whole number from 0 up');
  return number;
}
