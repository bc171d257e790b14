/**
 * The metrics that the functions of a job write (in CloudWatch's embedded metric format) and that its dashboard and alarms
 * read.
 */
export const METRIC_NAMESPACE = 'Millrace';

export const METRIC = {
  /** Records taken from the input, and given to the next stages and sinks. */
  recordsIn: 'RecordsIn',
  recordsOut: 'RecordsOut',
  /** Records that came behind the watermark and its allowed lateness. */
  late: 'LateRecords',
  /** Records that could not be handled. */
  deadLetters: 'DeadLetters',
  /** Milliseconds from the watermark of a task to now. */
  watermarkLag: 'WatermarkLag',
  /** Milliseconds of the conditional put, and of sending the outbox. */
  commitTime: 'CommitTime',
  publishTime: 'PublishTime',
  /** Bytes of keyed state of a task. */
  stateBytes: 'StateBytes',
} as const;

export type MetricName = (typeof METRIC)[keyof typeof METRIC];

/**
 * The dimensions of every metric: the deployment, so that two of one job are told apart, and the stage. (Powertools give
 * every metric a service and leave no choice, so that is what the deployment is called.)
 */
export function metricDimensions({ deployment, stage }: { readonly deployment: string; readonly stage: string }) {
  return { service: deployment, stage };
}
