import { type DeadLetter, handlerOf, withTextRecord } from '../chain/dead-letter.ts';
import { openOperator } from '../chain/open-operator.ts';
import { directTo, outputTo } from '../chain/output.ts';
import { type StateKey, stateKeyOf } from '../codec/key.ts';
import { encodeValue } from '../codec/value-codec.ts';
import { InvariantError, isFatal, reasonOf } from '../error/error.ts';
import { combinesBeforeShuffle } from '../graph/combine.ts';
import type { Edge, OperatorNode, SinkNode } from '../graph/node.ts';
import type { Operator, Output, RecordOutput, Subtask } from '../operator/operator.ts';
import { newMetrics, type OperatorMetrics } from '../operator/operator-metrics.ts';
import { isCombined } from '../operator/window/combiner.ts';
import type { Clock } from '../port/clock.ts';
import { seededRandom } from '../port/random.ts';
import type { StateBackend } from '../state/state-backend.ts';
import { NEVER } from '../state/timer-queue.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { NodeTime } from './commit-row.ts';
import { type EndTime, Exit, type Gate, gateTo, NO_TIME, type Poison, SinkEnd } from './exit.ts';
import type { StageGraph } from './stage-graph.ts';

/** An operator of a chain that runs. */
export type ChainedOperator = {
  readonly node: OperatorNode;
  readonly operator: Operator;
  readonly metrics: OperatorMetrics;
};

export type StageChainOptions = {
  readonly stage: StageGraph;
  readonly subtask: Subtask;
  readonly backendOf: (uid: string) => StateBackend;
  readonly clock: Clock;
  /** Where time stood at the last commit; absent for a task that begins. */
  readonly restored?: { readonly watermark: Timestamp; readonly nodeTimes: readonly NodeTime[] };
};

/**
 * The operators of a stage in one task, wired from the ends back to the head: the same operators as in the local runtime,
 * with exits in place of exchanges and sinks that gather in place of writers.
 *
 * All that is sent stays in the exits until it is taken; a chain that is thrown away has sent nothing.
 */
export class StageChain {
  /** In the order of the graph. */
  readonly operators: readonly ChainedOperator[];
  readonly exits: readonly Exit[];
  readonly sinks: readonly SinkEnd[];
  readonly letters: DeadLetter[] = [];
  /** Where the input at hand stands, for dead letters. */
  place: string | undefined;
  readonly #options: StageChainOptions;
  readonly #readers = new Map<string, { readonly edge: Edge; readonly output: Output }[]>();
  readonly #gates: Gate[] = [];
  readonly #write: (letter: DeadLetter) => void;

