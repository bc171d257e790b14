import { OperatorHarness, type OperatorHarnessOptions } from '../core/testing/operator-harness.ts';

/**
 * The suite's second mode, `npm run test:restore`: state is snapshotted and restored after every
 * record, watermark and timer. Nothing that a test sees may change.
 */
export const restoreEveryRecord = process.env.MILLRACE_RESTORE_EVERY_RECORD === '1';

/** A harness in the mode of the suite, unless the options say otherwise. */
export function newHarness<Out = unknown>(options: OperatorHarnessOptions): OperatorHarness<Out> {
  return new OperatorHarness<Out>({ restoreEveryRecord, ...options });
}
