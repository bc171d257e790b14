/** Names that follow from a task, so that nobody has to store them. */

/** A task of a job in one incarnation of it. */
export type TaskName = {
  readonly job: string;
  readonly incarnation: number;
  readonly stage: string;
  readonly shard: string;
};

/** Its commit log. */
export function logOf({ job, incarnation, stage, shard }: TaskName): string {
  return `${job}/${incarnation}/${stage}/${shard}`;
}

/** What it is called as a producer, in frames and in the identities of what it wrote. */
export function producerOf({ stage, shard }: Pick<TaskName, 'stage' | 'shard'>): string {
  return `${stage}/${shard}`;
}

/** The log whose first row says which shards the stages began with. No stage is called so: it would have a shard's name. */
export function topologyLogOf(job: string, incarnation: number): string {
  return `${job}/${incarnation}/topology`;
}

/** Where a commit's payload goes that is too large for its row. Nobody else writes there: it holds the writer. */
export function payloadNameOf(task: TaskName, n: number, writer: string): string {
  return `payloads/${logOf(task)}/${String(n).padStart(12, '0')}-${writer}`;
}
