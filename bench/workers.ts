import type { Job } from '../core/job/job.ts';
import { runLocal } from '../core/local/run-local.ts';
import type { Row } from './measure.ts';

/**
 * The job of keyed-work.ts on one worker and on two; the records per second of the clock are what counts. It says
 * nothing where the machine has but one core free.
 */
export function workerRows(records: number): readonly Row[] {
  const module = new URL(`./keyed-work.ts?records=${records}`, import.meta.url);
  return [1, 2].map((parallelism) => ({
    name: parallelism === 1 ? 'one worker' : `${parallelism} workers`,
    records,
    async run() {
      const { default: made } = (await import(module.href)) as { readonly default: Job };
      const { metrics } = await (await runLocal(made.graph, { parallelism, module })).done;
      return metrics.find(({ uid }) => uid === 'readings')?.recordsOut;
    },
  }));
}
