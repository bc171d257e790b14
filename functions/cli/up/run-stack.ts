import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceResource } from '../../../core/connector/resource.ts';
import { JobSpecError } from '../../../core/error/error.ts';
import { describeJob } from '../../bundle/describe-job.ts';
import { jobModuleOf } from '../../bundle/job-module.ts';
import { type RunningStack, startStack } from '../../emulator/stack/start-stack.ts';
import { type Usage, UsageMeter } from '../../emulator/stack/usage.ts';
import { readAssembly } from '../../emulator/template/read-assembly.ts';
import { synthesizeJob } from '../synthesize.ts';
import { type Feed, feedSource } from './feed-source.ts';
import { type Result, resultsOf, resultsOfDelivery } from './follow-sinks.ts';

export type UpOptions = {
  /** The file of the job, and the folder that it stands in. */
  readonly file: string;
  readonly folder: string;
  /** Files whose lines are put into sources, by name. */
  readonly sources: { readonly [uid: string]: string };
  /** Sinks that are written elsewhere, by name. */
  readonly sinks: { readonly [uid: string]: string };
  /** Where data is kept from one run to the next; in memory unless given. */
  readonly data?: string | undefined;
  readonly outdir: string;
  readonly onResult: (result: Result) => void;
  readonly onLog: (name: string, line: string) => void;
};

/** A job that runs on emulators, and what has happened so far. */
export type UpStack = {
  readonly stack: RunningStack;
  readonly usage: () => Usage;
  /** Puts the input in; gives the records by source. */
  feed(stopped: () => boolean): Promise<readonly { readonly uid: string; readonly records: number }[]>;
};

/**
 * Synthesizes the stack of a job as `millrace deploy` does, with all that its sources and sinks name, and runs it here.
 *
 * @throws JobSpecError listing all that is wrong with the job, or that cannot be run here
 */
export async function runStack(options: UpOptions): Promise<UpStack> {
  const replace = { sources: {}, sinks: options.sinks };
  const { sources, sinks } = describeJob(jobModuleOf(options.file, replace));
  const feeds = feedsOf(options, sources);
  await synthesizeJob({ job: options.file, replace, outdir: options.outdir, createEndpoints: true });
  const meter = new UsageMeter();
  const stack = await startStack(await readAssembly(options.outdir), {
    folder: options.data,
    onDone: (call, answer) => {
      meter.observe(call, answer);
      for (const result of resultsOf(call, sinks)) options.onResult(result);
    },
    onDelivery: (delivery) => {
      for (const result of resultsOfDelivery(delivery, sinks)) options.onResult(result);
    },
    onInvocation: meter.invoked,
    onLog: options.onLog,
  });
  return {
    stack,
    usage: () => meter.usage,
    feed: (stopped) =>
      Promise.all(feeds.map(async (feed) => ({ uid: feed.uid, records: await feedSource(stack.aws, feed, stopped) }))),
  };
}

/** The input that was named, else what stands beside the job under the name of a source: `clicks.jsonl`. */
function feedsOf(
  { folder, sources: given }: UpOptions,
  sources: { readonly [uid: string]: SourceResource | undefined },
): readonly Feed[] {
  const unknown = Object.keys(given).filter((uid) => !(uid in sources));
  if (unknown.length > 0) {
    const message = `the job has no source of this name; it has ${Object.keys(sources).join(', ')}`;
    throw new JobSpecError(unknown.map((uid) => ({ path: `--source ${uid}`, message })));
  }
  return Object.entries(sources).flatMap(([uid, resource]) => {
    const beside = ['.jsonl', '.csv'].map((ending) => join(folder, `${uid}${ending}`)).find((path) => existsSync(path));
    const file = given[uid] ?? beside;
    return file === undefined || resource === undefined ? [] : [{ uid, resource, file }];
  });
}
