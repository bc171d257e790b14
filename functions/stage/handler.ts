import { RetryableError } from '../../core/error/error.ts';
import { planOf } from '../../core/graph/plan.ts';
import type { Job } from '../../core/job/job.ts';
import type { Writers } from '../connector/sink-target.ts';
import { readStageEnvironment } from '../deployment/environment.ts';

/** The handler of a stage's function; the task runtime takes its place. Until then every batch stays in its stream. */
export function stageHandler(job: Job, _writers: Writers): () => Promise<never> {
  const stages = planOf(job.graph).stages.map(({ name }) => name);
  return async () => {
    const { stage } = readStageEnvironment(process.env);
    throw new RetryableError(`${stage}, one of ${stages.join(', ')}, cannot run on AWS in this version`);
  };
}
