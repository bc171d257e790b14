import { Logger } from '@aws-lambda-powertools/logger';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { RetryableError } from '../../core/error/error.ts';
import { systemClock } from '../../core/local/system-clock.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { readIntakeEnvironment } from '../deployment/environment.ts';
import { messageOfQueue, messageOfTable } from './intake-message.ts';
import { type IntakeOptions, takeMessages } from './take-messages.ts';

/** Kept back of the time that Lambda gives, for a call that is under way. */
const SPARE_MS = 12_000;

/** The handler between a queue, or the change stream of a table, and the stream that a source stage reads. */
export function intakeHandler() {
  let warm: (IntakeOptions & { readonly logger: Logger }) | undefined;
  return async ({ Records }: SQSEvent | DynamoDBStreamEvent, context: Context): Promise<SQSBatchResponse> => {
    warm ??= open();
    const deadline = Date.now() + Math.max(1_000, context.getRemainingTimeInMillis() - SPARE_MS);
    const messages = Records.map((record) => ('messageId' in record ? messageOfQueue(record) : messageOfTable(record)));
    const left = await takeMessages(messages, deadline, warm);
    // An error is counted and seen, and the whole batch comes again as it would anyway.
    if (left.length > 0 && left.length === messages.length)
      throw new RetryableError(`the stream ${warm.stream} takes nothing`);
    if (left.length > 0) warm.logger.warn('messages are left', { left: left.length });
    return { batchItemFailures: left.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function open() {
  const { stage, stream } = readIntakeEnvironment(process.env);
  const logger = new Logger({ serviceName: stage });
  const client = new KinesisClient(clientOptions());
  return { client, stream, clock: systemClock, logger, onFailure: (error: Error) => logger.warn(error.message) };
}
