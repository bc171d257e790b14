import { isLogSource } from '../connector/log-source.ts';
import { FencedError, InvariantError, JobSpecError, RetryableError } from '../error/error.ts';
import { MAX_FRAME_RECORDS } from '../frame/frame.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Graph } from '../graph/node.ts';
import type { Clock } from '../port/clock.ts';
import type { CommitTable } from '../port/commit-table.ts';
import type { FrameLog } from '../port/frame-log.ts';
import type { ObjectStore } from '../port/object-store.ts';
import type { Random } from '../port/random.ts';
import type { RecordWriter } from '../port/record-writer.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { CommitLog, DEFAULT_INLINE_BYTES } from './commit-log.ts';
import { FrameInput } from './frame-input.ts';
import { FrameOrder } from './frame-order.ts';
import { HeldFrames } from './held-frames.ts';
import { InboxMap } from './inbox-map.ts';
import type { InputEntry, TaskInput } from './input.ts';
import { NOTHING_SEEN, type ProducerProgress, Progress } from './progress.ts';
import { Publisher } from './publisher.ts';
import { SourceInput } from './source-input.ts';
import { StageChain } from './stage-chain.ts';
import { type StageGraph, stageGraphOf } from './stage-graph.ts';
import { Task } from './task.ts';
import type { TaskContext } from './task-context.ts';
import { memoryOf, type TaskMemory } from './task-memory.ts';
import { producerOf, type TaskName } from './task-name.ts';
import type { TaskReport } from './task-report.ts';
import { readTopology, type Topology } from './topology.ts';
import { TRUST_MS, Trust } from './trust.ts';

export type StageRuntimeOptions = {
  readonly graph: Graph;
  readonly stage: string;
  readonly incarnation: number;
  readonly table: CommitTable;
  readonly objects: ObjectStore;
  /** By the stage that reads each: those that this one sends to. */
  readonly inboxes: ReadonlyMap<string, FrameLog>;
  /** The stream that a source stage reads; needed where idleness is told. */
  readonly source?: FrameLog;
  /** By the uid of the sink. */
  readonly writers: ReadonlyMap<string, RecordWriter>;
  readonly deadLetters: RecordWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<StageLimits>;
  /** For tests: parts that break a rule. */
  readonly parts?: Partial<StageParts>;
};

export type StageLimits = {
  /** A commit's payload of more bytes goes to an object; 8,192 unless said. */
  readonly inlineBytes: number;
  /** Records of a frame; 65,536 unless said. */
  readonly frameRecords: number;
  /** A part ends once so many records wait to be sent; 100,000 unless said. */
  readonly partRecords: number;
  /** Rows on a base, before it is folded anew; as core/state/block says unless said. */
  readonly compactAfter?: number;
  /** What a task's state may take in memory, in bytes, about; as core/state/block says unless said. */
  readonly stateBytes?: number;
  /** How long memory is trusted; 5 minutes unless said (P10). */
  readonly trustMs: number;
};

export type StageParts = {
  readonly task: typeof Task;
  readonly progress: typeof Progress;
  readonly publisher: typeof Publisher;
};

const DEFAULT_LIMITS: StageLimits = {
  inlineBytes: DEFAULT_INLINE_BYTES,
  frameRecords: MAX_FRAME_RECORDS,
  partRecords: 100_000,
  trustMs: TRUST_MS,
};
const DEFAULT_PARTS: StageParts = { task: Task, progress: Progress, publisher: Publisher };

/** An instance that is fenced so often in one call leaves the task to the others. */
const MAX_FENCED = 12;

/**
 * A stage in one instance of its function: the tasks of the shards that came here, each kept warm while its memory is
 * trusted. One call is handled at a time.
 */
export class StageRuntime {
  readonly #options: StageRuntimeOptions;
  readonly #limits: StageLimits;
  readonly #parts: StageParts;
  readonly #stage: StageGraph;
  readonly #instance: string;
  readonly #tasks = new Map<string, Task>();
  /** The shards whose tasks were loaded here before. */
  readonly #known = new Set<string>();
  #shared: { readonly topology: Topology; readonly inboxes: ReadonlyMap<string, InboxMap> } | undefined;
  #writers = 0;

