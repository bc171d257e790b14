import type { LogSource } from '../../core/connector/log-source.ts';
import { keyGroupsOf } from '../../core/frame/hash-key.ts';
import type { Graph } from '../../core/graph/node.ts';
import { planOf } from '../../core/graph/plan.ts';
import type { FrameLog } from '../../core/port/frame-log.ts';
import { seededRandom } from '../../core/port/random.ts';
import type { RecordBatch, RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';
import { StageRuntime, type StageRuntimeOptions } from '../../core/task/stage-runtime.ts';
import { startJob, type Topology } from '../../core/task/topology.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryCommitTable } from '../../core/testing/memory-commit-table.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';

/** A stream of JSON records, as a user's Kinesis stream is. */
export function jsonStream<T>(name: string): LogSource<T> {
  const unread = (): never => {
    throw new Error('a task reads the entries that it is given');
  };
  return {
    name,
    bounded: false,
    splits: unread,
    open: unread,
    decode({ bytes, place }) {
      const text = new TextDecoder().decode(bytes);
      try {
        return { values: [JSON.parse(text) as T] };
      } catch {
        return { values: [], faults: [{ reason: 'it is no JSON', raw: text, place }] };
      }
    },
  };
}

/** Keeps each batch once, by its identity, as a sink that makes use of it does. */
export class KeepingWriter implements RecordWriter {
  readonly batches = new Map<string, RecordBatch>();
  /** How many writes there were, repetitions included. */
  writes = 0;

  async write(batch: RecordBatch): Promise<readonly RefusedRecord[]> {
    const { incarnation, task, n } = batch.identity;
    this.writes++;
    this.batches.set(`${incarnation}/${task}/${n}`, batch);
    return [];
  }

  get values(): readonly unknown[] {
    return [...this.batches.values()].flatMap(({ records }) => records.map(({ value }) => value));
  }
}

export type DeploymentOptions = {
  /** Shards of each stage's stream; 1 unless said. */
  readonly shards?: { readonly [stage: string]: number };
  readonly limits?: StageRuntimeOptions['limits'];
};

/** A whole job on memory ports: what a stack is, without its failures. Nothing runs but what is called. */
export class MemoryDeployment {
  readonly graph: Graph;
  readonly clock = new ManualClock(1_000_000);
  readonly table = new MemoryCommitTable();
  readonly objects = new MemoryStore();
  readonly streams = new Map<string, MemoryFrameLog>();
  readonly sinks = new Map<string, KeepingWriter>();
  readonly deadLetters = new KeepingWriter();
  readonly #options: DeploymentOptions;
  readonly #done = new Map<string, number>();
  #runtimes = new Map<string, StageRuntime>();
  #instances = 0;

  constructor(graph: Graph, options: DeploymentOptions = {}) {
    this.graph = graph;
    this.#options = options;
    for (const { name } of planOf(graph).stages) {
      this.streams.set(name, new MemoryFrameLog(options.shards?.[name] ?? 1));
    }
    for (const { kind, uid } of graph.nodes) if (kind === 'sink') this.sinks.set(uid, new KeepingWriter());
  }

  async start(): Promise<void> {
    const { maxParallelism } = this.graph.settings;
    const stages: Record<string, Topology['stages'][string]> = {};
    for (const [stage, log] of this.streams) {
      stages[stage] = (await log.shards()).flatMap((shard) => {
        const range = keyGroupsOf(shard, maxParallelism);
        return range === undefined ? [] : [{ id: shard.id, range }];
      });
    }
    await startJob(this.table, { name: this.graph.name, incarnation: 1, writer: 'start' }, { stages });
  }

  /** An instance of a stage's function that knows nothing. */
  newRuntime(stage: string, parts: Partial<StageRuntimeOptions> = {}): StageRuntime {
    return new StageRuntime({
      graph: this.graph,
      stage,
      incarnation: 1,
      table: this.table,
      objects: this.objects,
      inboxes: this.streams as ReadonlyMap<string, FrameLog>,
      source: this.stream(stage),
      writers: this.sinks,
      deadLetters: this.deadLetters,
      clock: this.clock,
      random: seededRandom(++this.#instances),
      ...(this.#options.limits !== undefined && { limits: this.#options.limits }),
      ...parts,
    });
  }

  stream(stage: string): MemoryFrameLog {
    const stream = this.streams.get(stage);
    if (stream === undefined) throw new RangeError(`there is no stage ${stage}`);
    return stream;
  }

  /** Puts JSON records into the stream of a source, spread over its shards. */
  async put(stage: string, values: readonly unknown[]): Promise<void> {
    for (const [i, value] of values.entries()) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const hashKey = (BigInt(i) * 0x9e3779b97f4a7c15f39cc0605cedc835n) % 2n ** 128n;
      await this.stream(stage).put([{ hashKey, bytes: new TextEncoder().encode(text) }]);
    }
  }

  /** Forgets all warm instances. */
  crash(): void {
    this.#runtimes = new Map();
  }

  /** Gives every stage what stands in its shards, `size` entries at a time, until nothing is left. */
  async settle(size = 100): Promise<void> {
    for (let worked = true; worked; ) {
      worked = false;
      for (const [stage, log] of this.streams) {
        for (const { id } of await log.shards()) worked = (await this.deliver(stage, id, size)) || worked;
      }
    }
  }

  /** Gives one stage all that stands in its shards. */
  async settleStage(stage: string, size = 100): Promise<void> {
    for (const { id } of await this.stream(stage).shards()) while (await this.deliver(stage, id, size));
  }

  /** Gives a shard's next entries to the stage; false where there are none. */
  async deliver(stage: string, shard: string, size = 100): Promise<boolean> {
    const place = `${stage}/${shard}`;
    const from = this.#done.get(place) ?? 0;
    const entries = this.stream(stage)
      .entries(shard)
      .slice(from, from + size);
    if (entries.length === 0) return false;
    const left = await this.#runtime(stage).batch(shard, entries, this.clock.now() + 60_000);
    const done = left === undefined ? entries.length : entries.findIndex(({ sequence }) => sequence === left);
    this.#done.set(place, from + done);
    return true;
  }

  /** Runs a task though no data came. */
  async touch(stage: string, shard: string): Promise<void> {
    await this.#runtime(stage).tick(shard, this.clock.now() + 60_000);
  }

  #runtime(stage: string): StageRuntime {
    let runtime = this.#runtimes.get(stage);
    if (runtime === undefined) {
      runtime = this.newRuntime(stage);
      this.#runtimes.set(stage, runtime);
    }
    return runtime;
  }
}
