import type { SourceSnapshot, SplitSnapshot } from '../checkpoint/checkpoint.ts';
import type { Batch, SourceContext, SplitReader } from '../connector/source.ts';
import { isFatal, RetryableError, reasonOf } from '../error/error.ts';
import type { SourceNode } from '../graph/node.ts';
import type { Output } from '../operator/operator.ts';
import { newMetrics, type OperatorMetrics } from '../operator/operator-metrics.ts';
import { SourceWatermark, type SplitWatermark } from '../time/source-watermark.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { monotonous } from '../time/watermark-generator.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';
import type { Environment } from './environment.ts';

/** A split that has nothing now is asked again after so long, unless its reader says when. */
export const POLL_MS = 20;

/** Event time is the moment of reading (Flink: ingestion time). */
const INGESTION: WatermarkStrategy = { timestampOf: (_, previous) => previous, generator: monotonous() };

/** A split as the loop sees it. */
export type SplitRun = {
  readonly source: SourceRun;
  readonly id: string;
  readonly split: unknown;
  position: unknown;
  ended: boolean;
  /** Nothing to read until then. */
  waiting: boolean;
  /** On which turn it was read last: splits of equal right take turns. */
  turn: number;
  reader?: SplitReader;
  watermark?: SplitWatermark;
};

/**
 * A source in one subtask: its splits, their event time, and the batch at hand.
 *
 * 1. `position` of a split is that behind the last record handed on: what a checkpoint between two batches needs.
 * 2. When all splits have ended and no more will come, the watermark becomes the largest there is.
 */
export class SourceRun {
  readonly node: SourceNode;
  readonly metrics: OperatorMetrics = newMetrics();
  readonly splits: SplitRun[] = [];
  readonly #environment: Environment;
  readonly #context: SourceContext;
  readonly #tracker: SourceWatermark | undefined;
  #output: Output;
  #complete = false;
  #ended = false;

  constructor(
    node: SourceNode,
    options: { environment: Environment; context: SourceContext; output: Output; restored: Timestamp },
  ) {
    const { environment, context, output, restored } = options;
    this.node = node;
    this.#environment = environment;
    this.#context = context;
    this.#output = output;
    this.metrics.watermark = restored;
    const strategy = node.eventTime === 'ingestion' ? INGESTION : node.eventTime;
    const told = {
      watermark: (at: Timestamp) => this.#give(at),
      idle: (isIdle: boolean) => this.#output.idle(isIdle),
    };
    this.#tracker = strategy && new SourceWatermark(strategy, environment.clock, told, restored);
  }

