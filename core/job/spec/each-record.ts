import type { Untyped } from '../../operator/untyped.ts';
import type { OperatorStream, Stream } from '../stream.ts';
import type { Resolved } from './function-resolver.ts';

/** What is done to each record by itself; `timed` where it asks for the event time. */
type Each = Pick<Resolved, 'of' | 'timed'>;

export function filtered(stream: Stream<Untyped>, { of, timed }: Each): OperatorStream<Untyped> {
  if (!timed) return stream.filter((record: Untyped) => of(record));
  return withTime(stream, (record, timestamp, emit) => {
    if (of(record, timestamp)) emit(record);
  });
}

export function mapped(stream: Stream<Untyped>, { of, timed }: Each): OperatorStream<Untyped> {
  if (!timed) return stream.map((record: Untyped) => of(record));
  return withTime(stream, (record, timestamp, emit) => emit(of(record, timestamp)));
}

/** Only a process function is told the event time of a record. */
export function withTime(
  stream: Stream<Untyped>,
  handle: (record: Untyped, timestamp: number, emit: (value: Untyped) => void) => void,
): OperatorStream<Untyped> {
  return stream.process<Untyped>({ process: (record, { timestamp, emit }) => handle(record, timestamp, emit) });
}
