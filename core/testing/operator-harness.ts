import { type Key, type StateKey, userKeyOf } from '../codec/key.ts';
import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import { InvariantError, isFatal, reasonOf } from '../error/error.ts';
import type { Operator, OperatorContext, Output, Subtask } from '../operator/operator.ts';
import { newMetrics, type OperatorMetrics } from '../operator/operator-metrics.ts';
import { seededRandom } from '../port/random.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import type { StateBackend, StateSnapshot } from '../state/state-backend.ts';
import type { Namespace } from '../state/state-table.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { ManualClock } from './manual-clock.ts';

/** A record that came out. */
export type Emitted<Out = unknown> = { readonly value: Out; readonly timestamp: Timestamp };

/** A record that could not be handled, with what was thrown. */
export type DeadLetter = Emitted & { readonly reason: string; readonly error: unknown };

/** All that came out, in order: to see how records and watermarks interleave. */
export type HarnessEvent<Out = unknown> =
  | ({ readonly kind: 'record' } & Emitted<Out>)
  | ({ readonly kind: 'side'; readonly tag: string } & Emitted)
  | { readonly kind: 'watermark'; readonly at: Timestamp }
  | { readonly kind: 'idle'; readonly isIdle: boolean };

/** What an {@link OperatorHarness} runs, and how. */
export type OperatorHarnessOptions = {
  /** Makes the operator under test; called again at every restore. */
  readonly create: (context: OperatorContext) => Operator;
  /** `operator` unless said. */
  readonly uid?: string;
  /** The only subtask unless said. */
  readonly subtask?: Subtask;
  /** Processing time at the start, in epoch milliseconds; 0 unless said. */
  readonly now?: Timestamp;
  /**
   * After every call the state is snapshotted, the operator thrown away and a new one made over the restored state:
   * whatever a test sees must be the same. Asynchronous operators are restored at {@link OperatorHarness.drain}.
   */
  readonly restoreEveryRecord?: boolean;
  /** Where state is kept instead of in memory, for tests of state backends. {@link OperatorHarness.restore} ends it. */
  readonly state?: HarnessState;
  /** `collect`: errors of the user's functions go to `deadLetters`; `throw` (unless said): to the test. */
  readonly onPoison?: 'collect' | 'throw';
};

/** Keeps the state of a harness's operator. */
export interface HarnessState {
  /** For an operator that is to be made. */
  backend(): StateBackend;
  /** After each call of the operator. True: the operator is to be made anew over {@link backend}. */
  settle(): boolean;
  /**
   * True: the state is as it was before the call that threw this, and what was missing is there: make the operator anew
   * and call it again.
   */
  recover(error: unknown): boolean;
  snapshot(): StateSnapshot;
  readonly size: number;
}

/**
 * Runs one operator by hand (Flink: KeyedOneInputStreamOperatorTestHarness and its kin): give it records, watermarks and
 * processing time, and look at what comes out, at its state and its timers. The clock moves only when told.
 *
 * @example
 * const harness = new OperatorHarness<number>({
 *   create: (context) => createOperator({ kind: 'map', map: (value: number) => value * 2 }, context),
 * });
 * harness.record(21, 1_000);
 * harness.output; // [{ value: 42, timestamp: 1000 }]
 */
export class OperatorHarness<Out = unknown> {
  readonly #options: OperatorHarnessOptions;
  readonly #sides = new Map<string, Emitted[]>();
  readonly #context: OperatorContext;
  #backend = new MemoryBackend();
  #state: HarnessState | undefined;
  #operator: Operator;
  #watermark: Timestamp = MIN_TIMESTAMP;

  /** Records of the main output. Take them out with {@link takeOutput} to look at a part of a run. */
  readonly output: Emitted<Out>[] = [];
  /** Watermarks handed on, in order. */
  readonly watermarks: Timestamp[] = [];
  readonly deadLetters: DeadLetter[] = [];
  readonly events: HarnessEvent<Out>[] = [];
  readonly clock: ManualClock;
  readonly metrics: OperatorMetrics = newMetrics();
  /** How often the operator asked to be called again (async I/O). */
  wakes = 0;

