import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import { InvariantError, RetryableError } from '../error/error.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { CommitTable } from '../port/commit-table.ts';
import { topologyLogOf } from './task-name.ts';

/**
 * The shards that each stage began with (P13): whoever reads a stage knows its first producers by them, instead of
 * guessing from what comes. It is one row, written once by the start of the job.
 */
export type Topology = { readonly stages: { readonly [stage: string]: readonly TopologyShard[] } };

/** A shard with the key groups that it holds; one that holds none has no task and is left out. */
export type TopologyShard = { readonly id: string; readonly range: KeyGroupRange };

const VERSION = 1;

/** Writes the topology, unless there is one: then that one holds. Gives the one that holds. */
export async function startJob(
  table: CommitTable,
  job: { readonly name: string; readonly incarnation: number; readonly writer: string },
  topology: Topology,
): Promise<Topology> {
  const log = topologyLogOf(job.name, job.incarnation);
  await table.put(log, { n: 0, writer: job.writer, body: encodeValue([VERSION, topology]) });
  return readTopology(table, job.name, job.incarnation);
}

/** @throws RetryableError where the job has not been started */
export async function readTopology(table: CommitTable, job: string, incarnation: number): Promise<Topology> {
  const row = await table.head(topologyLogOf(job, incarnation));
  if (row === undefined) {
    throw new RetryableError(
      `incarnation ${incarnation} of job ${job} has not been started yet; its coordinator does it`,
    );
  }
  const [version, topology] = decodeValue(row.body) as readonly [number, Topology];
  if (version !== VERSION) throw new InvariantError(`the topology row of ${job} has format ${version}, not ${VERSION}`);
  return topology;
}