  /** Another pipeline takes over (a restore). */
  set output(output: Output) {
    this.#output = output;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Where event time stands; a source without it is always at the beginning, so that it is read first. */
  get watermark(): Timestamp {
    return this.#tracker?.current ?? MIN_TIMESTAMP;
  }

  get nextPeriodic(): Timestamp {
    return this.#ended || this.#tracker === undefined || this.node.source.bounded
      ? MAX_TIMESTAMP
      : this.#tracker.nextPeriodic;
  }

  periodic(now: Timestamp): void {
    if (!this.#ended) this.#tracker?.periodic(now);
  }

  add(splits: readonly SplitSnapshot[], complete: boolean): void {
    for (const { id, split, position, watermark, ended } of splits) {
      const run: SplitRun = { source: this, id, split, position, ended, waiting: false, turn: 0 };
      if (!ended && this.#tracker !== undefined) run.watermark = this.#tracker.open(id, watermark);
      this.splits.push(run);
    }
    this.#complete = complete;
    this.#endIfDone();
  }

  /** Reads a batch and hands it on; gives how many records it had. May be synchronous, where the reader is. */
  read(split: SplitRun, limit: number): number | Promise<number> {
    const batch =
      split.reader === undefined
        ? this.#open(split).then((reader) => reader.read(limit))
        : this.#guarded(split, split.reader, limit);
    return batch instanceof Promise
      ? batch.then(
          (read) => this.#handle(split, read),
          (error) => this.#failed(split, error),
        )
      : this.#handle(split, batch);
  }

  snapshot(): SourceSnapshot {
    return {
      uid: this.node.uid,
      watermark: this.metrics.watermark,
      splits: this.splits.map(({ id, split, position, watermark, ended }) => ({
        id,
        split,
        ended,
        ...(position !== undefined && { position }),
        ...(watermark !== undefined && { watermark: watermark.watermark }),
      })),
    };
  }

  async close(): Promise<void> {
    for (const { reader } of this.splits) await reader?.close();
  }

  async #open(split: SplitRun): Promise<SplitReader> {
    split.reader = await this.node.source.open({ id: split.id, split: split.split }, split.position, this.#context);
    return split.reader;
  }

  #guarded(split: SplitRun, reader: SplitReader, limit: number): Batch | Promise<Batch> {
    try {
      return reader.read(limit);
    } catch (error) {
      return this.#failed(split, error);
    }
  }

  /** A source that cannot be read stops the job, which can be resumed: going on without it would lose its records. */
  #failed(split: SplitRun, error: unknown): never {
    if (isFatal(error)) throw error;
    throw new RetryableError(`${this.node.uid}: ${split.id} cannot be read: ${reasonOf(error)}; mend it and resume`, {
      cause: error,
    });
  }

  #handle(split: SplitRun, batch: Batch): number {
    const { values, faults, ended } = batch;
    if (faults !== undefined) this.#deadLetters(faults);
    if (values.length > 0) this.#emit(split, batch);
    split.position = split.reader?.position();
    if (ended) this.#endSplit(split);
    else if (values.length === 0 && faults === undefined) this.#wait(split);
    return values.length + (faults?.length ?? 0);
  }

  #emit(split: SplitRun, { values, timestamps }: Batch): void {
    this.metrics.recordsOut += values.length;
    if (split.watermark === undefined) {
      for (let i = 0; i < values.length; i++) this.#output.record(values[i], timestamps?.[i] ?? NO_TIMESTAMP);
      return;
    }
    const read = this.node.eventTime === 'ingestion' ? this.#environment.clock.now() : NO_TIMESTAMP;
    for (let i = 0; i < values.length; i++) this.#timed(split.watermark, values[i], timestamps?.[i] ?? read);
  }

  #timed(split: SplitWatermark, value: unknown, previous: Timestamp): void {
    let timestamp: Timestamp;
    try {
      timestamp = split.timestampOf(value, previous);
    } catch (error) {
      this.#poison(error, value);
      return;
    }
    this.#output.record(value, timestamp);
    split.handled(value, timestamp);
  }

  #poison(error: unknown, value: unknown): void {
    if (isFatal(error)) throw error;
    this.metrics.deadLetters++;
    this.metrics.recordsOut--;
    this.#environment.deadLetter({ operator: this.node.uid, reason: reasonOf(error), record: value });
  }

  #deadLetters(faults: NonNullable<Batch['faults']>): void {
    this.metrics.deadLetters += faults.length;
    for (const { reason, raw, place } of faults) {
      this.#environment.deadLetter({ operator: this.node.uid, reason, record: raw, place });
    }
  }

  #wait(split: SplitRun): void {
    split.waiting = true;
    const ready = () => {
      split.waiting = false;
      this.#environment.wake();
    };
    const arrived = split.reader?.arrived?.();
    if (arrived === undefined) this.#environment.clock.after(POLL_MS, ready);
    else arrived.then(ready, ready);
  }

  #endSplit(split: SplitRun): void {
    split.ended = true;
    const { reader } = split;
    delete split.reader;
    void reader?.close();
    delete split.watermark;
    this.#tracker?.close(split.id);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#ended || !this.#complete || !this.splits.every(({ ended }) => ended)) return;
    this.#ended = true;
    if (this.#tracker === undefined) this.#give(MAX_TIMESTAMP);
    else this.#tracker.end();
  }

  #give(at: Timestamp): void {
    this.metrics.watermark = at;
    this.#output.watermark(at);
  }
}
