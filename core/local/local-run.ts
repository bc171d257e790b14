import type { DeadLetterWriter } from '../chain/dead-letter.ts';
import type { Manifest, RestoredCheckpoint, SinkSnapshot, SplitSnapshot } from '../checkpoint/checkpoint.ts';
import { type CheckpointStore, encodePart } from '../checkpoint/checkpoint-store.ts';
import type { SinkContext } from '../connector/sink.ts';
import type { SourceContext } from '../connector/source.ts';
import { reasonOf } from '../error/error.ts';
import type { Graph, SinkNode } from '../graph/node.ts';
import type { Clock } from '../port/clock.ts';
import { seededRandom } from '../port/random.ts';
import type { MachinePorts } from './environment.ts';
import type { Layout } from './layout.ts';
import { mergeMetrics, type NodeMetrics } from './local-metrics.ts';
import { SplitAssigner } from './splits.ts';
import type { SubtaskPart } from './subtask.ts';
import type { SubtaskHandle } from './subtask-handle.ts';

/** So many checkpoints in a row may fail before the job is stopped: state that cannot be saved must not grow for ever. */
export const MAX_FAILED_CHECKPOINTS = 10;
/** How many complete checkpoints are kept; savepoints always are. */
export const KEPT_CHECKPOINTS = 3;

/** What a run came to. */
export type RunResult = {
  /** `ended`: the input is worked off. `stopped`: somebody stopped it. */
  readonly outcome: 'ended' | 'stopped';
  readonly metrics: readonly NodeMetrics[];
  readonly deadLetters: number;
  /** The last complete checkpoint; absent where there is no store, or none was taken. */
  readonly checkpoint?: number;
};

/** A job that runs on this machine. */
export interface LocalRun {
  /** Rejects when the job fails; the last checkpoint is what to resume from. */
  readonly done: Promise<RunResult>;
  /** Takes a checkpoint now. Rejects where it cannot be written; the job goes on. */
  checkpoint(kind?: 'checkpoint' | 'savepoint'): Promise<number>;
  /** Ends the run: with a savepoint unless told not to, and without losing what is under way. */
  stop(options?: { readonly savepoint?: boolean }): Promise<RunResult>;
  metrics(): Promise<readonly NodeMetrics[]>;
}

export type CoordinatorOptions = {
  readonly graph: Graph;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly ports: MachinePorts;
  readonly baseFolder: string;
  readonly incarnation: number;
  readonly signal: AbortSignal;
  readonly store: CheckpointStore | undefined;
  readonly restored: RestoredCheckpoint | undefined;
  readonly nextCheckpoint: number;
  readonly deadLetters: DeadLetterWriter;
  readonly countDeadLetters: () => number;
  /** A checkpoint that failed, while the job goes on. */
  readonly onCheckpointFailed: (error: unknown, inARow: number) => void;
};

/**
 * The coordinator of one run: hands out splits, takes checkpoints, ends the run.
 *
 * Coming to rest: all subtasks stop reading. Then, level by level, what is under way (async I/O) is waited for and the
 * channels are worked off. After the last level nothing is anywhere but in state: a consistent cut without channel state.
 *
 * 1. Parts are written, then the manifest; only then do sinks commit. A crash in between is mended by committing again.
 * 2. One of checkpoint, discovery, end and stop at a time.
 */
export class Coordinator implements LocalRun {
  readonly done: Promise<RunResult>;
  readonly #options: CoordinatorOptions;
  readonly #subtasks: readonly SubtaskHandle[];
  readonly #assigners: readonly SplitAssigner[];
  readonly #timers: (() => void)[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  /** What sinks have prepared and is not committed yet: a checkpoint that fails leaves it to the next one. */
  readonly #prepared: SinkSnapshot[] = [];
  #checkpointId: number;
  #lastCheckpoint: number | undefined;
  #failedInARow = 0;
  #running: number;
  #settle: { resolve: (result: RunResult) => void; reject: (error: unknown) => void };
  #closing: Promise<void> | undefined;

  constructor(options: CoordinatorOptions, subtasks: readonly SubtaskHandle[]) {
    this.#options = options;
    this.#subtasks = subtasks;
    this.#checkpointId = options.nextCheckpoint;
    this.#running = subtasks.length;
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    this.done = promise;
    this.#settle = { resolve, reject };
    const { layout, graph } = options;
    this.#assigners = graph.nodes.flatMap((node) =>
      node.kind === 'source' ? [new SplitAssigner(node, layout.parallelismOf(node.uid))] : [],
    );
    for (const subtask of subtasks) subtask.ended.catch((error) => this.#fail(error));
  }

