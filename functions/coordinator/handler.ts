import { RetryableError } from '../../core/error/error.ts';
import type { Job } from '../../core/job/job.ts';
import { readCoordinatorEnvironment } from '../deployment/environment.ts';

/** The handler of the coordinator's function; the task runtime takes its place. */
export function coordinatorHandler(_job: Job): () => Promise<never> {
  return async () => {
    const { job } = readCoordinatorEnvironment(process.env);
    throw new RetryableError(`${job} cannot run on AWS in this version`);
  };
}
