import type { OperatorDescriptor } from '../operator/descriptor.ts';

/**
 * True for a window whose records can be aggregated before the shuffle and merged after it: what reaches the window then
 * is one accumulator for each key, window and upstream batch, not each record.
 *
 * It needs a key, windows that follow from a record's time alone (tumbling or sliding event time), a result that does
 * not depend on single records (no trigger or evictor of the user's), and a computation that can be merged.
 */
export function combinesBeforeShuffle(operator: OperatorDescriptor): boolean {
  if (operator.kind !== 'window' || operator.key === undefined) return false;
  const { assigner, trigger, evictor, computation } = operator;
  if (assigner.kind !== 'tumbling' && assigner.kind !== 'sliding') return false;
  if (assigner.time !== 'event' || trigger !== undefined || evictor !== undefined) return false;
  if (computation.kind === 'reduce') return true;
  return computation.kind === 'aggregate' && computation.aggregate.merge !== undefined;
}
