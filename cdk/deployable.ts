import { type Fault, JobSpecError } from '../core/error/error.ts';
import type { JobDescription } from '../functions/bundle/describe-job.ts';
import type { StreamJobProps } from './stream-job-props.ts';

/** Refuses a job that works on one machine only, and properties of stages that it has not. */
export function refuseUndeployable(description: JobDescription, { stages = {}, replace }: StreamJobProps): void {
  const { plan, sources, sinks } = description;
  const nodes = plan.stages.flatMap((stage) => stage.nodes);
  const names = plan.stages.map(({ name }) => name);
  const faults: Fault[] = [
    ...nodes.flatMap(({ uid, kind, does }) => {
      if (kind === 'source' && sources[uid] === undefined) return [local('sources', uid, does)];
      const replaced = replace?.sinks[uid] !== undefined;
      if (kind === 'sink' && sinks[uid] === undefined && !replaced) return [local('sinks', uid, does)];
      return [];
    }),
    ...Object.keys(stages)
      .filter((name) => !names.includes(name))
      .map((name) => ({ path: `stages.${name}`, message: `the job has no such stage; it has ${names.join(', ')}` })),
  ];
  if (faults.length > 0) throw new JobSpecError(faults);
}

function local(group: 'sources' | 'sinks', uid: string, does: string): Fault {
  const way =
    group === 'sources'
      ? 'let it read a stream, a queue or a bucket'
      : 'let it write a stream, a table, a bucket, a queue or a topic';
  return {
    path: `${group}.${uid}`,
    message: `${does} is of the machine that a job runs on; to deploy the job, ${way}`,
  };
}
