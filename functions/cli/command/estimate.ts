import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../core/time/duration.ts';
import { estimate, estimateText } from '../../cost/estimate.ts';
import { type Usage, usageFrom } from '../../cost/usage.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { loadJob } from '../load-job.ts';

type Options = {
  readonly rate: number;
  readonly eventSize: number;
  readonly keys: number;
  readonly batchWindow: number;
  readonly memory: number;
  readonly packed?: true;
  readonly counted?: string;
  readonly json?: true;
};

/** `millrace estimate`: what a job costs a month on AWS, before it is there. */
export function estimateCommand(finish: (code: ExitCode) => void): Command {
  return new Command('estimate')
    .description('what a job costs a month on AWS, by item, beside other ways')
    .argument('<job>', 'the file of the job')
    .requiredOption('--rate <events>', 'events over all sources: 1000/s, 5k/s, 60/m', rate)
    .option('--event-size <bytes>', 'bytes of an event: 200, 1KB, 2.5kB', bytes, 1_000)
    .option('--keys <n>', 'different keys', number, 10_000)
    .option('--batch-window <time>', 'how long a batch is waited for until it is full', seconds, 1)
    .option('--memory <MiB>', 'memory of each function', number, 1_024)
    .option('--packed', 'the sources hold packed events, as millrace/producer writes them')
    .option('--counted <file>', 'requests that were counted, in the same table: { "seconds": 600, "usage": { … } }')
    .option('--json', 'as JSON')
    .addHelpText('after', '\n  $ millrace estimate job.yaml --rate 1000/s --event-size 1KB --keys 10000')
    .action(async (file: string, options: Options) => {
      const { job } = await loadJob(file);
      const { rate, eventSize, keys, batchWindow, memory, packed = false, counted, json } = options;
      const workload = { rate, eventBytes: eventSize, keys, batchSeconds: batchWindow, memory, packed };
      const estimated = estimate(job.graph, workload);
      const usage = counted === undefined ? undefined : countedUsage(counted);
      const text = json
        ? `${JSON.stringify({ ...estimated, counted: usage }, null, 2)}\n`
        : estimateText(estimated, usage);
      process.stdout.write(text);
      finish(EXIT.done);
    });
}

function countedUsage(file: string): Usage {
  const { seconds: span, usage } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly seconds: number;
    readonly usage: Usage;
  };
  return usageFrom(usage, span);
}

const SCALES: { readonly [unit: string]: number } = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

function rate(text: string): number {
  const [, count, scale = '', per = 's'] = /^([\d._,]+)\s*([kKmM]?)(?:\/(s|m|h|d))?$/.exec(text) ?? [];
  const perSecond =
    (numberOf(count) * (SCALES[scale.toLowerCase()] ?? 1)) / ((parseDuration(`1${per}`) ?? 1_000) / 1_000);
  return above0(perSecond, 'write a rate such as 1000/s, 5k/s or 60/m');
}

function bytes(text: string): number {
  const [, count, scale = ''] = /^([\d._,]+)\s*([kKmM]?)i?[bB]?$/.exec(text) ?? [];
  return above0(numberOf(count) * (SCALES[scale.toLowerCase()] ?? 1), 'write a size such as 200, 1KB or 1MB');
}

function number(text: string): number {
  return above0(numberOf(text), 'write a number above 0');
}

function seconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 0 || ms > 300_000) throw new InvalidArgumentError('write a time up to 300s, such as 1s');
  return ms / 1_000;
}

function numberOf(text: string | undefined): number {
  return Number((text ?? '').replaceAll(/[_,]/g, '') || Number.NaN);
}

function above0(value: number, way: string): number {
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError(way);
  return value;
}
