import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { OperatorContext } from './operator.ts';

/** Emits with the timestamp at hand; `emit` is bound, so that it can be handed around. */
export class Emitter {
  timestamp: Timestamp = NO_TIMESTAMP;
  readonly emit: (value: unknown) => void;

  constructor({ output, metrics }: OperatorContext) {
    this.emit = (value) => {
      metrics.recordsOut++;
      output.record(value, this.timestamp);
    };
  }
}
