import { OperatorHarness, type OperatorHarnessOptions } from '../core/testing/operator-harness.ts';
import { BlockHarnessState } from './block-state.ts';

/**
 * The suite's other modes, in which nothing that a test sees may change.
 *
 * `npm run test:restore`: state is snapshotted and restored after every record, watermark and timer.
 * `npm run test:blocks`: the state is that of a task on Lambda, see {@link BlockHarnessState}.
 */
export const restoreEveryRecord = process.env.MILLRACE_RESTORE_EVERY_RECORD === '1';
export const stateInBlocks = process.env.MILLRACE_RESTORE_EVERY_RECORD === 'blocks';

/** A harness in the mode of the suite, unless the options say otherwise. */
export function newHarness<Out = unknown>(options: OperatorHarnessOptions): OperatorHarness<Out> {
  const { uid = 'operator', subtask } = options;
  const state = stateInBlocks && { state: new BlockHarnessState(uid, {}, subtask?.maxParallelism) };
  return new OperatorHarness<Out>({ restoreEveryRecord, ...state, ...options });
}
