import type { SourceResource } from '../core/connector/resource.ts';
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
      if (kind === 'source') return sourceFaults(uid, does, sources[uid]);
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

/** What a stage reads is a Kinesis stream, into which an intake puts the messages of queues and changes of tables; to the others there is a way through one. */
const THROUGH_KINESIS: { readonly [kind in SourceResource['kind']]?: string } = {
  's3-bucket': 'put the objects through a Kinesis stream with millrace/producer',
};

function sourceFaults(uid: string, does: string, resource: SourceResource | undefined): readonly Fault[] {
  if (resource === undefined) return [local('sources', uid, does)];
  const way = THROUGH_KINESIS[resource.kind];
  if (way === undefined) return [];
  return [{ path: `sources.${uid}`, message: `${does} is not read by a deployed job in this version; ${way}` }];
}

function local(group: 'sources' | 'sinks', uid: string, does: string): Fault {
  const way =
    group === 'sources' ? 'let it read a stream' : 'let it write a stream, a table, a bucket, a queue or a topic';
  return {
    path: `${group}.${uid}`,
    message: `${does} is of the machine that a job runs on; to deploy the job, ${way}`,
  };
}