  constructor(options: OperatorHarnessOptions) {
    this.#options = options;
    this.clock = new ManualClock(options.now ?? 0);
    this.#state = options.state;
    this.#context = this.#newContext();
    this.#operator = options.create(this.#context);
  }

  /** The operator as it is now; another one after a restore. */
  get operator(): Operator {
    return this.#operator;
  }

  record(value: unknown, timestamp: Timestamp, port = 0): void {
    const input = this.#operator.inputs[port];
    if (input === undefined)
      throw new InvariantError(`the operator has ${this.#operator.inputs.length} inputs, and no port ${port}`);
    this.#call((operator) => operator.inputs[port]?.record(value, timestamp));
    this.#settle();
  }

  /** The watermark of all inputs together. One that is not above the last is not given to the operator. */
  watermark(at: Timestamp): void {
    if (at <= this.#watermark) return;
    this.#call((operator) => operator.watermark(at));
    this.#watermark = at;
    this.#settle();
  }

  idle(isIdle: boolean): void {
    this.#call((operator) => operator.idle(isIdle));
    this.#settle();
  }

  /** Moves the clock and fires the processing-time timers that are due. */
  processingTime(now: Timestamp): void {
    this.clock.moveTo(now);
    this.#call((operator) => operator.processingTime?.(now));
    this.#settle();
  }

  /** The end of the input; give the last watermark (MAX_TIMESTAMP) before it. */
  finish(): void {
    this.#call((operator) => operator.finish?.());
    this.#settle();
  }

  close(): void {
    this.#operator.close?.();
  }

  /** Lets an asynchronous operator emit what has ended. */
  async ready(): Promise<void> {
    await this.#operator.ready?.();
  }

  /** Waits until nothing is under way. Move the clock while it waits, where timeouts and delays are tested. */
  async drain(): Promise<void> {
    await this.#operator.drain?.();
    if (this.#options.restoreEveryRecord) this.restore(this.snapshot());
  }

  /** What a side output got, in order. */
  sideOutput(tag: string): readonly Emitted[] {
    return this.#sides.get(tag) ?? [];
  }

  /** The values of the main output alone. */
  values(): readonly Out[] {
    return this.output.map(({ value }) => value);
  }

  /** The records that came since the last call. */
  takeOutput(): readonly Emitted<Out>[] {
    return this.output.splice(0);
  }

  /** The state as plain data, through the codec that checkpoints use. */
  snapshot(): StateSnapshot {
    return decodeValue(encodeValue((this.#state ?? this.#backend).snapshot())) as StateSnapshot;
  }

  /**
   * Goes on with a new operator over that state: one snapshot, or those of several subtasks.
   *
   * @throws InvariantError where the new operator leaves a part of the state unclaimed: it would be lost
   */
  restore(...snapshots: readonly StateSnapshot[]): void {
    this.#operator.close?.();
    this.#state = undefined;
    const { subtask } = this.#context;
    const range = ownKeyGroups(subtask);
    this.#backend = new MemoryBackend(snapshots, range, subtask);
    this.#operator = this.#options.create(this.#newContext());
    const lost = this.#backend.unclaimed();
    if (lost.length > 0) throw new InvariantError(`the restored operator did not ask for its state ${lost.join(', ')}`);
  }

  /** Of one state: what it holds, by key. `namespace` is '' unless the state is divided (windows). */
  state(name: string): readonly { readonly key: Key; readonly namespace: Namespace; readonly value: unknown }[] {
    const table = this.snapshot().tables.find((each) => each.name === name);
    return (table?.entries ?? []).map(([key, namespace, value]) => ({ key: userKeyOf(key), namespace, value }));
  }

  /** The timers that are set, by time. */
  timers(domain: 'event' | 'processing' = 'event'): readonly { readonly at: Timestamp; readonly key: Key }[] {
    const queues = this.snapshot().timers.filter((queue) => queue.domain === domain);
    const entries = queues.flatMap((queue) => queue.entries as readonly (readonly [Timestamp, StateKey, Namespace])[]);
    return entries.map(([at, key]) => ({ at, key: userKeyOf(key) })).sort((left, right) => left.at - right.at);
  }

  /** How many cells and timers there are. */
  get stateSize(): number {
    return (this.#state ?? this.#backend).size;
  }

  /** Calls the operator; again, and as if for the first time, where its state had to be loaded. */
  #call(call: (operator: Operator) => void): void {
    for (;;) {
      const undo = this.#undo();
      try {
        call(this.#operator);
        return;
      } catch (error) {
        if (this.#state?.recover(error) !== true) throw error;
        undo();
        this.#operator = this.#options.create(this.#newContext());
      }
    }
  }

  /** Takes back all that comes out from now on. */
  #undo(): () => void {
    const lists: readonly unknown[][] = [this.output, this.watermarks, this.deadLetters, this.events];
    const lengths = lists.map(({ length }) => length);
    const sides = new Map([...this.#sides].map(([tag, records]) => [tag, records.length]));
    const metrics = { ...this.metrics };
    return () => {
      for (const [place, list] of lists.entries()) list.length = lengths[place] ?? 0;
      for (const [tag, records] of this.#sides) records.length = sides.get(tag) ?? 0;
      Object.assign(this.metrics, metrics);
    };
  }

  #settle(): void {
    if (this.#state !== undefined) {
      if (this.#operator.drain === undefined && this.#state.settle()) this.#operator = this.#made();
      return;
    }
    if (this.#options.restoreEveryRecord && this.#operator.drain === undefined) this.restore(this.snapshot());
  }

  #made(): Operator {
    this.#operator.close?.();
    return this.#options.create(this.#newContext());
  }

  #newContext(): OperatorContext {
    const { uid = 'operator', subtask = { index: 0, parallelism: 1, maxParallelism: 1024 } } = this.#options;
    return {
      uid,
      subtask,
      output: this.#newOutput(),
      side: (tag) => ({ record: (value, timestamp) => this.#side(tag, value, timestamp) }),
      state: this.#state?.backend() ?? this.#backend,
      clock: this.clock,
      random: seededRandom(1),
      metrics: this.metrics,
      watermark: this.#watermark,
      wake: () => {
        this.wakes++;
      },
      poison: (error, value, timestamp) => this.#poison(error, value, timestamp),
    };
  }

  #newOutput(): Output {
    return {
      record: (value, timestamp) => {
        this.output.push({ value: value as Out, timestamp });
        this.events.push({ kind: 'record', value: value as Out, timestamp });
      },
      watermark: (at) => {
        this.watermarks.push(at);
        this.events.push({ kind: 'watermark', at });
      },
      idle: (isIdle) => this.events.push({ kind: 'idle', isIdle }),
    };
  }

  #side(tag: string, value: unknown, timestamp: Timestamp): void {
    const records = this.#sides.get(tag) ?? [];
    records.push({ value, timestamp });
    this.#sides.set(tag, records);
    this.events.push({ kind: 'side', tag, value, timestamp });
  }

  #poison(error: unknown, value: unknown, timestamp: Timestamp): void {
    if (isFatal(error) || this.#options.onPoison !== 'collect') throw error;
    this.metrics.deadLetters++;
    this.deadLetters.push({ reason: reasonOf(error), error, value, timestamp });
  }
}

function ownKeyGroups({ index, parallelism, maxParallelism }: Subtask): {
  readonly first: number;
  readonly last: number;
  readonly maxParallelism: number;
} {
  const first = Math.ceil((index * maxParallelism) / parallelism);
  const last = Math.ceil(((index + 1) * maxParallelism) / parallelism) - 1;
  return { first, last, maxParallelism };
}
