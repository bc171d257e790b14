import { handlerOf } from '../chain/dead-letter.ts';
import type { SplitSnapshot, SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import { encodePart } from '../checkpoint/checkpoint-store.ts';
import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import type { SourceContext } from '../connector/source.ts';
import { isFatal, reasonOf } from '../error/error.ts';
import { seededRandom } from '../port/random.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './exchange.ts';
import type { Layout } from './layout.ts';
import type { NodeMetrics } from './local-metrics.ts';
import { Pipeline } from './pipeline.ts';
import { ReadOrder } from './read-order.ts';
import { SinkRun } from './sink-run.ts';
import { SourceRun } from './source-run.ts';

/** Records read at a time: enough that the loop around them costs nothing, few enough that a stop is prompt. */
const BATCH_RECORDS = 1024;

/** The loop lets the event loop have a turn after so long: timers, signals, sockets. */
const TURN_MS = 20;

export type SubtaskOptions = {
  readonly layout: Layout;
  readonly index: number;
  readonly environment: Omit<Environment, 'wake'>;
  readonly restored: readonly SubtaskSnapshot[];
  readonly allowDroppedState: boolean;
  /** For tests: after every record all state is written, thrown away and read back. */
  readonly restoreEveryRecord: boolean;
  /** Makes the exchange with the other subtasks; absent where there is one. */
  readonly connect?: (wake: () => void) => Exchange;
  /** All sources of this subtask have come to their end. */
  readonly sourcesEnded: () => void;
};

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** What a subtask gives for a checkpoint. */
export type SubtaskPart = { readonly bytes: Uint8Array; readonly sinks: SubtaskSnapshot['sinks'] };

/**
 * One subtask of every node: reads splits, hands batches on, works off what others send, fires timers, lets sinks flush.
 *
 * 1. All of it happens in one loop, one step at a time; between two steps every operator is at rest.
 * 2. `pause` resolves between two steps; until `resume` no source is read, but what others send is worked off. A subtask
 *    begins paused, so that it has all its splits when it chooses among them.
 * 3. A step that throws ends the loop, and `run` with it.
 */
export class Subtask {
  readonly #options: SubtaskOptions;
  readonly #environment: Environment;
  readonly #exchange: Exchange | undefined;
  readonly #sinks: ReadonlyMap<string, SinkRun>;
  readonly #sources: readonly SourceRun[];
  readonly #order: ReadOrder;
  #pipeline: Pipeline;
  #woken: (() => void) | undefined;
  #isAwake = false;
  #paused = true;
  #pausing: Waiting[] = [];
  #closed = false;
  /** The loop is over, and nobody needs to wait for it. */
  #gone = false;
  #told = false;
  #round = 0;
  #marked: (Waiting & { readonly round: number }) | undefined;
  #turnAt = 0;

  private constructor(options: SubtaskOptions, sinks: ReadonlyMap<string, SinkRun>) {
    this.#options = options;
    this.#sinks = sinks;
    this.#environment = { ...options.environment, wake: () => this.#wake() };
    this.#exchange = options.connect?.(() => this.#wake());
    this.#pipeline = this.#build(options.restored);
    this.#sources = this.#openSources();
    this.#order = new ReadOrder(this.#sources);
  }

  static async open({ environment: given, ...options }: SubtaskOptions): Promise<Subtask> {
    const { layout, index } = options;
    const environment = { ...given, deadLetter: handlerOf(layout.graph.settings, given.deadLetter) };
    const { clock, baseFolder, incarnation, ports } = environment;
    const sinks = new Map<string, SinkRun>();
    for (const node of layout.graph.nodes) {
      if (node.kind !== 'sink' || index >= layout.parallelismOf(node.uid)) continue;
      const subtask = { index, parallelism: layout.parallelismOf(node.uid) };
      const context = { ...ports, clock, baseFolder, incarnation, uid: node.uid, subtask };
      const poison = (error: unknown, record: unknown) => {
        if (isFatal(error)) throw error;
        environment.deadLetter({ operator: node.uid, reason: reasonOf(error), record });
      };
      sinks.set(node.uid, await SinkRun.open(node, context, poison));
    }
    return new Subtask({ ...options, environment }, sinks);
  }

  addSplits(uid: string, splits: readonly SplitSnapshot[], complete: boolean): void {
    this.#sources.find(({ node }) => node.uid === uid)?.add(splits, complete);
    this.#wake();
  }

  /** Runs until `close`. */
  async run(): Promise<void> {
    try {
      while (!this.#closed) {
        const worked = await this.#step();
        if (!worked) await this.#sleep();
        else if (this.#environment.clock.elapsedMs() - this.#turnAt > TURN_MS) await this.#turn();
      }
    } finally {
      this.#gone = true;
      for (const { reject } of this.#pausing.splice(0)) reject(gone());
      this.#marked?.reject(gone());
    }
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#asked((waiting) => this.#pausing.push(waiting));
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** All that was sent to this subtask before the call, by whoever calls it too, is worked off when it resolves. */
  async rest(): Promise<void> {
    const round = ++this.#round;
    if (this.#exchange === undefined) return;
    this.#exchange.mark(round);
    await this.#asked((waiting) => {
      this.#marked = { round, ...waiting };
    });
  }

  /** Waits for what the operators of a level have under way. The subtask must be paused. */
  async drain(level: number): Promise<void> {
    for (const { operator, level: own } of this.#pipeline.operators) {
      if (own !== level) continue;
      await operator.drain?.();
      this.#pipeline.settle();
    }
    this.#pipeline.flush();
    this.#exchange?.flush();
  }

  /** The input of a level has ended. */
  async finish(level: number): Promise<void> {
    for (const { operator, level: own } of this.#pipeline.operators) {
      if (own !== level) continue;
      await operator.drain?.();
      operator.finish?.();
      this.#pipeline.settle();
    }
    this.#pipeline.flush();
    this.#exchange?.flush();
  }

  async snapshot(): Promise<SubtaskPart> {
    const sinks: { uid: string; committables: readonly unknown[] }[] = [];
    for (const [uid, sink] of this.#sinks) sinks.push({ uid, committables: await sink.prepareCommit() });
    return { bytes: encodePart(this.#state()), sinks };
  }

  metrics(): readonly NodeMetrics[] {
    return [
      ...this.#sources.map(({ node, metrics, splits }) => ({
        uid: node.uid,
        ...metrics,
        state: splits.filter(({ ended }) => !ended).length,
      })),
      ...this.#pipeline.operators.map(({ node, metrics, backend }) => ({
        uid: node.uid,
        ...metrics,
        state: backend.size,
      })),
      ...[...this.#sinks].map(([uid, { metrics }]) => ({ uid, ...metrics, state: 0 })),
    ];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    for (const { operator } of this.#pipeline.operators) operator.close?.();
    for (const source of this.#sources) await source.close();
    for (const sink of this.#sinks.values()) await sink.close();
    this.#exchange?.close();
  }

  /** Waits for the loop to answer. */
  #asked(wait: (waiting: Waiting) => void): Promise<void> {
    if (this.#gone) throw gone();
    return new Promise((resolve, reject) => {
      wait({ resolve, reject });
      this.#wake();
    });
  }

  /** One turn of the loop; gives whether there was anything to do. */
  async #step(): Promise<boolean> {
    let worked = this.#exchange?.receiveAll() ?? false;
    worked = this.#fireTimers() || worked;
    for (const { operator } of this.#pipeline.operators) {
      const room = operator.ready?.();
      if (room !== undefined) await room;
    }
    for (const sink of this.#sinks.values()) if (sink.isFull) await sink.flush();
    this.#pipeline.settle();
    if (!this.#paused && this.#exchange?.isFull !== true) worked = (await this.#readBatch()) || worked;
    this.#exchange?.flush();
    this.#tellWhoWaits();
    return worked;
  }

  async #readBatch(): Promise<boolean> {
    const split = this.#order.next();
    if (split === undefined) {
      this.#tellEnd();
      return false;
    }
    const read = split.source.read(split, this.#options.restoreEveryRecord ? 1 : BATCH_RECORDS);
    if (read instanceof Promise) await read;
    this.#pipeline.settle();
    if (this.#options.restoreEveryRecord) await this.#restore();
    // Also where it had nothing: it waits now, and the next turn reads another, which may have something.
    return true;
  }

  #tellEnd(): void {
    if (this.#told || !this.#sources.every(({ hasEnded }) => hasEnded)) return;
    this.#told = true;
    this.#options.sourcesEnded();
  }

  #fireTimers(): boolean {
    let fired = false;
    let now: Timestamp | undefined;
    for (const { operator } of this.#pipeline.operators) {
      const at = operator.nextProcessingTime;
      if (at === undefined || operator.processingTime === undefined) continue;
      now ??= this.#environment.clock.now();
      if (at > now) continue;
      operator.processingTime(now);
      fired = true;
    }
    for (const source of this.#sources) {
      const at = source.nextPeriodic;
      if (at === Number.MAX_SAFE_INTEGER) continue;
      now ??= this.#environment.clock.now();
      if (at <= now) source.periodic(now);
    }
    return fired;
  }

  #tellWhoWaits(): void {
    if (this.#paused && this.#pausing.length > 0) {
      for (const { resolve } of this.#pausing.splice(0)) resolve();
    }
    if (this.#marked !== undefined && this.#exchange?.marked(this.#marked.round)) {
      this.#marked.resolve();
      this.#marked = undefined;
    }
  }

  /** Until something arrives or the next timer is due. What waits in a buffer is sent before. */
  async #sleep(): Promise<void> {
    if (!this.#paused) {
      for (const sink of this.#sinks.values()) if (sink.hasBuffered) await sink.flush();
    }
    if (this.#isAwake) {
      this.#isAwake = false;
      return this.#turn();
    }
    const due = this.#nextTimer();
    await new Promise<void>((resolve) => {
      const wait = due === undefined ? IDLE_MS : Math.min(IDLE_MS, Math.max(0, due - this.#environment.clock.now()));
      const cancel = this.#environment.clock.after(wait, resolve);
      this.#woken = () => {
        cancel();
        resolve();
      };
    });
    this.#woken = undefined;
    this.#isAwake = false;
    this.#turnAt = this.#environment.clock.elapsedMs();
  }

  #nextTimer(): Timestamp | undefined {
    let next: Timestamp | undefined;
    const times = [
      ...this.#pipeline.operators.map(({ operator }) => operator.nextProcessingTime),
      ...this.#sources.map(({ nextPeriodic }) => nextPeriodic),
    ];
    for (const at of times) if (at !== undefined && (next === undefined || at < next)) next = at;
    return next;
  }

  #turn(): Promise<void> {
    this.#turnAt = this.#environment.clock.elapsedMs();
    return new Promise((resolve) => setImmediate(resolve));
  }

  #wake(): void {
    this.#isAwake = true;
    this.#woken?.();
  }

  #build(restored: readonly SubtaskSnapshot[]): Pipeline {
    const { layout, index, allowDroppedState } = this.#options;
    return new Pipeline({
      layout,
      index,
      environment: this.#environment,
      sinks: this.#sinks,
      restored,
      allowDroppedState,
      ...(this.#exchange !== undefined && { exchange: this.#exchange }),
    });
  }

  #openSources(): readonly SourceRun[] {
    const { layout, index, restored } = this.#options;
    const { clock, baseFolder, signal, ports } = this.#environment;
    const context: SourceContext = { ...ports, clock, baseFolder, signal, random: seededRandom(index + 1) };
    return layout.graph.nodes.flatMap((node) => {
      if (node.kind !== 'source' || index >= layout.parallelismOf(node.uid)) return [];
      const before = restored.flatMap(({ sources }) => sources.filter(({ uid }) => uid === node.uid));
      const watermark = before.length === 0 ? MIN_TIMESTAMP : Math.min(...before.map((source) => source.watermark));
      return [
        new SourceRun(node, {
          environment: this.#environment,
          context,
          output: this.#pipeline.outputOf(node.uid),
          restored: watermark,
        }),
      ];
    });
  }

  #state(): SubtaskSnapshot {
    return {
      sources: this.#sources.map((source) => source.snapshot()),
      operators: this.#pipeline.snapshot(),
      sinks: [],
    };
  }

  async #restore(): Promise<void> {
    for (const { operator } of this.#pipeline.operators) {
      await operator.drain?.();
      this.#pipeline.settle();
    }
    const state = decodeValue(encodeValue(this.#state())) as SubtaskSnapshot;
    const before = this.#pipeline.operators;
    this.#pipeline = this.#build([state]);
    this.#pipeline.operators.forEach(({ metrics }, place) => {
      Object.assign(metrics, before[place]?.metrics);
    });
    for (const source of this.#sources) source.output = this.#pipeline.outputOf(source.node.uid);
  }
}

function gone(): Error {
  return new Error('the run is over');
}

/** With nothing to do and no timer set, the loop looks around so often; whatever arrives wakes it before. */
const IDLE_MS = 1_000;
