import { RetryableError, reasonOf } from '../error/error.ts';
import { keyGroupsOf } from '../frame/hash-key.ts';
import type { Graph } from '../graph/node.ts';
import type { Clock } from '../port/clock.ts';
import type { CommitTable } from '../port/commit-table.ts';
import type { FrameLog } from '../port/frame-log.ts';
import type { Invoker } from '../port/invoker.ts';
import type { Collector } from './collector.ts';
import { decodeRow, type RowHead } from './row-codec.ts';
import { logOf } from './task-name.ts';
import { readTopology, startJob, type Topology, type TopologyShard } from './topology.ts';

export type CoordinatorOptions = {
  readonly graph: Graph;
  readonly incarnation: number;
  readonly table: CommitTable;
  /** What each stage reads. */
  readonly streams: ReadonlyMap<string, FrameLog>;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Removes what nothing reaches any more; absent: all is kept. */
  readonly collector?: Collector;
};

/** What a tick found. */
export type TickReport = {
  readonly tasks: number;
  readonly invoked: readonly string[];
  readonly failures: readonly string[];
};

/**
 * Starts a job, and looks after tasks that no data wakes.
 *
 * P4   A tick of a task is a commit by whoever gets there first; it costs a cold load and a fence. So a task is touched only
 *      where its head stands still since the look before, and has something due: a timer, time that is owed to a range, a
 *      source that may have become idle, or the outbox of a tick that did not leave (that of a batch leaves with the batch).
 * P13  The start writes one topology row with the shards that the stages begin with.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  /** The last row of each task at the look before. */
  #heads: ReadonlyMap<string, number> = new Map();

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Starting what has started changes nothing. `writer`: an identity that no other attempt has. */
  async start(writer: string): Promise<Topology> {
    const { graph, incarnation, table, streams } = this.#options;
    const stages: Record<string, readonly TopologyShard[]> = {};
    for (const [stage, log] of streams) stages[stage] = await openShards(log, graph.settings.maxParallelism);
    return startJob(table, { name: graph.name, incarnation, writer }, { stages });
  }

  /** `writer`: an identity that no other attempt has. */
  async tick(writer: string): Promise<TickReport> {
    const { graph, incarnation, table, invoker, collector } = this.#options;
    const { stages } = await readTopology(table, graph.name, incarnation);
    const heads = new Map<string, number>();
    const bases = new Map<string, number>();
    const invoked: string[] = [];
    const failures: string[] = [];
    for (const [stage, shards] of Object.entries(stages)) {
      for (const { id: shard } of shards) {
        const log = logOf({ job: graph.name, incarnation, stage, shard });
        const row = await table.head(log);
        const head = row && decodeRow(row.n, row.body).head;
        if (head !== undefined) {
          heads.set(log, head.n);
          bases.set(log, head.base.n);
        }
        if (!this.#isDue(stage, log, head)) continue;
        try {
          await invoker.invoke(stage, { kind: 'tick', shard });
          invoked.push(log);
        } catch (error) {
          if (!(error instanceof RetryableError)) throw error;
          failures.push(`${log}: ${reasonOf(error)}`);
        }
      }
    }
    this.#heads = heads;
    await collector?.collect(bases, writer);
    return { tasks: Object.values(stages).flat().length, invoked, failures };
  }

  #isDue(stage: string, log: string, head: RowHead | undefined): boolean {
    if (head === undefined) return this.#mayBeIdle(stage);
    if (this.#heads.get(log) !== head.n) return false;
    const { kind, wakeAt } = head;
    return kind === 'tick' || (wakeAt !== undefined && wakeAt <= this.#options.clock.now());
  }

  /** A source that nothing ever came to has no row that says when to look. */
  #mayBeIdle(stage: string): boolean {
    const head = this.#options.graph.nodes.find(({ uid }) => uid === stage);
    return head?.kind === 'source' && typeof head.eventTime === 'object' && head.eventTime.idleAfterMs !== undefined;
  }
}

async function openShards(log: FrameLog, maxParallelism: number): Promise<readonly TopologyShard[]> {
  return (await log.shards()).flatMap((shard) => {
    const range = shard.open ? keyGroupsOf(shard, maxParallelism) : undefined;
    return range === undefined ? [] : [{ id: shard.id, range }];
  });
}
