/** The door of the test harnesses: `import { … } from 'millrace/testing'`. */

export { ManualClock } from './manual-clock.ts';
export {
  type DeadLetter,
  type Emitted,
  type HarnessEvent,
  OperatorHarness,
  type OperatorHarnessOptions,
} from './operator-harness.ts';
export {
  broadcastProcessHarness,
  coProcessHarness,
  type HarnessOptions,
  keyedBroadcastProcessHarness,
  keyedCoProcessHarness,
  keyedProcessHarness,
  operatorHarness,
  processHarness,
} from './process-harness.ts';
