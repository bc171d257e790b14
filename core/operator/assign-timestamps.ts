import type { OperatorListState } from '../state/state-backend.ts';
import { SourceWatermark, type SplitWatermark } from '../time/source-watermark.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { AssignTimestampsDescriptor } from './descriptor.ts';
import type { Operator, OperatorContext, RecordOutput } from './operator.ts';

/**
 * Event time given in mid-stream (Flink: TimestampsAndWatermarksOperator). Timestamps and watermarks that come in are
 * replaced; only the end of the input passes. The last watermark is in state: a restored operator gives none below it.
 */
export class AssignTimestampsOperator implements Operator, RecordOutput {
  readonly inputs: readonly RecordOutput[] = [this];
  readonly #context: OperatorContext;
  readonly #tracker: SourceWatermark;
  readonly #input: SplitWatermark;
  readonly #given: OperatorListState<Timestamp>;

  constructor({ strategy }: AssignTimestampsDescriptor, context: OperatorContext) {
    const { output, metrics, clock, state } = context;
    const given = state.list<Timestamp>({ name: 'watermark' }, 'union');
    const restored = given.get();
    this.#context = context;
    this.#given = given;
    this.#tracker = new SourceWatermark(
      strategy,
      clock,
      {
        watermark(at) {
          metrics.watermark = at;
          given.update([at]);
          output.watermark(at);
        },
        idle: (isIdle) => output.idle(isIdle),
      },
      restored.length === 0 ? MIN_TIMESTAMP : restored.reduce((lowest, at) => Math.min(lowest, at)),
    );
    this.#input = this.#tracker.open('');
    if (restored.length > 0) this.#given.update([this.#tracker.current]);
  }

  record(value: unknown, previous: Timestamp): void {
    const { metrics, output } = this.#context;
    metrics.recordsIn++;
    let timestamp: Timestamp;
    try {
      timestamp = this.#input.timestampOf(value, previous);
    } catch (error) {
      this.#context.poison(error, value, previous);
      return;
    }
    metrics.recordsOut++;
    output.record(value, timestamp);
    this.#handled(value, timestamp);
  }

  watermark(at: Timestamp): void {
    if (at === MAX_TIMESTAMP) this.#tracker.end();
  }

  /** The idleness of the input says nothing about event time given here. */
  idle(_isIdle: boolean): void {}

  processingTime(now: Timestamp): void {
    this.#tracker.periodic(now);
  }

  get nextProcessingTime(): Timestamp {
    return this.#tracker.nextPeriodic;
  }

  /** A generator that fails takes no record with it: that was emitted. */
  #handled(value: unknown, timestamp: Timestamp): void {
    try {
      this.#input.handled(value, timestamp);
    } catch (error) {
      this.#context.poison(error, value, timestamp);
    }
  }
}
