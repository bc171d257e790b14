import { createOperator } from '../../core/operator/create-operator.ts';
import type { OperatorDescriptor } from '../../core/operator/descriptor.ts';
import type { OperatorHarness, OperatorHarnessOptions } from '../../core/testing/operator-harness.ts';
import { newHarness } from '../restore-mode.ts';

/** A harness over a descriptor, in the mode of the suite. */
export function harnessOf<Out = unknown>(
  descriptor: OperatorDescriptor,
  options: Partial<OperatorHarnessOptions> = {},
): OperatorHarness<Out> {
  return newHarness<Out>({ create: (context) => createOperator(descriptor, context), ...options });
}

export function valuesOf(harness: OperatorHarness): readonly unknown[] {
  return harness.output.map(({ value }) => value);
}
