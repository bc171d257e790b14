import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceResource } from '../../../core/connector/resource.ts';
import { JobSpecError } from '../../../core/error/error.ts';
import { describeJob } from '../../bundle/describe-job.ts';
import { jobModuleOf } from '../../bundle/job-module.ts';
import type { Usage } from '../../cost/usage.ts';
import { type RunningStack, type StackOptions, startStack } from '../../emulator/stack/start-stack.ts';
import { UsageMeter } from '../../emulator/stack/usage.ts';
import { type Assembly, readAssembly } from '../../emulator/template/read-assembly.ts';
import { synthesizeJob } from '../synthesize.ts';
import { type Feed, feedSource } from './feed-source.ts';
import { type Result, resultsOf, resultsOfDelivery, type Sinks } from './follow-sinks.ts';

type Sources = { readonly [uid: string]: SourceResource | undefined };
type Named = { readonly [uid: string]: string };

/** A job and its stack, as they would be deployed. */
export type PreparedStack = { readonly assembly: Assembly; readonly sources: Sources; readonly sinks: Sinks };

/**
 * Synthesizes the stack of a job as `millrace deploy` does, with all that its sources and sinks name. `sinks`: other places
 * to write to, by the names of sinks.
 *
 * @throws JobSpecError listing all that is wrong with the job, or why it cannot be deployed
 */
export async function prepareStack(file: string, outdir: string, sinks: Named = {}): Promise<PreparedStack> {
  const replace = { sources: {}, sinks };
  const described = describeJob(jobModuleOf(file, replace));
  await synthesizeJob({ job: file, replace, outdir, createEndpoints: true, validate: false });
  return { assembly: await readAssembly(outdir), sources: described.sources, sinks: described.sinks };
}

export type UpOptions = {
  readonly onResult: (result: Result) => void;
  /** How the stack is run, but for what is counted and followed. */
  readonly stack: Omit<StackOptions, 'onDone' | 'onDelivery' | 'onInvocation'>;
};

/** A stack that runs on emulators, and what has happened so far. */
export type UpStack = {
  readonly stack: RunningStack;
  /** What AWS would bill until now: requests, and the hours of the job's own shards. */
  usage(): Promise<Usage>;
  /** Puts the lines of files into sources, by their names; gives how many lines. */
  feed(files: Named, stopped?: () => boolean): Promise<{ readonly [uid: string]: number }>;
};

/** @throws JobSpecError listing what of the stack cannot be run here */
export async function runStack({ assembly, sources, sinks }: PreparedStack, options: UpOptions): Promise<UpStack> {
  const meter = new UsageMeter();
  const started = performance.now();
  const stack = await startStack(assembly, {
    ...options.stack,
    onDone: (call, answer) => {
      meter.observe(call, answer);
      for (const result of resultsOf(call, sinks)) options.onResult(result);
    },
    onDelivery: (delivery) => {
      for (const result of resultsOfDelivery(delivery, sinks)) options.onResult(result);
    },
    onInvocation: meter.invoked,
  });
  return {
    stack,
    async usage() {
      const hours = (performance.now() - started) / 3_600_000;
      return { ...meter.usage, kinesisShardHour: (await inboxShards(stack, [sources, sinks])) * hours };
    },
    async feed(files, stopped = () => false) {
      const feeds = feedsOf(files, sources).map(
        async (feed) => [feed.uid, await feedSource(stack.aws, feed, stopped)] as const,
      );
      return Object.fromEntries(await Promise.all(feeds));
    },
  };
}

/** The shards of the streams that are there for the job alone: what it reads and writes costs the same without it. */
async function inboxShards({ made, aws }: RunningStack, ends: readonly (Sources | Sinks)[]): Promise<number> {
  const others = new Set(ends.flatMap((end) => Object.values(end)).map((end) => end && 'name' in end && end.name));
  const inboxes = made.filter(({ type, name }) => type === 'AWS::Kinesis::Stream' && !others.has(name));
  const shards = inboxes.map(async ({ name }) => {
    const filter = { Type: 'AT_LATEST' };
    const { Shards } = await aws.kinesis.call('ListShards', { StreamName: name, ShardFilter: filter });
    return (Shards as readonly unknown[]).length;
  });
  return (await Promise.all(shards)).reduce((sum, count) => sum + count, 0);
}

/** The input that was named, and what stands in a folder under the name of a source: `clicks.jsonl`. */
export function inputsOf(folder: string, sources: Sources, named: Named): Named {
  const beside = Object.keys(sources).flatMap((uid) => {
    const file = ['.jsonl', '.csv'].map((ending) => join(folder, `${uid}${ending}`)).find((path) => existsSync(path));
    return file === undefined ? [] : [[uid, file] as const];
  });
  return { ...Object.fromEntries(beside), ...named };
}

function feedsOf(files: Named, sources: Sources): readonly Feed[] {
  return Object.entries(files).map(([uid, file]) => {
    const resource = sources[uid];
    if (resource !== undefined) return { uid, resource, file };
    const message = `the job has no source of this name; it has ${Object.keys(sources).join(', ')}`;
    throw new JobSpecError([{ path: `--source ${uid}`, message }]);
  });
}
