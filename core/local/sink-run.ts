import type { SinkContext, SinkWriter } from '../connector/sink.ts';
import type { SinkNode } from '../graph/node.ts';
import type { Output } from '../operator/operator.ts';
import { newMetrics, type OperatorMetrics } from '../operator/operator-metrics.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** A sink's writer may hold so much before the loop waits for it to be sent: bytes, or records where it counts those. */
export const MAX_SINK_BUFFER = 1_048_576;

/** The writer of a sink in one subtask, at the end of a chain. */
export class SinkRun implements Output {
  readonly node: SinkNode;
  readonly metrics: OperatorMetrics = newMetrics();
  readonly #writer: SinkWriter;
  readonly #poison: (error: unknown, value: unknown, timestamp: Timestamp) => void;

  private constructor(node: SinkNode, writer: SinkWriter, poison: SinkRun['poison']) {
    this.node = node;
    this.#writer = writer;
    this.#poison = poison;
  }

  static async open(node: SinkNode, context: SinkContext, poison: SinkRun['poison']): Promise<SinkRun> {
    return new SinkRun(node, await node.sink.open(context), poison);
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    try {
      this.#writer.write(value, timestamp);
    } catch (error) {
      this.metrics.deadLetters++;
      this.#poison(error, value, timestamp);
    }
  }

  watermark(at: Timestamp): void {
    if (at > this.metrics.watermark) this.metrics.watermark = at;
  }

  idle(): void {}

  get isFull(): boolean {
    return this.#writer.buffered >= MAX_SINK_BUFFER;
  }

  get hasBuffered(): boolean {
    return this.#writer.buffered > 0;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async prepareCommit(): Promise<readonly unknown[]> {
    await this.#writer.flush();
    return (await this.#writer.prepareCommit?.()) ?? [];
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  get poison(): (error: unknown, value: unknown, timestamp: Timestamp) => void {
    return this.#poison;
  }
}
