import type { StateKey } from '../codec/key.ts';
import { PoisonRecordError, RetryableError } from '../error/error.ts';
import type { FrameRecords } from '../frame/frame.ts';
import { decodeFrame, type FrameView } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { RecordOutput } from '../operator/operator.ts';
import type { Wanted } from '../state/block/task-state.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { type Deliver, type FrameOrder, recordsIn } from './frame-order.ts';
import { type InputEntry, type Share, ShareCounter, type Taken, type TaskInput } from './input.ts';
import type { StageChain } from './stage-chain.ts';
import type { TaskTime } from './task-memory.ts';

export type FrameInputOptions = {
  readonly job: string;
  readonly incarnation: number;
  readonly stage: string;
  readonly order: FrameOrder;
  readonly chain: StageChain;
  /** Ports whose records are for every task of the stage, whatever their key group. */
  readonly broadcastPorts: ReadonlySet<number>;
};

/**
 * The inbox of a stage: frames of its producers.
 *
 * Of a frame whose body is poison the header still counts, or its successors would wait for ever; frames of an older
 * incarnation are passed over.
 */
export class FrameInput implements TaskInput {
  readonly #options: FrameInputOptions;

  constructor(options: FrameInputOptions) {
    this.#options = options;
  }

  take({ bytes }: InputEntry, share: Share): Taken {
    const counter = new ShareCounter(share);
    const frame = this.#frameOf(bytes);
    const deliver: Deliver = (view, raw, ranges) => this.#deliver(view, raw, ranges, counter);
    const complete = frame === undefined || this.#options.order.take(frame, bytes, deliver);
    return counter.taken(complete);
  }

  async advance(time: TaskTime, reach: (watermark: Timestamp) => Promise<Timestamp>): Promise<TaskTime> {
    const { order, chain } = this.#options;
    const wanted = order.progress.timeAfter(time.watermark);
    if (wanted.watermark > time.watermark) {
      const watermark = await reach(wanted.watermark);
      chain.head.watermark(watermark);
      if (watermark < wanted.watermark) return { ...time, watermark };
    }
    if (wanted.idle !== time.idle) chain.head.idle(wanted.idle);
    return wanted;
  }

  wantedBy(entries: readonly InputEntry[]): Wanted {
    const { chain, stage } = this.#options;
    return new Map([[stage, entries.flatMap(({ bytes }) => keysIn(bytes, chain))]]);
  }

  isBehind({ watermark }: TaskTime): boolean {
    return this.#options.order.progress.timeAfter(watermark).watermark > watermark;
  }

  /** Undefined for what is not for this task. */
  #frameOf(bytes: Uint8Array): FrameView | undefined {
    const { job, incarnation, stage, chain } = this.#options;
    let frame: FrameView;
    try {
      frame = decodeFrame(bytes);
      if (frame.header.job !== job) throw new PoisonRecordError(`it is of job ${frame.header.job}`);
    } catch (error) {
      chain.poison(stage, error, bytes, NO_TIMESTAMP);
      return undefined;
    }
    if (frame.header.incarnation > incarnation) {
      throw new RetryableError(
        `a frame is of incarnation ${frame.header.incarnation}; this function runs ${incarnation}`,
      );
    }
    return frame.header.incarnation < incarnation ? undefined : frame;
  }

  #deliver(frame: FrameView, bytes: Uint8Array, ranges: readonly KeyGroupRange[], counter: ShareCounter): boolean {
    const { stage, chain, broadcastPorts } = this.#options;
    let records: FrameRecords;
    try {
      records = frame.records();
    } catch (error) {
      const turn = counter.next();
      if (turn !== 'skip' && turn !== 'stop') chain.poison(stage, error, bytes, NO_TIMESTAMP);
      return turn !== 'stop';
    }
    const { port } = frame.header;
    const own = broadcastPorts.has(port) ? records : recordsIn(records, frame.header, ranges);
    return this.#records(own, chain.input(port), counter);
  }

  #records({ values, timestamps }: FrameRecords, input: RecordOutput, counter: ShareCounter): boolean {
    const { stage, chain } = this.#options;
    for (let i = 0; i < values.length; i++) {
      const timestamp = timestamps[i] as Timestamp;
      switch (counter.next()) {
        case 'handle':
          input.record(values[i], timestamp);
          break;
        case 'blame':
          chain.poison(stage, new PoisonRecordError(counter.blamed), values[i], timestamp);
          break;
        case 'stop':
          return false;
      }
    }
    return true;
  }
}

/** The keys of a frame; none where it is poison, which is for whoever takes it to say. */
function keysIn(bytes: Uint8Array, chain: StageChain): readonly StateKey[] {
  try {
    const frame = decodeFrame(bytes);
    return chain.keysOf(frame.header.port, frame.records().values);
  } catch {
    return [];
  }
}
