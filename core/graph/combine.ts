import type { OperatorDescriptor } from '../operator/descriptor.ts';
import { panesOf } from '../operator/window/pane.ts';

/**
 * True for a window whose records can be aggregated before the shuffle and merged after it: what reaches the window then
 * is one accumulator for each key, window and upstream batch, not each record.
 *
 * It needs a key, windows that follow from a record's time alone (tumbling or sliding event time), a result that does
 * not depend on single records (no trigger or evictor of the user's), and a computation that can be merged.
 */
export function combinesBeforeShuffle(operator: OperatorDescriptor): boolean {
  if (operator.kind !== 'window' || operator.key === undefined) return false;
  const computation = panesOf(operator)?.computation;
  return computation?.kind === 'reduce' || computation?.aggregate.merge !== undefined;
}
