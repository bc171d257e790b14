import { Logger } from '@aws-lambda-powertools/logger';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { systemClock } from '../../core/local/system-clock.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { readIntakeEnvironment } from '../deployment/environment.ts';
import { type QueueIntakeOptions, takeMessages } from './queue-intake.ts';

/** Kept back of the time that Lambda gives, for a call that is under way. */
const SPARE_MS = 12_000;

/** The handler between a queue and the stream that a source stage reads. */
export function intakeHandler() {
  let warm: (QueueIntakeOptions & { readonly logger: Logger }) | undefined;
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    warm ??= open();
    const deadline = Date.now() + Math.max(1_000, context.getRemainingTimeInMillis() - SPARE_MS);
    const left = await takeMessages(Records, deadline, warm);
    if (left.length > 0) warm.logger.warn('messages are left to the queue', { left: left.length });
    return { batchItemFailures: left.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function open() {
  const { stage, stream } = readIntakeEnvironment(process.env);
  const logger = new Logger({ serviceName: stage });
  const client = new KinesisClient(clientOptions());
  return { client, stream, clock: systemClock, logger, onFailure: (error: Error) => logger.warn(error.message) };
}
