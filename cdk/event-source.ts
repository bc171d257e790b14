import { Duration } from 'aws-cdk-lib';
import { CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { JobSpecError } from '../core/error/error.ts';
import type { Endpoint } from './endpoint.ts';
import type { StageProps } from './stream-job-props.ts';

const DEFAULT_BATCH_SIZE = 10_000;
/** Events of a source come one by one: a second's worth of them is as dear as one. */
export const DEFAULT_BATCH_WINDOW = Duration.seconds(1);
/** Frames of an inbox are batches already, and come once a batch: to wait again costs time and saves little. */
const INBOX_BATCH_WINDOW = Duration.seconds(0);

export type EventSourceOptions = {
  readonly function: IFunction;
  readonly kind: Endpoint['resource']['kind'];
  readonly arn: string;
  readonly stage: StageProps;
  /** Whose stream it is: that of events, or one of ours that holds batches. */
  readonly reads: 'source' | 'inbox';
  /** Where the stream is read from at first. */
  readonly from: 'trimHorizon' | Date;
};

/**
 * Hands a function what it reads; undefined where nothing pushes and the coordinator hands out the input.
 *
 * A stream is read in shard order and without gaps, as P11 of the task protocol demands: one batch of a shard at a time,
 * whole, tried again until it succeeds however old it is, and nothing filtered out. A record that cannot be handled becomes
 * a dead letter, which the handler finds; so nothing is bisected.
 */
export function eventSource(scope: Construct, options: EventSourceOptions): CfnEventSourceMapping | undefined {
  switch (options.kind) {
    case 'kinesis-stream':
    case 'dynamodb-stream':
      return new CfnEventSourceMapping(scope, 'EventSource', { ...batching(options), ...inOrder(options) });
    default:
      return undefined;
  }
}

function inOrder({ from }: EventSourceOptions) {
  return {
    ...(from === 'trimHorizon'
      ? { startingPosition: 'TRIM_HORIZON' }
      : { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: from.getTime() / 1_000 }),
    parallelizationFactor: 1,
    maximumRetryAttempts: -1,
    maximumRecordAgeInSeconds: -1,
    bisectBatchOnFunctionError: false,
  };
}

function batching({ function: { functionName }, arn, stage, reads }: EventSourceOptions) {
  const window = reads === 'inbox' ? INBOX_BATCH_WINDOW : DEFAULT_BATCH_WINDOW;
  const { batchSize = DEFAULT_BATCH_SIZE, batchWindow = window } = stage;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 10_000) {
    throw new JobSpecError([{ path: 'batchSize', message: `${batchSize} is not from 1 to 10,000` }]);
  }
  if (batchWindow.toMilliseconds() > 300_000 || batchWindow.toMilliseconds() % 1_000 !== 0) {
    const message = `${batchWindow.toMilliseconds()} ms are not whole seconds up to 300`;
    throw new JobSpecError([{ path: 'batchWindow', message }]);
  }
  return {
    functionName,
    eventSourceArn: arn,
    batchSize,
    maximumBatchingWindowInSeconds: batchWindow.toSeconds(),
    functionResponseTypes: ['ReportBatchItemFailures'],
  };
}
