import { collection } from '../connector/collection.ts';
import type { Source } from '../connector/source.ts';
import type { Job } from '../job/job.ts';
import type { NodeMetrics } from '../local/local-metrics.ts';
import { runLocal } from '../local/run-local.ts';
import type { Clock } from '../port/clock.ts';
import { collectedJob, type Outputs } from './collected-job.ts';

/** What {@link runJob} puts in the place of the job's connectors. */
export type RunJobOptions = {
  /** By the name of each source its records, or a source that gives them. */
  readonly sources: { readonly [name: string]: readonly unknown[] | Source };
  /** Side outputs to collect that no sink of the job takes, such as `perPage.late`. */
  readonly sides?: readonly string[];
  /** The machine's unless given; a {@link ManualClock} stands still. */
  readonly clock?: Clock;
  /** After every record all state is written, thrown away and read back: nothing may change. */
  readonly restoreEveryRecord?: boolean;
};

/** What a job gave by the end of its input. */
export type JobResult<Results = { readonly [sink: string]: unknown }> = Outputs<Results> & {
  /** By uid: what came in and went out, what was late, what was not handled. */
  readonly metrics: { readonly [uid: string]: NodeMetrics };
};

/**
 * Runs a whole job on collections, to the end of its input, in one thread (Flink: MiniCluster). The job is the one that is
 * deployed: only its ends are replaced. `Results` names the records of its sinks.
 *
 * @throws JobSpecError where a source is not given, or the job has none of a name
 * @example
 * const { sinks, deadLetters } = await runJob<{ table: PageCount }>(pageViews, { sources: { clicks } });
 */
export async function runJob<Results = { readonly [sink: string]: unknown }>(
  job: Job,
  { sources, sides = [], ...options }: RunJobOptions,
): Promise<JobResult<Results>> {
  const given = Object.entries(sources).map(([name, items]) => [name, 'open' in items ? items : collection(items)]);
  const collected = collectedJob<Results>(job.graph, { sources: Object.fromEntries(given), sides });
  const { done } = await runLocal(collected.graph, {
    ...options,
    parallelism: 1,
    deadLetters: collected.deadLetters,
  });
  const { metrics } = await done;
  return { ...collected.outputs, metrics: Object.fromEntries(metrics.map((node) => [node.uid, node])) };
}
