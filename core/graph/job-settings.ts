import { DEFAULT_MAX_PARALLELISM } from '../codec/key.ts';
import type { Fault } from '../error/error.ts';
import type { JobSettings } from './node.ts';

export const DEFAULT_SETTINGS: JobSettings = {
  parallelism: 1,
  maxParallelism: DEFAULT_MAX_PARALLELISM,
  onPoison: 'deadLetter',
};

/** Flink's upper bound of key groups: 2^15. */
export const MAX_PARALLELISM_LIMIT = 32_768;

/** All that is wrong with a job's settings. */
export function settingsFaults(settings: JobSettings): Fault[] {
  const faults: Fault[] = [];
  const { parallelism, maxParallelism, checkpointEveryMs, onPoison } = settings;
  const maxFault = maxParallelismFault(maxParallelism);
  if (maxFault !== undefined) faults.push({ path: 'settings.maxParallelism', message: maxFault });
  const fault = parallelismFault(parallelism, maxFault === undefined ? maxParallelism : MAX_PARALLELISM_LIMIT);
  if (fault !== undefined) faults.push({ path: 'settings.parallelism', message: fault });
  if (checkpointEveryMs !== undefined && !(Number.isFinite(checkpointEveryMs) && checkpointEveryMs > 0)) {
    faults.push({
      path: 'settings.checkpointEvery',
      message: `${checkpointEveryMs} ms is not above 0; leave it out for no checkpoints`,
    });
  }
  if (onPoison !== 'deadLetter' && onPoison !== 'stop') {
    faults.push({
      path: 'settings.onPoison',
      message: `${JSON.stringify(onPoison)} is unknown; use deadLetter or stop`,
    });
  }
  return faults;
}

function maxParallelismFault(maxParallelism: number): string | undefined {
  if (!Number.isInteger(maxParallelism) || maxParallelism < 1 || maxParallelism > MAX_PARALLELISM_LIMIT) {
    return `${maxParallelism} is not from 1 to ${MAX_PARALLELISM_LIMIT}`;
  }
  if ((maxParallelism & (maxParallelism - 1)) === 0) return undefined;
  const below = 2 ** Math.floor(Math.log2(maxParallelism));
  return `${maxParallelism} is not a power of two; use ${below} or ${Math.min(below * 2, MAX_PARALLELISM_LIMIT)}`;
}

/** What is wrong with a parallelism; undefined where nothing is. */
export function parallelismFault(parallelism: number, maxParallelism: number): string | undefined {
  if (!Number.isInteger(parallelism) || parallelism < 1) return `${parallelism} is not a whole number above 0`;
  if (parallelism <= maxParallelism) return undefined;
  return `${parallelism} is above maxParallelism (${maxParallelism}), which is how many key groups there are to share out`;
}
