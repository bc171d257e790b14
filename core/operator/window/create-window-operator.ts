import type { CoGroupDescriptor, WindowDescriptor } from '../descriptor.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CoGroupOperator } from './co-group-operator.ts';
import { WindowOperator } from './window-operator.ts';

/** The running operator of a window. */
export function createWindowOperator(descriptor: WindowDescriptor, context: OperatorContext): Operator {
  return new WindowOperator(descriptor, context);
}

export function createCoGroupOperator(descriptor: CoGroupDescriptor, context: OperatorContext): Operator {
  return new CoGroupOperator(descriptor, context);
}
