import { openOperator } from '../chain/open-operator.ts';
import { ChannelOutput, directTo, outputTo } from '../chain/output.ts';
import type { OperatorSnapshot, SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import { keyGroupOf, type StateKey, subtaskOf } from '../codec/key.ts';
import { InvariantError, isFatal, JobSpecError, reasonOf } from '../error/error.ts';
import type { Edge, OperatorNode, SinkNode } from '../graph/node.ts';
import type { Operator, Output, Subtask } from '../operator/operator.ts';
import { newMetrics, type OperatorMetrics } from '../operator/operator-metrics.ts';
import { Combiner } from '../operator/window/combiner.ts';
import { seededRandom } from '../port/random.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { WatermarkValve } from '../time/watermark-valve.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './exchange.ts';
import { Landing } from './landing.ts';
import type { LaidEdge, Layout } from './layout.ts';
import { partitionerOf, RoutedOutput } from './partition.ts';
import { restoredOperator, restoredWatermark } from './restored-state.ts';
import type { SinkRun } from './sink-run.ts';
import { TimedOutput } from './timed-output.ts';

/** An operator that runs, with what belongs to it. */
export type OperatorRun = {
  readonly node: OperatorNode;
  readonly operator: Operator;
  readonly backend: MemoryBackend;
  readonly metrics: OperatorMetrics;
  readonly level: number;
};

export type PipelineOptions = {
  readonly layout: Layout;
  readonly index: number;
  readonly environment: Environment;
  /** Writers of the sinks of this subtask, already open. */
  readonly sinks: ReadonlyMap<string, SinkRun>;
  readonly restored: readonly SubtaskSnapshot[];
  /** State of the checkpoint that no operator asks for is dropped instead of refused. */
  readonly allowDroppedState: boolean;
  /** Absent where there is one subtask. */
  readonly exchange?: Exchange;
};

/**
 * The operators of one subtask, wired from the sinks back to the sources, so that each is made with its output at hand.
 *
 * 1. An operator with one channel is called by the one before it without anything in between.
 * 2. Several channels go through a valve: the lowest watermark of them counts.
 * 3. An edge that crosses subtasks goes through the exchange, and has a channel for each subtask that may send.
 */
export class Pipeline {
  /** In the order of the graph: each after those it reads from. */
  readonly operators: readonly OperatorRun[];
  readonly #options: PipelineOptions;
  readonly #inputs = new Map<number, readonly Output[]>();
  readonly #combiners: Combiner[] = [];
  /** From the sinks back. */
  readonly #landings: Landing[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { layout, index } = options;
    const operators: OperatorRun[] = [];
    for (const node of [...layout.graph.nodes].reverse()) {
      if (index >= layout.parallelismOf(node.uid)) continue;
      if (node.kind === 'operator') operators.push(this.#operator(node));
      else if (node.kind === 'sink') this.#sink(node);
    }
    this.operators = operators.reverse();
    this.#refuseUnclaimed();
  }

  /** What a source of this subtask writes to. */
  outputOf(uid: string): Output {
    return outputTo(this.#readersOf(uid, undefined), []);
  }

  /** Takes further what has landed where a chain of calls was cut. */
  settle(): void {
    for (let index = this.#landings.length - 1; index >= 0; index--) this.#landings[index]?.settle();
  }

  /** Sends on what is held to be combined. */
  flush(): void {
    for (const combiner of this.#combiners) combiner.flush();
  }

  snapshot(): readonly OperatorSnapshot[] {
    return this.operators.map(({ node, backend, metrics }) => ({
      uid: node.uid,
      watermark: metrics.watermark,
      state: backend.snapshot(),
    }));
  }

  #operator(node: OperatorNode): OperatorRun {
    const { layout, index, environment, restored } = this.#options;
    const { maxParallelism } = layout.graph.settings;
    const subtask: Subtask = { index, parallelism: layout.parallelismOf(node.uid), maxParallelism };
    const before = restoredOperator(restored, node.uid, subtask);
    const backend = new MemoryBackend(before?.states ?? [], rangeOf(subtask), subtask);
    const metrics = newMetrics();
    const watermark = before?.watermark ?? MIN_TIMESTAMP;
    metrics.watermark = watermark;
    const operator = openOperator(node, {
      tags: new Set(layout.edgesFrom(node.uid).flatMap(({ edge }) => edge.output ?? [])),
      readersOf: (tag) => this.#readersOf(node.uid, tag),
      state: backend,
      clock: environment.clock,
      random: seededRandom(index + 1),
      metrics,
      subtask,
      ...(before !== undefined && { watermark }),
      wake: environment.wake,
      poison: (error, value, timestamp) => this.#poison({ uid: node.uid, metrics, error, value, timestamp }),
    });
    this.#wire({ node, operator, metrics, watermark });
    return { node, operator, backend, metrics, level: layout.levelOf(node.uid) };
  }

  #sink(node: SinkNode): void {
    const { environment, layout, sinks } = this.#options;
    const run = sinks.get(node.uid);
    if (run === undefined) throw new InvariantError(`the sink ${node.uid} has no writer`);
    const input = environment.timed ? new TimedOutput(run, run.metrics, environment.clock) : run;
    for (const laid of layout.edgesTo(node.uid)) {
      const channels = Array.from({ length: this.#senders(laid) }, () => input);
      this.#register(laid, channels);
    }
  }

  /** Makes the channels of an operator: one for each subtask that may send over each of its edges. */
  #wire({ node, operator, metrics, watermark }: Wiring): void {
    const { environment, index, layout } = this.#options;
    const edges = layout.edgesTo(node.uid);
    const count = edges.reduce((sum, laid) => sum + this.#senders(laid), 0);
    const valve = count > 1 ? new WatermarkValve(count, operator, watermark) : undefined;
    let wired = 0;
    for (const laid of edges) {
      const input = laid.combined ? operator.combined : operator.inputs[laid.edge.port];
      if (input === undefined) throw new InvariantError(`${node.uid} has no input ${laid.edge.port}`);
      const channels = Array.from({ length: this.#senders(laid) }, (_, sender): Output => {
        if (valve === undefined) return directTo(operator, input);
        const channel = new ChannelOutput(input, valve, wired++);
        channel.watermark(this.#restoredFrom(laid.edge, laid.crosses ? sender : index));
        return channel;
      });
      const timed = environment.timed
        ? channels.map((channel) => new TimedOutput(channel, metrics, environment.clock))
        : channels;
      this.#register(laid, layout.landsAt(node.uid) ? timed.map((channel) => this.#landing(channel)) : timed);
    }
  }

  /** Where the watermark stood that came over an edge from one of its senders. */
  #restoredFrom({ from }: Edge, sender: number): Timestamp {
    const { layout, restored } = this.#options;
    return restoredWatermark(restored, from, { index: sender, parallelism: layout.parallelismOf(from) });
  }

  #landing(onward: Output): Landing {
    const landing = new Landing(onward, this.#options.environment.wake);
    this.#landings.push(landing);
    return landing;
  }

  #register(laid: LaidEdge, channels: readonly Output[]): void {
    this.#inputs.set(laid.id, channels);
    if (laid.crosses) this.#options.exchange?.receive(laid.id, channels);
  }

  /** Who reads what a node of this subtask writes, over each edge from it. */
  #readersOf(uid: string, tag: string | undefined): Output[] {
    return this.#options.layout
      .edgesFrom(uid)

      .filter(({ edge }) => edge.output === tag)
      .map((laid) => this.#readerOf(laid));
  }

  #readerOf(laid: LaidEdge): Output {
    const { layout, index, exchange } = this.#options;
    const own = this.#inputs.get(laid.id);
    if (!laid.crosses || exchange === undefined) {
      const only = own?.[0];
      if (only === undefined) throw new InvariantError(`${laid.reader.uid} was not made before ${laid.edge.from}`);
      return only;
    }
    const targets = Array.from({ length: layout.parallelismOf(laid.reader.uid) }, (_, target) =>
      target === index && own?.[index] !== undefined ? own[index] : exchange.send(laid.id, target),
    );
    const { maxParallelism } = layout.graph.settings;
    const { reader, edge, combined } = laid;
    const poison = (error: unknown, value: unknown, timestamp: Timestamp) =>
      this.#poison({ uid: reader.uid, error, value, timestamp });
    if (combined && reader.kind === 'operator' && reader.operator.kind === 'window') {
      const route = (key: StateKey) =>
        targets[subtaskOf(keyGroupOf(key, maxParallelism), targets.length, maxParallelism)] as Output;
      const combiner = new Combiner(reader.operator, {
        route,
        targets,
        watermark: this.#restoredFrom(edge, index),
        poison,
      });
      this.#combiners.push(combiner);
      return combiner;
    }
    const partitioner = partitionerOf(edge.partitioning, { targets: targets.length, maxParallelism, index });
    return new RoutedOutput(targets, partitioner, poison);
  }

  #senders({ edge, crosses }: LaidEdge): number {
    return crosses ? this.#options.layout.parallelismOf(edge.from) : 1;
  }

  #poison({ uid, metrics, error, value, timestamp }: Poison): void {
    if (isFatal(error)) throw error;
    if (metrics !== undefined) metrics.deadLetters++;
    this.#options.environment.deadLetter({
      operator: uid,
      reason: reasonOf(error),
      ...(error instanceof Error && error.stack !== undefined && { stack: error.stack }),
      record: value,
      ...(timestamp !== MIN_TIMESTAMP && { timestamp }),
    });
  }

  #refuseUnclaimed(): void {
    if (this.#options.allowDroppedState) return;
    const known = new Set(this.#options.layout.graph.nodes.map(({ uid }) => uid));
    const faults = this.operators.flatMap(({ node, backend }) =>
      backend.unclaimed().map((name) => ({ uid: node.uid, name })),
    );
    const gone = this.#options.restored.flatMap(({ operators }) =>
      operators
        .filter(({ uid, state }) => !known.has(uid) && hasState(state))
        .map(({ uid }) => ({ uid, name: undefined })),
    );
    const dropped = [...faults, ...gone];
    if (dropped.length === 0) return;
    throw new JobSpecError(
      [...new Map(dropped.map((one) => [`${one.uid}/${one.name}`, one])).values()].map(({ uid, name }) => ({
        path: `operators.${uid}`,
        message: `the checkpoint has state ${name === undefined ? 'of this operator' : `"${name}"`}, and the job no longer does; keep the uid, or allow dropped state`,
      })),
    );
  }
}

type Wiring = {
  readonly node: OperatorNode;
  readonly operator: Operator;
  readonly metrics: OperatorMetrics;
  readonly watermark: Timestamp;
};
type Poison = {
  readonly uid: string;
  readonly metrics?: OperatorMetrics;
  readonly error: unknown;
  readonly value: unknown;
  readonly timestamp: Timestamp;
};

function rangeOf({ index, parallelism, maxParallelism }: Subtask) {
  const first = Math.ceil((index * maxParallelism) / parallelism);
  const last = Math.ceil(((index + 1) * maxParallelism) / parallelism) - 1;
  return { first, last, maxParallelism };
}

function hasState({ tables, timers, lists }: OperatorSnapshot['state']): boolean {
  return (
    tables.some(({ entries }) => entries.length > 0) ||
    timers.some(({ entries }) => entries.length > 0) ||
    lists.some(({ items }) => items.length > 0)
  );
}