  constructor(options: StageRuntimeOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#parts = { ...DEFAULT_PARTS, ...options.parts };
    this.#stage = stageGraphOf(options.graph, options.stage);
    this.#instance = identityOf(options.random);
  }

  /**
   * Handles the entries of a shard, oldest first.
   *
   * @returns the sequence number of the first that is not committed, since time was up: to be given again from there
   * @throws RetryableError where something outside failed; what was committed stays, and all may be given again
   */
  async batch(shard: string, entries: readonly InputEntry[], deadline: Timestamp): Promise<string | undefined> {
    const left = await this.#with(shard, (task) => task.batch(entries, deadline));
    return left?.sequence;
  }

  /** Runs a task though no data came. */
  async tick(shard: string, deadline: Timestamp): Promise<void> {
    await this.#with(shard, (task) => task.tick(deadline));
  }

  /** What each task of this instance did since this was last asked. */
  takeReports(): readonly TaskReport[] {
    return [...this.#tasks.values()].map((task) => task.takeReport());
  }

  async #with<T>(shard: string, work: (task: Task) => Promise<T>): Promise<T> {
    for (let fenced = 0; fenced < MAX_FENCED; fenced++) {
      const task = await this.#taskOf(shard);
      try {
        return await work(task);
      } catch (error) {
        if (error instanceof FencedError || !task.isUsable) this.#forget(shard, task);
        if (!(error instanceof FencedError)) throw error;
      }
    }
    throw new RetryableError(
      `task ${this.#stage.name}/${shard} went on elsewhere ${MAX_FENCED} times; it is left to them`,
    );
  }

