import type { Timestamp } from '../time/timestamp.ts';
import type { MapDescriptor } from './descriptor.ts';
import type { OperatorContext } from './operator.ts';
import { SingleInputOperator } from './passing-operator.ts';
import { expectPlain } from './user-call.ts';

/** One record out for each in (Flink: StreamMap). */
export class MapOperator extends SingleInputOperator {
  readonly #map: MapDescriptor['map'];

  constructor({ map }: MapDescriptor, context: OperatorContext) {
    super(context);
    this.#map = map;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    let result: unknown;
    try {
      result = expectPlain(this.#map(value), this.context.uid, 'map');
    } catch (error) {
      this.context.poison(error, value, timestamp);
      return;
    }
    this.metrics.recordsOut++;
    this.output.record(result, timestamp);
  }
}
