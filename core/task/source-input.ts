import type { LogSource } from '../connector/log-source.ts';
import { PoisonRecordError } from '../error/error.ts';
import type { FrameRecords } from '../frame/frame.ts';
import { decodeFrame, type FrameView, isFrame } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { SourceNode } from '../graph/node.ts';
import type { Output } from '../operator/operator.ts';
import type { Clock } from '../port/clock.ts';
import { SplitWatermark } from '../time/source-watermark.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { monotonous } from '../time/watermark-generator.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';
import { type FrameOrder, recordsIn } from './frame-order.ts';
import { type InputEntry, type Share, ShareCounter, type Taken, type TaskInput } from './input.ts';
import type { StageChain } from './stage-chain.ts';
import type { TaskTime } from './task-memory.ts';

export type SourceInputOptions = {
  readonly node: SourceNode;
  readonly source: LogSource;
  /** What it reads, for messages. */
  readonly shard: string;
  readonly order: FrameOrder;
  readonly chain: StageChain;
  readonly clock: Clock;
  /** Where time stood at the last commit. */
  readonly time: TaskTime;
};

/**
 * The stream that a source reads: entries in the user's format, decoded by the source, or frames of the producer library,
 * whose repetitions are known by their numbers (P7, P8). Event time and watermark come from the records.
 */
export class SourceInput implements TaskInput {
  readonly #options: SourceInputOptions;
  readonly #head: Output;
  readonly #split: SplitWatermark | undefined;
  #watermark: Timestamp;
  #idle: boolean;

  constructor(options: SourceInputOptions) {
    this.#options = options;
    this.#head = options.chain.head;
    this.#watermark = options.time.watermark;
    this.#idle = options.time.idle;
    const strategy = strategyOf(options.node);
    this.#split = strategy && new SplitWatermark(strategy, options.clock, ({ watermark }) => this.#raise(watermark));
  }

  take(entry: InputEntry, share: Share): Taken {
    const counter = new ShareCounter(share);
    const complete = isFrame(entry.bytes) ? this.#frame(entry, counter) : this.#decode(entry, counter);
    return counter.taken(complete);
  }

  /** The watermark follows each record that raises it; here it only hears of the clock. */
  async advance(): Promise<TaskTime> {
    this.#split?.periodic(this.#options.clock.now());
    if (this.#split !== undefined) this.#raise(this.#split.watermark);
    return { watermark: this.#watermark, idle: this.#idle };
  }

  isBehind(): boolean {
    return false;
  }

  /** Nothing came for so long that nobody should wait for it. */
  becomeIdle(): void {
    this.#idle = true;
    this.#head.idle(true);
  }

  #frame(entry: InputEntry, counter: ShareCounter): boolean {
    const { order, chain, node } = this.#options;
    try {
      const frame = decodeFrame(entry.bytes);
      return order.take(frame, entry.bytes, (view, bytes, ranges) =>
        this.#deliver(view, { ...entry, bytes }, ranges, counter),
      );
    } catch (error) {
      chain.poison(node.uid, error, entry.bytes, NO_TIMESTAMP);
      return true;
    }
  }

  #deliver(
    frame: FrameView,
    { bytes, arrival = NO_TIMESTAMP }: InputEntry,
    ranges: readonly KeyGroupRange[],
    counter: ShareCounter,
  ): boolean {
    const { chain, node } = this.#options;
    let records: FrameRecords;
    try {
      records = recordsIn(frame.records(), frame.header, ranges);
    } catch (error) {
      const turn = counter.next();
      if (turn !== 'skip' && turn !== 'stop') chain.poison(node.uid, error, bytes, NO_TIMESTAMP);
      return turn !== 'stop';
    }
    const timestamps = records.timestamps.map((at) => (at === NO_TIMESTAMP ? arrival : at));
    return this.#records(records.values, timestamps, arrival, counter);
  }

  #decode({ bytes, arrival, sequence }: InputEntry, counter: ShareCounter): boolean {
    const { source, shard, chain, node } = this.#options;
    const place = `${shard} ${sequence}`;
    const { values, timestamps, faults } = source.decode({
      bytes,
      place,
      ...(arrival !== undefined && { arrival }),
    });
    for (const { reason, raw, place: at } of faults ?? []) {
      const turn = counter.next();
      if (turn === 'stop') return false;
      if (turn !== 'skip') chain.refuse({ operator: node.uid, reason, record: raw, place: at });
    }
    // Ingestion time is that of the stream, which goes up, and not what the source knows of its records.
    return this.#records(values, node.eventTime === 'ingestion' ? undefined : timestamps, arrival, counter);
  }

  #records(
    values: readonly unknown[],
    timestamps: readonly Timestamp[] | undefined,
    arrival: Timestamp | undefined,
    counter: ShareCounter,
  ): boolean {
    const { chain, node } = this.#options;
    if (this.#idle && values.length > 0) this.#wakeUp();
    for (let i = 0; i < values.length; i++) {
      const previous = timestamps?.[i] ?? arrival ?? NO_TIMESTAMP;
      switch (counter.next()) {
        case 'handle':
          this.#record(values[i], previous);
          break;
        case 'blame':
          chain.poison(node.uid, new PoisonRecordError(counter.blamed), values[i], previous);
          break;
        case 'stop':
          return false;
      }
    }
    return true;
  }

  #record(value: unknown, previous: Timestamp): void {
    const { chain, node } = this.#options;
    if (this.#split === undefined) {
      this.#head.record(value, previous);
      return;
    }
    let timestamp: Timestamp;
    try {
      timestamp = this.#split.timestampOf(value, previous);
    } catch (error) {
      chain.poison(node.uid, error, value, NO_TIMESTAMP);
      return;
    }
    this.#head.record(value, timestamp);
    this.#split.handled(value, timestamp);
  }

  #wakeUp(): void {
    this.#idle = false;
    this.#head.idle(false);
  }

  /** A restored watermark may be ahead of what the generator, which begins anew, makes of the records that come. */
  #raise(watermark: Timestamp): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    this.#head.watermark(watermark);
  }
}

/** Idleness is told by the task, which reads the shard; a generator's silence says nothing here. */
function strategyOf({ eventTime }: SourceNode): WatermarkStrategy | undefined {
  if (eventTime === undefined) return undefined;
  if (eventTime === 'ingestion') return { timestampOf: (_, previous) => previous, generator: monotonous() };
  const { idleAfterMs: _, ...strategy } = eventTime;
  return strategy;
}