  /** Mends what a crash left, hands out the splits and begins. */
  async start(): Promise<void> {
    const { restored, graph } = this.#options;
    const sinks = graph.nodes.filter((node) => node.kind === 'sink');
    if (restored !== undefined) {
      this.#lastCheckpoint = restored.manifest.id;
      await this.#commit(restored.subtasks.flatMap((subtask) => subtask.sinks));
    }
    for (const node of sinks) await node.sink.abandon?.(this.#sinkContext(node));
    for (const assigner of this.#assigners) {
      const shares = await this.#shares(assigner);
      shares.forEach((splits, index) => {
        this.#subtasks[index]?.addSplits(assigner.node.uid, splits, assigner.isComplete);
      });
    }
    for (const subtask of this.#subtasks) subtask.resume();
    this.#schedule();
  }

  /** A subtask tells that its sources have come to their end. */
  sourcesEnded(): void {
    this.#running--;
    if (this.#running === 0) void this.#exclusively(() => this.#end()).catch((error) => this.#fail(error));
  }

  /** Something that belongs to the run has failed. */
  fail(error: unknown): void {
    this.#fail(error);
  }

  checkpoint(kind: 'checkpoint' | 'savepoint' = 'checkpoint'): Promise<number> {
    return this.#exclusively(async () => {
      const parts = await this.#cut();
      try {
        return await this.#save(kind, parts);
      } finally {
        for (const subtask of this.#subtasks) subtask.resume();
      }
    });
  }

  stop({ savepoint = true }: { readonly savepoint?: boolean } = {}): Promise<RunResult> {
    void this.#exclusively(async () => {
      if (savepoint) await this.#save('savepoint', await this.#cut());
      else await this.#comeToRest();
      await this.#finish('stopped');
    }).catch((error) => this.#fail(error));
    return this.done;
  }

  async metrics(): Promise<readonly NodeMetrics[]> {
    const order = new Map(this.#options.graph.nodes.map(({ uid }, place) => [uid, place]));
    const merged = mergeMetrics(await Promise.all(this.#subtasks.map((subtask) => subtask.metrics())));
    return [...merged].sort((a, b) => (order.get(a.uid) ?? 0) - (order.get(b.uid) ?? 0));
  }

  /** The input is worked off: the levels end one after another, then the sinks commit for the last time. */
  async #end(): Promise<void> {
    await Promise.all(this.#subtasks.map((subtask) => subtask.pause()));
    for (let level = 0; level < this.#options.layout.levels; level++) {
      await Promise.all(this.#subtasks.map((subtask) => subtask.rest()));
      await Promise.all(this.#subtasks.map((subtask) => subtask.finish(level)));
    }
    await Promise.all(this.#subtasks.map((subtask) => subtask.rest()));
    await this.#save('end', await this.#snapshot());
    await this.#finish('ended');
  }

  /**
   * Comes to rest and takes what a checkpoint holds. What fails here fails the run: a writer that could not send its records
   * has them no more, and a later checkpoint would stand behind them.
   */
  async #cut(): Promise<readonly SubtaskPart[]> {
    try {
      await this.#comeToRest();
      return await this.#snapshot();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async #comeToRest(): Promise<void> {
    await Promise.all(this.#subtasks.map((subtask) => subtask.pause()));
    for (let level = 0; level < this.#options.layout.levels; level++) {
      await Promise.all(this.#subtasks.map((subtask) => subtask.rest()));
      await Promise.all(this.#subtasks.map((subtask) => subtask.drain(level)));
    }
    await Promise.all(this.#subtasks.map((subtask) => subtask.rest()));
  }

  #snapshot(): Promise<readonly SubtaskPart[]> {
    return Promise.all(this.#subtasks.map((subtask) => subtask.snapshot()));
  }

  async #save(kind: Manifest['kind'], parts: readonly SubtaskPart[]): Promise<number> {
    const { store, graph, clock, incarnation, deadLetters } = this.#options;
    this.#prepared.push(...parts.flatMap((part) => part.sinks));
    const id = this.#checkpointId++;
    await deadLetters.flush();
    if (store !== undefined) {
      const { name: job, settings } = graph;
      const manifest = { id, kind, job, incarnation, maxParallelism: settings.maxParallelism, at: clock.now() };
      const sinks = encodePart({ sources: [], operators: [], sinks: this.#prepared });
      await store.write(manifest, [...parts.map(({ bytes }) => bytes), sinks]);
      this.#lastCheckpoint = id;
    }
    await this.#commit(this.#prepared);
    this.#prepared.length = 0;
    await store?.prune(KEPT_CHECKPOINTS);
    return id;
  }

  async #commit(sinks: readonly SinkSnapshot[]): Promise<void> {
    for (const node of this.#options.graph.nodes) {
      if (node.kind !== 'sink' || node.sink.commit === undefined) continue;
      const committables = sinks.flatMap((sink) => (sink.uid === node.uid ? sink.committables : []));
      if (committables.length > 0) await node.sink.commit(committables, this.#sinkContext(node));
    }
  }

  async #finish(outcome: RunResult['outcome']): Promise<void> {
    const metrics = await this.metrics();
    await this.#close();
    const deadLetters = this.#options.countDeadLetters();
    this.#settle.resolve({
      outcome,
      metrics,
      deadLetters,
      ...(this.#lastCheckpoint !== undefined && { checkpoint: this.#lastCheckpoint }),
    });
  }

  #fail(error: unknown): void {
    const settle = () => this.#settle.reject(error);
    this.#close().then(settle, settle);
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const cancel of this.#timers.splice(0)) cancel();
    await Promise.allSettled(this.#subtasks.map((subtask) => subtask.close()));
    await this.#options.deadLetters.flush();
  }

  #schedule(): void {
    const { checkpointEveryMs } = this.#options.graph.settings;
    if (checkpointEveryMs !== undefined && this.#options.store !== undefined)
      this.#every(checkpointEveryMs, () => this.#tryCheckpoint());
    for (const assigner of this.#assigners) {
      const every = assigner.node.source.discoverEveryMs;
      if (!assigner.isComplete && every !== undefined) this.#every(every, () => this.#discover(assigner));
    }
  }

  #every(ms: number, act: () => Promise<unknown>): void {
    const place = this.#timers.length;
    const again = () => {
      this.#timers[place] = this.#options.clock.after(ms, () => {
        void act().then(
          () => this.#closing === undefined && again(),
          (error) => this.#fail(error),
        );
      });
    };
    again();
  }

  /** A checkpoint that cannot be written is told, and tried again at the next one; what it would have committed waits. */
  async #tryCheckpoint(): Promise<void> {
    try {
      await this.checkpoint();
      this.#failedInARow = 0;
    } catch (error) {
      if (this.#closing !== undefined) return;
      this.#failedInARow++;
      this.#options.onCheckpointFailed(error, this.#failedInARow);
      if (this.#failedInARow < MAX_FAILED_CHECKPOINTS) return;
      throw new Error(`${this.#failedInARow} checkpoints in a row have failed, the last one: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Splits by subtask. Bounded input that was begun is divided as it was: at another parallelism it might be cut otherwise. */
  async #shares(assigner: SplitAssigner): Promise<readonly (readonly SplitSnapshot[])[]> {
    const subtasks = this.#options.restored?.subtasks ?? [];
    const before = assigner.restore(subtasks);
    const begun = subtasks.some(({ sources }) => sources.some(({ uid }) => uid === assigner.node.uid));
    if (begun && assigner.node.source.bounded) return before;
    const found = await assigner.discover(this.#sourceContext());
    return before.map((splits, index) => [...splits, ...(found[index] ?? [])]);
  }

  async #discover(assigner: SplitAssigner): Promise<void> {
    await this.#exclusively(async () => {
      const found = await assigner.discover(this.#sourceContext());
      found.forEach((splits, index) => {
        if (splits.length > 0) this.#subtasks[index]?.addSplits(assigner.node.uid, splits, false);
      });
    });
  }

  /** After what was asked before; not at all once the run is over. */
  #exclusively<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#closing !== undefined) throw new Error('the run is over');
      return act();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #sinkContext(node: SinkNode): SinkContext {
    const { clock, baseFolder, incarnation, layout, ports } = this.#options;
    return {
      ...ports,
      clock,
      baseFolder,
      incarnation,
      uid: node.uid,
      subtask: { index: 0, parallelism: layout.parallelismOf(node.uid) },
    };
  }

  #sourceContext(): SourceContext {
    const { clock, baseFolder, signal, ports } = this.#options;
    return { ...ports, clock, baseFolder, signal, random: seededRandom(0) };
  }
}
