import { dirname, join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { reasonOf } from '../../../core/error/error.ts';
import { deadLetterFile } from '../../../core/local/dead-letter-file.ts';
import { FolderStore } from '../../../core/local/folder-store.ts';
import type { LocalRun, RunResult } from '../../../core/local/local-run.ts';
import { runLocal } from '../../../core/local/run-local.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type LoadedJob, loadJob } from '../load-job.ts';
import { operatorLines, progressLine } from '../progress.ts';
import { countOf } from '../text.ts';
import { tellWarnings } from '../warning.ts';

type Options = {
  readonly source: Replaced;
  readonly sink: Replaced;
  readonly parallelism?: number;
  readonly resume?: true | number;
  readonly folder?: string;
  readonly deadLetters?: string;
  readonly allowDroppedState?: true;
  readonly verbose?: true;
  readonly json?: true;
};

/** Other ends of the job by name. */
type Replaced = { readonly [name: string]: string };

/** How often progress is told: on a terminal in place, elsewhere a line. */
const TERMINAL_MS = 500;
const PLAIN_MS = 5_000;

/** `millrace run`: runs a job on this machine until its input ends or somebody stops it. */
export function runCommand(finish: (code: ExitCode) => void): Command {
  return new Command('run')
    .description('run a job on this machine')
    .argument('<job>', 'the file of the job')
    .option('--source <name=path>', 'read a source from files instead, or from standard input: NAME=-', replaced, {})
    .option(
      '--sink <name=path>',
      'write a sink to a folder of files instead, or to standard output: NAME=-',
      replaced,
      {},
    )
    .option('-p, --parallelism <n>', 'worker threads; what the job says unless given', wholeNumber)
    .option('--resume [id]', 'go on from the newest checkpoint, or from one by its id', wholeNumber)
    .option('--folder <dir>', 'where checkpoints and dead letters go; .millrace/<job> beside the job unless given')
    .option(
      '--dead-letters <file>',
      'where records go that cannot be handled; dead-letters.jsonl in the folder unless given',
    )
    .option('--allow-dropped-state', 'resume although the job no longer has some of the state')
    .option('-v, --verbose', 'tell what each operator does')
    .option('--json', 'tell progress and the result as JSON Lines')
    .addHelpText(
      'after',
      `
Results go where the sinks of the job say; progress goes to standard error.
Ctrl-C stops the job with a savepoint, from which --resume goes on; a second Ctrl-C stops it at once.

  $ millrace run job.yaml
  $ millrace run job.yaml --source clicks=clicks.jsonl --sink table=-
  $ millrace run job.ts --parallelism 4 -v
  $ millrace run job.ts --resume`,
    )
    .action(async (file: string, options: Options) => {
      const endpoints = { sources: options.source, sinks: options.sink };
      finish(await run(await loadJob(file, endpoints), options));
    });
}

async function run({ job, module, file }: LoadedJob, options: Options): Promise<ExitCode> {
  const folder = options.folder ?? join(dirname(file), '.millrace', job.name);
  const deadLetters = options.deadLetters ?? join(folder, 'dead-letters.jsonl');
  tellWarnings(job.warnings, options);
  const started = performance.now();
  const running = await runLocal(job.graph, {
    baseFolder: dirname(file),
    store: new FolderStore(folder),
    deadLetters: deadLetterFile(deadLetters),
    module,
    ports: { input: standardInput, output: standardOutput },
    timed: options.verbose ?? false,
    ...(options.parallelism !== undefined && { parallelism: options.parallelism }),
    ...(options.resume !== undefined && { resume: options.resume === true ? 'latest' : options.resume }),
    ...(options.allowDroppedState && { allowDroppedState: true }),
    onCheckpointFailed: (error) => process.stderr.write(`a checkpoint failed: ${reasonOf(error)}; the job goes on\n`),
  });
  const told = tellProgress(running, job.graph, options);
  const signals = stopOnSignal(running);
  try {
    const result = await running.done;
    told.stop();
    tellResult(job.graph, result, { options, deadLetters, seconds: (performance.now() - started) / 1_000 });
    return EXIT.done;
  } finally {
    told.stop();
    signals.stop();
    if (standardInput.used) process.stdin.destroy();
  }
}

/** Touched only by a job that reads it, since an open standard input keeps the process alive. */
const standardInput = {
  used: false,
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    standardInput.used = true;
    return process.stdin[Symbol.asyncIterator]();
  },
};

const standardOutput = {
  write: (text: string) => process.stdout.write(text),
  drained: () => new Promise<void>((resolve) => process.stdout.once('drain', resolve)),
};

function tellProgress(running: LocalRun, graph: LoadedJob['job']['graph'], { json, verbose }: Options) {
  const started = performance.now();
  const inPlace = process.stderr.isTTY === true && !json && !verbose;
  const tell = async () => {
    const metrics = await running.metrics().catch(() => undefined);
    if (metrics === undefined) return;
    const progress = { graph, metrics, seconds: (performance.now() - started) / 1_000, now: Date.now() };
    if (json) process.stderr.write(`${JSON.stringify({ kind: 'progress', metrics })}\n`);
    else if (inPlace) process.stderr.write(`\r\u001b[K${progressLine(progress)}`);
    else process.stderr.write(`${progressLine(progress)}\n${verbose ? `${operatorLines(progress)}\n` : ''}`);
  };
  const timer = setInterval(() => void tell(), inPlace ? TERMINAL_MS : PLAIN_MS);
  return {
    stop() {
      clearInterval(timer);
      if (inPlace) process.stderr.write('\r\u001b[K');
    },
  };
}

type Ended = { readonly options: Options; readonly deadLetters: string; readonly seconds: number };

function tellResult(
  graph: LoadedJob['job']['graph'],
  result: RunResult,
  { options, deadLetters, seconds }: Ended,
): void {
  if (options.json) {
    process.stderr.write(`${JSON.stringify({ kind: 'result', ...result })}\n`);
    return;
  }
  const progress = { graph, metrics: result.metrics, seconds, now: Date.now() };
  process.stderr.write(`${progressLine(progress)}   ${seconds.toFixed(1)} s\n`);
  if (options.verbose) process.stderr.write(`${operatorLines(progress)}\n`);
  if (result.deadLetters > 0) {
    process.stderr.write(
      `${countOf(result.deadLetters, 'record')} could not be handled; see ${relative(process.cwd(), deadLetters)}\n`,
    );
  }
  if (result.outcome === 'stopped')
    process.stderr.write(`Stopped with savepoint ${result.checkpoint}; --resume goes on from it.\n`);
}

/** The first signal stops the job with a savepoint, the second at once. */
function stopOnSignal(running: LocalRun) {
  let signals = 0;
  const stop = () => {
    signals++;
    if (signals > 1) process.exit(EXIT.interrupted);
    process.stderr.write('\nStopping with a savepoint; once more stops at once.\n');
    void running.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    stop() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it must be a whole number above 0');
  return number;
}

/** Paths on the command line are relative to where it is typed, and not to the folder of the job. */
function replaced(text: string, before: Replaced): Replaced {
  const cut = text.indexOf('=');
  const [name, path] = [text.slice(0, cut), text.slice(cut + 1)];
  if (cut < 1 || path === '') throw new InvalidArgumentError('write NAME=PATH, or NAME=- for the standard stream');
  return { ...before, [name]: path === '-' ? path : resolve(path) };
}