  async #taskOf(shard: string): Promise<Task> {
    const warm = this.#tasks.get(shard);
    if (warm?.isUsable) return warm;
    if (warm !== undefined) this.#forget(shard, warm);
    const task = await this.#load(shard);
    this.#tasks.set(shard, task);
    this.#known.add(shard);
    return task;
  }

  #forget(shard: string, task: Task): void {
    this.#tasks.delete(shard);
    task.close();
  }

  async #load(shard: string): Promise<Task> {
    const { topology, inboxes } = await this.#sharedParts();
    const { graph, stage, incarnation, table, objects, clock } = this.#options;
    const own = topology.stages[stage]?.find(({ id }) => id === shard);
    if (own === undefined) throw unknownShard(stage, shard);
    const name: TaskName = { job: graph.name, incarnation, stage, shard };
    const { inlineBytes, trustMs, compactAfter, stateBytes } = this.#limits;
    const trust = new Trust(clock, trustMs);
    const log = new CommitLog({ task: name, table, objects, clock, inlineBytes });
    const head = await log.head();
    const rows = head === undefined ? [] : await log.since(head);
    const { maxParallelism } = graph.settings;
    const memory = await memoryOf(rows, {
      range: own.range,
      maxParallelism,
      store: objects,
      trust,
      now: clock.now(),
      isNewHere: !this.#known.has(shard),
      ...(compactAfter !== undefined && { compactAfter }),
      ...(stateBytes !== undefined && { stateBytes }),
      orderOf: (progress, held) => {
        const known = head === undefined ? this.#firstProducers(topology, own.range) : progress;
        const knowsAll = this.#stage.head.kind !== 'source';
        return new FrameOrder(new this.#parts.progress(own.range, known, knowsAll), new HeldFrames(held));
      },
    });
    return new this.#parts.task(this.#contextOf({ name, range: own.range, log, topology, inboxes }), memory);
  }

  #contextOf({ name, range, log, topology, inboxes }: Loaded): TaskContext {
    const { graph, clock, source, writers, deadLetters } = this.#options;
    const { frameRecords, partRecords } = this.#limits;
    const { maxParallelism } = graph.settings;
    const shards = topology.stages[name.stage] ?? [];
    const afterMs = idleAfterOf(this.#stage);
    return {
      name,
      range,
      maxParallelism,
      clock,
      log,
      publisher: new this.#parts.publisher({ inboxes, writers, deadLetters, maxParallelism, clock }),
      inboxes,
      producers: shards.length,
      newWriter: () => `${this.#instance}-${++this.#writers}`,
      frameRecords,
      partRecords,
      build: (memory) =>
        this.#build(
          name,
          memory,
          shards.findIndex(({ id }) => id === name.shard),
          shards.length,
        ),
      ...(afterMs !== undefined && source !== undefined && { idleness: { log: source, afterMs } }),
    };
  }

  #build(name: TaskName, memory: TaskMemory, index: number, parallelism: number) {
    const { graph, clock } = this.#options;
    const stage = this.#stage;
    const { maxParallelism } = graph.settings;
    const chain = new StageChain({
      stage,
      subtask: { index, parallelism, maxParallelism },
      backendOf: (uid) => memory.state.backendOf(uid),
      clock,
      ...(memory.n >= 0 && { restored: { watermark: memory.time.watermark, nodeTimes: memory.nodeTimes } }),
    });
    return { chain, input: this.#inputOf(name, memory, chain) };
  }

  #inputOf(name: TaskName, { order, time }: TaskMemory, chain: StageChain): TaskInput {
    const { head } = this.#stage;
    const { clock } = this.#options;
    if (head.kind !== 'source') {
      const { job, incarnation, stage } = name;
      return new FrameInput({ job, incarnation, stage, order, chain, broadcastPorts: broadcastPortsOf(this.#stage) });
    }
    const { source } = head;
    if (!isLogSource(source)) {
      throw new JobSpecError([
        {
          path: `sources.${head.uid}`,
          message: `${source.name} cannot be read by a deployed job; put a stream in its place`,
        },
      ]);
    }
    return new SourceInput({ node: head, source, shard: producerOf(name), order, chain, clock, time });
  }

  #firstProducers({ stages }: Topology, range: KeyGroupRange): readonly ProducerProgress[] {
    return this.#stage.producers.flatMap((stage) =>
      (stages[stage] ?? []).map(({ id }) => ({
        producer: producerOf({ stage, shard: id }),
        seen: [{ range, value: NOTHING_SEEN }],
      })),
    );
  }

  async #sharedParts() {
    if (this.#shared !== undefined) return this.#shared;
    const { table, graph, incarnation, inboxes } = this.#options;
    const topology = await readTopology(table, graph.name, incarnation);
    const maps = new Map(
      [...new Set(this.#stage.exits.map(({ reader }) => reader.uid))].map((stage) => {
        const log = inboxes.get(stage);
        if (log === undefined)
          throw new InvariantError(`stage ${this.#stage.name} was given no inbox of stage ${stage}`);
        return [stage, new InboxMap(log, topology.stages[stage] ?? [], graph.settings.maxParallelism)] as const;
      }),
    );
    this.#shared = { topology, inboxes: maps };
    return this.#shared;
  }
}

type Loaded = {
  readonly name: TaskName;
  readonly range: KeyGroupRange;
  readonly log: CommitLog;
  readonly topology: Topology;
  readonly inboxes: ReadonlyMap<string, InboxMap>;
};

/** Its entries wait in the stream: to pass over them would lose them in silence. */
function unknownShard(stage: string, shard: string): RetryableError {
  return new RetryableError(
    `shard ${shard} is none of those that stage ${stage} began with; a stream must keep its shards while this version of the job runs`,
  );
}

/** 104 bits, so that no two instances of a job's life are called the same. */
function identityOf(random: Random): string {
  return Array.from({ length: 4 }, () => Math.floor(random.next() * 2 ** 26).toString(36)).join('');
}

function idleAfterOf({ head }: StageGraph): number | undefined {
  return head.kind === 'source' && typeof head.eventTime === 'object' ? head.eventTime.idleAfterMs : undefined;
}

function broadcastPortsOf({ head }: StageGraph): ReadonlySet<number> {
  const inputs = head.kind === 'source' ? [] : head.inputs;
  return new Set(inputs.flatMap(({ partitioning, port }) => (partitioning.kind === 'broadcast' ? [port] : [])));
}
