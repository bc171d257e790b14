import type { CoGroupDescriptor, WindowDescriptor } from '../descriptor.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CoGroupOperator } from './co-group-operator.ts';
import { panesOf } from './pane.ts';
import { PaneWindowOperator } from './pane-window-operator.ts';
import { SessionWindowOperator, sessionsOf } from './session-window-operator.ts';
import { WindowOperator } from './window-operator.ts';

/** The running operator of a window: by panes or by the sessions of a key where that can be done, else the general one. */
export function createWindowOperator(descriptor: WindowDescriptor, context: OperatorContext): Operator {
  const panes = panesOf(descriptor);
  if (panes !== undefined) return new PaneWindowOperator(descriptor, panes, context);
  const sessions = sessionsOf(descriptor);
  if (sessions !== undefined) return new SessionWindowOperator(descriptor, sessions, context);
  return new WindowOperator(descriptor, context);
}

export function createCoGroupOperator(descriptor: CoGroupDescriptor, context: OperatorContext): Operator {
  return new CoGroupOperator(descriptor, context);
}