  constructor(options: StageChainOptions) {
    this.#options = options;
    const { graph, nodes, exits } = options.stage;
    this.#write = handlerOf(graph.settings, (letter) => this.letters.push(letter));
    const operatorNodes = nodes.filter((node) => node.kind === 'operator');
    const ends = operatorNodes.length;
    this.exits = exits.map((exit, i) => this.#exit(exit, this.#timeAt(ends + i)));
    const sinks = nodes.filter((node) => node.kind === 'sink');
    this.sinks = sinks.map((node, i) => this.#sink(node, this.#timeAt(ends + exits.length + i)));
    this.operators = operatorNodes
      .map((node, place) => [node, place] as const)
      .reverse()
      .map(([node, place]) => this.#operator(node, place))
      .reverse();
  }

  /** Where the records of an input port go; accumulators where they were combined before the shuffle. */
  input(port: number): RecordOutput {
    const { head } = this.#options.stage;
    if (head.kind !== 'operator') return this.head;
    const { operator } = this.operators[0] as ChainedOperator;
    const input = combinesBeforeShuffle(head.operator) ? operator.combined : operator.inputs[port];
    if (input === undefined) throw new InvariantError(`${head.uid} has no input ${port}`);
    return input;
  }

  /** The keys under which the head keeps records of an input port. What has none is found to be poison later. */
  keysOf(port: number, values: readonly unknown[]): readonly StateKey[] {
    const { head } = this.#options.stage;
    const edge = head.kind === 'operator' ? head.inputs.find((each) => each.port === port) : undefined;
    if (head.kind !== 'operator' || edge?.partitioning.kind !== 'hash') return [];
    const { key } = edge.partitioning;
    const isFolded = combinesBeforeShuffle(head.operator);
    return values.flatMap((value) => {
      try {
        if (!isFolded) return [stateKeyOf(key.of(value as never))];
        return [isCombined(value) ? value[0] : stateKeyOf(key.of((value as readonly unknown[])[0] as never))];
      } catch {
        return [];
      }
    });
  }

  /** Where the stage's time goes, and the records of a source. */
  get head(): Output {
    const { head } = this.#options.stage;
    if (head.kind === 'source') return outputTo(this.#readersOf(head.uid, undefined), []);
    if (head.kind === 'sink') return this.sinks.find(({ uid }) => uid === head.uid) as SinkEnd;
    const { operator } = this.operators[0] as ChainedOperator;
    return directTo(operator, operator.inputs[0] as RecordOutput);
  }

  /** When the next processing-time timer is due; NEVER where there is none. */
  get nextProcessingTime(): Timestamp {
    return this.operators.reduce((next, { operator }) => Math.min(next, operator.nextProcessingTime ?? NEVER), NEVER);
  }

  processingTime(now: Timestamp): void {
    for (const { operator } of this.operators) {
      if ((operator.nextProcessingTime ?? NEVER) <= now) operator.processingTime?.(now);
    }
  }

  /** Resolves when nothing is under way in any operator, from the head on, and nothing is held to be combined. */
  async drain(): Promise<void> {
    for (const { operator } of this.operators) if (operator.drain !== undefined) await operator.drain();
    for (const gate of this.#gates) gate.flush?.();
  }

  /** How many records wait in the exits and sinks to be sent. */
  get size(): number {
    let size = 0;
    for (const exit of this.exits) size += exit.size;
    for (const sink of this.sinks) size += sink.size;
    return size;
  }

  /** Records that came too late, since the chain was made. */
  get late(): number {
    return this.operators.reduce((sum, { metrics }) => sum + metrics.late, 0);
  }

  /** Where time stands at each operator and end, where that is not the stage's. */
  nodeTimes(watermark: Timestamp): readonly NodeTime[] {
    const times = [
      ...this.operators.map(({ metrics }) => ({ watermark: metrics.watermark, idle: false })),
      ...[...this.exits, ...this.sinks].map(({ time }) => time),
    ];
    return times
      .map((time, place) => ({ place, watermark: time.watermark, idle: time.idle }))
      .filter((time) => time.watermark !== watermark || time.idle);
  }

  close(): void {
    for (const { operator } of this.operators) operator.close?.();
  }

  /** Sends what could not be handled to the dead letters. */
  poison(uid: string, error: unknown, value: unknown, timestamp: Timestamp): void {
    if (isFatal(error)) throw error;
    this.refuse({
      operator: uid,
      reason: reasonOf(error),
      ...(error instanceof Error && error.stack !== undefined && { stack: error.stack }),
      record: value,
      ...(timestamp !== MIN_TIMESTAMP && { timestamp }),
      ...(this.place !== undefined && { place: this.place }),
    });
  }

  refuse(letter: DeadLetter): void {
    this.#write(isPlain(letter.record) ? letter : withTextRecord(letter));
  }

  #operator(node: OperatorNode, place: number): ChainedOperator {
    const { stage, subtask, backendOf, clock, restored } = this.#options;
    const metrics = newMetrics();
    const { watermark } = this.#timeAt(place);
    metrics.watermark = watermark;
    const poison: Poison = (error, value, timestamp) => {
      this.poison(node.uid, error, value, timestamp);
      metrics.deadLetters++;
    };
    const operator = openOperator(node, {
      tags: new Set((this.#readers.get(node.uid) ?? []).flatMap(({ edge }) => edge.output ?? [])),
      readersOf: (tag) => this.#readersOf(node.uid, tag),
      state: backendOf(node.uid),
      clock,
      random: seededRandom(subtask.index + 1),
      metrics,
      subtask,
      ...(restored !== undefined && { watermark }),
      poison,
    });
    const [edge] = node.inputs;
    if (node !== stage.head && edge !== undefined) {
      this.#read(edge, directTo(operator, operator.inputs[edge.port] as RecordOutput));
    }
    return { node, operator, metrics };
  }

  #exit({ edge, reader }: StageGraph['exits'][number], time: EndTime): Exit {
    const { stage, subtask } = this.#options;
    const isBroadcast = edge.partitioning.kind === 'broadcast';
    const exit = new Exit({ stage: stage.stageOf(reader.uid), port: edge.port, isBroadcast }, time);
    const operator = reader.kind === 'operator' ? reader.operator : undefined;
    const gate = gateTo(exit, {
      partitioning: edge.partitioning,
      parallelism: stage.parallelismOf(reader),
      maxParallelism: subtask.maxParallelism,
      ...(operator?.kind === 'window' && combinesBeforeShuffle(operator) && { combined: operator }),
      poison: (error, value, timestamp) => this.poison(reader.uid, error, value, timestamp),
    });
    this.#gates.push(gate);
    this.#read(edge, gate);
    return exit;
  }

  #sink({ uid, inputs }: SinkNode, time: EndTime): SinkEnd {
    const end = new SinkEnd(uid, time);
    for (const edge of inputs) this.#read(edge, end);
    return end;
  }

  #read(edge: Edge, output: Output): void {
    const readers = this.#readers.get(edge.from);
    if (readers === undefined) this.#readers.set(edge.from, [{ edge, output }]);
    else readers.push({ edge, output });
  }

  #readersOf(uid: string, tag: string | undefined): readonly Output[] {
    return (this.#readers.get(uid) ?? []).filter(({ edge }) => edge.output === tag).map(({ output }) => output);
  }

  /** Where time stood at an operator or an end: as at the stage, unless it is written otherwise. */
  #timeAt(place: number): EndTime {
    const { restored } = this.#options;
    if (restored === undefined) return { ...NO_TIME };
    const own = restored.nodeTimes.find((time) => time.place === place);
    return { watermark: own?.watermark ?? restored.watermark, idle: own?.idle ?? false };
  }
}

/** What is no plain data cannot be written, not even as a dead letter. */
function isPlain(value: unknown): boolean {
  try {
    encodeValue(value);
    return true;
  } catch {
    return false;
  }
}
