import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { MadeResource } from '../../emulator/stack/start-stack.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { countOf } from '../text.ts';
import { billText } from '../up/bill.ts';
import type { Result } from '../up/follow-sinks.ts';
import { inputsOf, prepareStack, runStack, type UpStack } from '../up/run-stack.ts';

type Replaced = { readonly [name: string]: string };

type Options = {
  readonly source: Replaced;
  readonly sink: Replaced;
  readonly data?: string;
  readonly output?: string;
  readonly untilIdle?: number;
  readonly verbose?: true;
};

/** `millrace up`: the stack of a job, on emulators of AWS in this process. */
export function upCommand(finish: (code: ExitCode) => void): Command {
  return new Command('up')
    .description('run the deployed form of a job here: its stack on emulators of AWS')
    .argument('<job>', 'the file of the job')
    .option('--source <name=path>', 'put the lines of a file into what a source reads', named, {})
    .option('--sink <name=path>', 'write a sink elsewhere: NAME=- to the log of its function', named, {})
    .option('--data <dir>', 'keep all data there, and go on from it; in memory unless given')
    .option('-o, --output <dir>', 'the folder of the stack; .millrace/cdk.out beside the job unless given')
    .option('--until-idle <s>', 'end when nothing came out for so many seconds', seconds)
    .option('-v, --verbose', 'show what the functions log')
    .addHelpText(
      'after',
      `
Results go to standard output as they leave the job, everything else to standard error. Ctrl-C ends it.
A file beside the job that is named for a source (clicks.jsonl) is its input, unless --source says otherwise.

  $ millrace up job.yaml
  $ millrace up job.yaml --source clicks=clicks.jsonl --until-idle 10
  $ millrace up job.yaml --sink alerts=-        # a sink that has no emulator`,
    )
    .action(async (file: string, options: Options) => finish(await up(resolve(file), options)));
}

async function up(file: string, options: Options): Promise<ExitCode> {
  const started = performance.now();
  const folder = dirname(file);
  const told = new Told(options.verbose === true);
  const ended = endOfRun(told, options.untilIdle);
  const outdir = resolve(options.output ?? join(folder, '.millrace', 'cdk.out'));
  const prepared = await prepareStack(file, outdir, options.sink);
  const data = options.data === undefined ? undefined : resolve(options.data);
  const running = await runStack(prepared, { onResult: told.result, stack: { folder: data, onLog: told.log } });
  try {
    told.line(madeText(running.stack.made, running.stack.notRun));
    told.line(`ready after ${((performance.now() - started) / 1_000).toFixed(1)} s; Ctrl-C ends it`);
    const fed = await running.feed(inputsOf(folder, prepared.sources, options.source), ended.came);
    for (const [uid, records] of Object.entries(fed)) told.line(`${uid}  ${countOf(records, 'record')} put in`);
    ended.start();
    await ended.promise;
    await tellEnd(running, { told, outdir, seconds: (performance.now() - started) / 1_000 });
  } finally {
    ended.stop();
    await running.stack.stop();
  }
  return EXIT.done;
}

/** What the user sees: results on standard output, the rest beside it. */
class Told {
  results = 0;
  last = performance.now();
  readonly #verbose: boolean;

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  readonly result = ({ sink, text }: Result): void => {
    this.results++;
    this.last = performance.now();
    process.stdout.write(`${sink}  ${text}\n`);
  };

  /** What a function writes: its own log and metrics, which are JSON, where they are wanted; the rest always. */
  readonly log = (name: string, line: string): void => {
    const isLog = line.startsWith('{"level":') || line.startsWith('{"_aws":');
    if (!isLog) this.last = performance.now();
    if (this.#verbose || !isLog) this.line(`${name}  ${line}`);
  };

  line(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** The run ends at a signal, or when nothing came out for a while after the input was put in. */
function endOfRun(told: Told, untilIdle: number | undefined) {
  const end = Promise.withResolvers<void>();
  let came = false;
  const stop = () => {
    came = true;
    end.resolve();
  };
  let timer: NodeJS.Timeout | undefined;
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    promise: end.promise,
    came: () => came,
    start() {
      if (untilIdle === undefined) return;
      told.last = performance.now();
      timer = setInterval(() => {
        if (performance.now() - told.last > untilIdle * 1_000) stop();
      }, 250);
    },
    stop() {
      clearInterval(timer);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}

function madeText(made: readonly MadeResource[], notRun: readonly MadeResource[]): string {
  const types = Map.groupBy(made, ({ type }) => type);
  const width = Math.max(...[...types.keys()].map((type) => type.length));
  const lines = [...types].map(([type, all]) => `  ${type.padEnd(width)}  ${all.map(({ name }) => name).join(', ')}`);
  const others = [...Map.groupBy(notRun, ({ type }) => type)].map(([type, all]) => `${all.length} ${type}`);
  return `made\n${lines.join('\n')}\nnot run here: ${others.join(', ')}`;
}

type End = { readonly told: Told; readonly outdir: string; readonly seconds: number };

/** The bill, and the counts as a file that `millrace estimate --counted` puts beside what it thinks. */
async function tellEnd({ usage }: UpStack, { told, outdir, seconds }: End): Promise<void> {
  const counted = await usage();
  const file = join(outdir, 'counted.json');
  await writeFile(file, JSON.stringify({ seconds, usage: counted }));
  told.line(`${countOf(told.results, 'result')} in ${seconds.toFixed(1)} s`);
  told.line(`${billText(counted)}(counted in ${relative(process.cwd(), file)}, for millrace estimate --counted)`);
}

function named(text: string, before: Replaced): Replaced {
  const cut = text.indexOf('=');
  const [name, path] = [text.slice(0, cut), text.slice(cut + 1)];
  if (cut < 1 || path === '') throw new InvalidArgumentError('write NAME=PATH, or NAME=- for the standard stream');
  return { ...before, [name]: path === '-' ? path : resolve(path) };
}

function seconds(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('it must be a number of seconds above 0');
  return number;
}
