/** The door of the test harnesses: `import { … } from 'millrace/testing'`. */

export type { DeadLetter as JobDeadLetter } from '../chain/dead-letter.ts';
export type { NodeMetrics } from '../local/local-metrics.ts';
export { JobHarness, type JobHarnessOptions } from './job-harness.ts';
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
export { type JobResult, type RunJobOptions, runJob } from './run-job.ts';
