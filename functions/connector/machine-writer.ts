import type { Sink, SinkWriter } from '../../core/connector/sink.ts';
import { PoisonRecordError, reasonOf } from '../../core/error/error.ts';
import type { Clock } from '../../core/port/clock.ts';
import type { RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';

type MachineWriterOptions = { readonly uid: string; readonly clock: Clock; readonly incarnation: number };

/**
 * A sink of a machine, or a user's own, as the writer of a stage: what was committed is written, flushed and, where the sink
 * wants that, committed at once. A batch that comes again is written again.
 */
export function machineWriter(sink: Sink, { uid, clock, incarnation }: MachineWriterOptions): RecordWriter {
  const context = {
    clock,
    baseFolder: process.cwd(),
    uid,
    subtask: { index: 0, parallelism: 1 },
    incarnation,
    output: { write: (text: string) => process.stdout.write(text) },
  };
  let opening: Promise<SinkWriter> | undefined;
  return {
    async write({ records }) {
      opening ??= sink.open(context);
      const writer = await opening;
      const refused: RefusedRecord[] = [];
      for (const [index, { value, timestamp }] of records.entries()) {
        try {
          writer.write(value, timestamp);
        } catch (error) {
          if (!(error instanceof PoisonRecordError)) throw error;
          refused.push({ index, reason: reasonOf(error) });
        }
      }
      await writer.flush();
      const committables = await writer.prepareCommit?.();
      if (committables !== undefined && committables.length > 0) await sink.commit?.(committables, context);
      return refused;
    },
  };
}
