import { Command, CommanderError } from 'commander';
import { formatFault, JobSpecError, reasonOf } from '../../core/error/error.ts';
import { deployCommand, destroyCommand, diffCommand } from './command/deploy.ts';
import { estimateCommand } from './command/estimate.ts';
import { explainCommand } from './command/explain.ts';
import { initCommand } from './command/init.ts';
import { planCommand } from './command/plan.ts';
import { runCommand } from './command/run.ts';
import { schemaCommand } from './command/schema.ts';
import { synthCommand } from './command/synth.ts';
import { upCommand } from './command/up.ts';
import { validateCommand } from './command/validate.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { countOf } from './text.ts';
import { version } from './version.ts';

/** The command line: parses the words, calls a command, turns what went wrong into a message and an exit code. */
async function main(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = new Command('millrace')
    .description("Stateful stream processing with Flink's model: windows, event time, exactly-once state.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(millrace --help says more)')
    .exitOverride()
    .addHelpText('after', HELP);
  const finish = (ended: ExitCode) => {
    code = ended;
  };
  for (const command of COMMANDS) {
    program.addCommand(command(finish).exitOverride());
  }
  program
    .command('version')
    .description('print the version of millrace and of Node')
    .action(() => {
      process.stdout.write(`millrace ${version()}, Node ${process.versions.node}\n`);
    });
  await program.parseAsync([...words], { from: 'user' });
  return code;
}

const HERE = [runCommand, upCommand, explainCommand, validateCommand, schemaCommand, initCommand];
const ON_AWS = [deployCommand, diffCommand, synthCommand, destroyCommand, planCommand, estimateCommand];
const COMMANDS = [...HERE, ...ON_AWS];

const HELP = `
A job is a file: YAML or JSON (a job spec), or TypeScript whose default export is a job.

  $ millrace init my-job            a project that runs
  $ millrace run job.yaml           run it here; Ctrl-C stops it with a savepoint
  $ millrace run job.yaml --resume  go on where it stopped, or was killed
  $ millrace up job.yaml            its deployed form, on emulators of AWS
  $ millrace explain job.yaml       how it will run: stages, shuffles, state
  $ millrace validate job.yaml      every mistake at once, with its place
  $ millrace deploy job.yaml        each stage a Lambda function, after telling what becomes of state
  $ millrace estimate job.yaml --rate 1000/s    what that costs a month

Exit codes
  0    done
  1    the job failed while it ran
  2    the job, or the command, is wrong; nothing was run
  130  stopped at once by a second Ctrl-C`;

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
  if (error instanceof JobSpecError) {
    process.stderr.write(`${faultsText(error)}\n`);
    return EXIT.refused;
  }
  process.stderr.write(`millrace: ${reasonOf(error)}\n`);
  if (process.env.MILLRACE_STACK && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return EXIT.failed;
}

/** More than anyone reads. */
const MAX_FAULTS_TOLD = 1_000;

/** A line for each fault, then their number, with the file where it is one. */
function faultsText({ faults }: JobSpecError): string {
  const files = new Set(faults.flatMap(({ place }) => place?.file ?? []));
  const [file] = files;
  const where = files.size === 1 ? ` in ${file}` : '';
  const cut =
    faults.length > MAX_FAULTS_TOLD ? `, of which the first ${MAX_FAULTS_TOLD.toLocaleString('en')} are told` : '';
  const lines = faults.slice(0, MAX_FAULTS_TOLD).map(formatFault);
  return [...lines, `${countOf(faults.length, 'fault')}${where}${cut}; nothing was run.`].join('\n');
}

// Not process.exit: what stdout still holds must get out, also into a slow pipe.
process.exitCode = await main(process.argv.slice(2)).catch(report);
