import { systemClock } from '../../../core/local/system-clock.ts';
import type { RecordBatch } from '../../../core/port/record-writer.ts';
import type { SinkTarget } from '../../../functions/connector/sink-target.ts';

/** The records of commit `n` of a task. */
export function batchOf(
  values: readonly unknown[],
  n = 1,
  incarnation = 1,
  task = 'clicks/shardId-000000000000',
): RecordBatch {
  return { identity: { incarnation, task, n }, records: values.map((value, i) => ({ value, timestamp: 1_000 + i })) };
}

export function targetOf<Options>(options: Options, address: string): SinkTarget<Options> {
  return { uid: 'out', options, address, clock: systemClock };
}
