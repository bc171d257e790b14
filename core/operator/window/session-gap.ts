import { PoisonRecordError } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { Untyped } from '../untyped.ts';

/** How long after a record its session ends, unless another one comes. */
export function gapOf(
  gap: number | ((value: Untyped, timestamp: Timestamp) => number),
  value: unknown,
  timestamp: Timestamp,
): number {
  if (typeof gap === 'number') return gap;
  const given = gap(value, timestamp);
  if (Number.isFinite(given) && given > 0) return given;
  throw new PoisonRecordError(`the gap of a session must be above 0 ms; the gap function gave ${given}`);
}
