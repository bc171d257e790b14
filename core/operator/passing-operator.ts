import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { Operator, OperatorContext, Output, RecordOutput } from './operator.ts';
import type { OperatorMetrics } from './operator-metrics.ts';

/** What operators that hand watermarks straight on have in common. */
export abstract class PassingOperator implements Operator {
  abstract readonly inputs: readonly RecordOutput[];
  protected readonly context: OperatorContext;
  protected readonly output: Output;
  protected readonly metrics: OperatorMetrics;
  #watermark: Timestamp;

  constructor(context: OperatorContext) {
    this.context = context;
    this.output = context.output;
    this.metrics = context.metrics;
    this.#watermark = context.watermark ?? MIN_TIMESTAMP;
  }

  watermark(at: Timestamp): void {
    if (at <= this.#watermark) return;
    this.#watermark = at;
    this.metrics.watermark = at;
    this.output.watermark(at);
  }

  idle(isIdle: boolean): void {
    this.output.idle(isIdle);
  }
}

/** One input, which is the operator itself: one call less per record. */
export abstract class SingleInputOperator extends PassingOperator implements RecordOutput {
  readonly inputs: readonly RecordOutput[] = [this];

  abstract record(value: unknown, timestamp: Timestamp): void;
}
