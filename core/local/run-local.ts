import type { DeadLetterWriter } from '../chain/dead-letter.ts';
import type { RestoredCheckpoint } from '../checkpoint/checkpoint.ts';
import { CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { elsewhere } from '../connector/aws/deployed.ts';
import { JobSpecError } from '../error/error.ts';
import type { Graph } from '../graph/node.ts';
import type { Clock } from '../port/clock.ts';
import type { ObjectStore } from '../port/object-store.ts';
import type { Environment, MachinePorts } from './environment.ts';
import { layoutOf } from './layout.ts';
import { Coordinator, type LocalRun } from './local-run.ts';
import { Subtask } from './subtask.ts';
import { localHandle, type SubtaskHandle } from './subtask-handle.ts';
import { systemClock } from './system-clock.ts';
import { startWorkers } from './worker-handle.ts';

export type RunOptions = {
  /** Where relative paths of the job begin; the working directory unless said. */
  readonly baseFolder?: string;
  /** Where checkpoints go; absent: none are taken, and a run cannot be resumed. */
  readonly store?: ObjectStore;
  /** Go on from the newest checkpoint (`latest`; from the start where there is none), or from that of an id. */
  readonly resume?: 'latest' | number;
  /** Start although the checkpoint has state that the job no longer asks for; it is dropped. */
  readonly allowDroppedState?: boolean;
  /** Takes what cannot be handled; absent: it is counted only. */
  readonly deadLetters?: DeadLetterWriter;
  /** Overrides the job's. */
  readonly parallelism?: number;
  /**
   * The module whose default export is the job, for workers: needed above parallelism 1, since functions cannot be sent
   * to another thread.
   */
  readonly module?: URL;
  /** Standard input and output, and files. */
  readonly ports?: MachinePorts;
  readonly clock?: Clock;
  /** Measure how busy each operator is. */
  readonly timed?: boolean;
  /** Told of a checkpoint that failed, while the job goes on. */
  readonly onCheckpointFailed?: (error: unknown, inARow: number) => void;
  /** For tests: after every record all state is written, thrown away and read back; parallelism 1 only. */
  readonly restoreEveryRecord?: boolean;
};

/**
 * Runs a job on this machine: in this thread, or above parallelism 1 on worker threads. Resolves once it runs.
 *
 * @throws JobSpecError where it cannot be resumed as asked, or cannot run at the parallelism
 * @example
 * const run = await runLocal(myJob.graph);
 * const { outcome } = await run.done; // 'ended'
 */
export async function runLocal(graph: Graph, options: RunOptions = {}): Promise<LocalRun> {
  const parallelism = options.parallelism ?? parallelismOf(graph);
  check(graph, parallelism, options);
  const layout = layoutOf(graph, parallelism);
  const clock = options.clock ?? systemClock;
  const store = options.store && new CheckpointStore(options.store);
  const last = store && (await store.ids()).at(-1);
  const restored = await restoredOf(store, options.resume);
  if (restored !== undefined) checkRestored(graph, restored);
  const incarnation = await nextIncarnation(options.store, clock);

  const counted = countingWriter(options.deadLetters);
  const abort = new AbortController();
  const environment: Omit<Environment, 'wake'> = {
    clock,
    ports: options.ports ?? {},
    baseFolder: options.baseFolder ?? process.cwd(),
    incarnation,
    signal: abort.signal,
    deadLetter: counted.write,
    timed: options.timed ?? false,
  };
  // The subtasks tell the coordinator of their end, and it is made of them: what they tell waits for it.
  const { promise: coordinator, resolve } = Promise.withResolvers<Coordinator>();
  const sourcesEnded = () => void coordinator.then((run) => run.sourcesEnded());
  const common = {
    layout,
    environment,
    restored: restored?.subtasks ?? [],
    allowDroppedState: options.allowDroppedState ?? false,
    restoreEveryRecord: options.restoreEveryRecord ?? false,
    sourcesEnded,
  };
  const subtasks: readonly SubtaskHandle[] =
    parallelism === 1
      ? [localHandle(await Subtask.open({ ...common, index: 0 }))]
      : await startWorkers(common, options.module as URL);
  const run = new Coordinator(
    {
      graph,
      layout,
      ...environment,
      store,
      restored,
      nextCheckpoint: (last ?? 0) + 1,
      deadLetters: counted,
      countDeadLetters: () => counted.count,
      onCheckpointFailed: options.onCheckpointFailed ?? (() => {}),
    },
    subtasks,
  );
  run.done.catch(() => undefined).finally(() => abort.abort());
  resolve(run);
  await run.start().catch((error) => run.fail(error));
  return run;
}

function parallelismOf({ settings, nodes }: Graph): number {
  return Math.max(settings.parallelism, ...nodes.map((node) => node.parallelism ?? 1));
}

function check({ settings, nodes }: Graph, parallelism: number, { module, restoreEveryRecord }: RunOptions): void {
  refuseDeployed(nodes);
  const fault = (message: string) => new JobSpecError([{ path: 'parallelism', message }]);
  if (!Number.isInteger(parallelism) || parallelism < 1) throw fault(`${parallelism} is not a whole number above 0`);
  if (parallelism > settings.maxParallelism) {
    throw fault(`${parallelism} is above maxParallelism (${settings.maxParallelism}), which a job keeps for life`);
  }
  if (parallelism === 1) return;
  if (module === undefined)
    throw fault(`${parallelism} workers need the job's module; give it, or run at parallelism 1`);
  if (restoreEveryRecord) throw fault('restoreEveryRecord needs parallelism 1');
}

async function restoredOf(
  store: CheckpointStore | undefined,
  resume: RunOptions['resume'],
): Promise<RestoredCheckpoint | undefined> {
  if (resume === undefined) return undefined;
  if (store === undefined)
    throw new JobSpecError([{ path: 'resume', message: 'there is no folder of checkpoints to resume from' }]);
  return resume === 'latest' ? store.latest() : store.read(resume);
}

function checkRestored({ name, settings }: Graph, { manifest }: RestoredCheckpoint): void {
  const faults: { path: string; message: string }[] = [];
  if (manifest.job !== name) {
    faults.push({
      path: 'resume',
      message: `checkpoint ${manifest.id} is of the job "${manifest.job}", and this is "${name}"`,
    });
  }
  if (manifest.maxParallelism !== settings.maxParallelism) {
    faults.push({
      path: 'settings.maxParallelism',
      message: `the checkpoint has ${manifest.maxParallelism} key groups, and the job ${settings.maxParallelism}; a job keeps them for life`,
    });
  }
  if (faults.length > 0) throw new JobSpecError(faults);
}

/** Ends that only a deployed job has are told all at once, each with what to run it on instead. */
function refuseDeployed(nodes: Graph['nodes']): void {
  const faults = nodes.flatMap((node) => {
    const end = node.kind === 'source' ? node.source : node.kind === 'sink' ? node.sink : undefined;
    if (end?.deployed === undefined) return [];
    const side = node.kind === 'source' ? 'source' : 'sink';
    return [{ path: `${side}s.${node.uid}`, message: `${end.name}: ${elsewhere(side, node.uid)}` }];
  });
  if (faults.length > 0) throw new JobSpecError(faults);
}

/**
 * Counted in the store, so that it rises with every start, also with one that came to no checkpoint. Without a store the
 * clock serves: all that matters is that it rises.
 */
async function nextIncarnation(store: ObjectStore | undefined, clock: Clock): Promise<number> {
  if (store === undefined) return clock.now();
  const before = await store.get(INCARNATION);
  const next = (before === undefined ? 0 : Number(new TextDecoder().decode(before))) + 1;
  await store.put(INCARNATION, new TextEncoder().encode(String(next)));
  return next;
}

const INCARNATION = 'incarnation';

/** Counts what passes. */
function countingWriter(writer: DeadLetterWriter | undefined): DeadLetterWriter & { readonly count: number } {
  let count = 0;
  return {
    get count() {
      return count;
    },
    write(letter) {
      count++;
      writer?.write(letter);
    },
    flush: async () => writer?.flush(),
  };
}
