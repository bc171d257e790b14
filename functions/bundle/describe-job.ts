import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SinkResource, SourceResource } from '../../core/connector/resource.ts';
import { type Fault, JobSpecError } from '../../core/error/error.ts';
import type { Plan } from '../../core/graph/plan.ts';
import type { Job } from '../../core/job/job.ts';
import type { RecordedCode } from '../../core/job/spec/expression-recorder.ts';
import type { SpecFault } from '../../core/job/spec/spec-fault.ts';
import { settle } from '../cli/read-spec.ts';
import { buildBundle, installedPath, writeBundle } from './build-bundle.ts';
import { type JobModule, withCompiled } from './job-module.ts';

/** What a deployment must know of a job. */
export type JobDescription = {
  readonly plan: Plan;
  readonly warnings: readonly Fault[];
  /** What each source reads and each sink writes in AWS; absent: something of the machine that the job runs on. */
  readonly sources: { readonly [uid: string]: SourceResource | undefined };
  readonly sinks: { readonly [uid: string]: SinkResource | undefined };
  /** The words of its sinks whose writers a stage needs. */
  readonly writers: readonly string[];
  /** The job as a bundle holds it: its expressions compiled. */
  readonly deployed: JobModule;
};

type Described = Pick<JobDescription, 'plan' | 'sources' | 'sinks' | 'writers'> & {
  readonly recorded: RecordedCode | undefined;
  readonly default: Job | undefined;
  readonly faults: readonly SpecFault[];
};

/**
 * Plans a job. It is bundled with a core of its own and loaded at once: nothing is awaited, and the plan is made by the very
 * code that will run.
 *
 * @throws JobSpecError listing all that is wrong with it
 */
export function describeJob(module: JobModule): JobDescription {
  const described = load(module);
  if (module.read === undefined && described.default?.kind !== 'job') {
    const message = 'does not export a job as its default; write `export default job(…)`';
    throw new JobSpecError([{ path: '', message, place: { file: module.name } }]);
  }
  const job = described.default as Job;
  const warnings = module.read === undefined ? job.warnings : settle(module.read, { ...described, default: job });
  const { plan, sources, sinks, writers, recorded } = described;
  const deployed = recorded === undefined ? module : withCompiled(module, recorded);
  return { plan, warnings, sources, sinks, writers, deployed };
}

function load(module: JobModule): Described {
  const { text } = bundled(module);
  const file = writeBundle(join(module.folder, '.millrace', 'build', 'plan'), 'index.mjs', text);
  try {
    return createRequire(file)(file) as Described;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    const message = 'awaits something while it is loaded, and a job is planned without waiting; load it in open';
    throw new JobSpecError([{ path: '', message, place: { file: module.name } }]);
  }
}

function bundled(module: JobModule) {
  const { code, folder, name, read } = module;
  const entry = `${code}
import { planOf } from ${JSON.stringify(installedPath('../../core/graph/plan'))};
const whole = job?.kind === 'job' && faults.length === 0;
const ends = (kind) => Object.fromEntries(whole ? job.graph.nodes.filter((node) => node.kind === kind).map((node) => [node.uid, node[kind].resource]) : []);
export const plan = whole ? planOf(job.graph) : undefined;
export const sources = ends('source');
export const sinks = ends('sink');
export const writers = whole ? [...new Set(job.graph.nodes.flatMap((node) => node.kind === 'sink' && node.sink.deployed ? [node.sink.deployed.word] : []))] : [];
export const recorded = ${read === undefined ? 'undefined' : 'expressions.recorded()'};
export { faults };
export default job;`;
  try {
    return buildBundle({ code: entry, folder, name });
  } catch (error) {
    throw error instanceof JobSpecError ? new JobSpecError([...(read?.faults ?? []), ...error.faults]) : error;
  }
}
