import type { CoGroupDescriptor, WindowDescriptor } from '../descriptor.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CoGroupOperator } from './co-group-operator.ts';
import { PaneWindowOperator, panesOf } from './pane-window-operator.ts';
import { WindowOperator } from './window-operator.ts';

/** The running operator of a window: by panes where that can be done, else the general one. */
export function createWindowOperator(descriptor: WindowDescriptor, context: OperatorContext): Operator {
  const panes = panesOf(descriptor);
  return panes === undefined
    ? new WindowOperator(descriptor, context)
    : new PaneWindowOperator(descriptor, panes, context);
}

export function createCoGroupOperator(descriptor: CoGroupDescriptor, context: OperatorContext): Operator {
  return new CoGroupOperator(descriptor, context);
}
