import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import type { Job } from '../../core/job/job.ts';
import { systemClock } from '../../core/local/system-clock.ts';
import { Collector } from '../../core/task/collector.ts';
import { Coordinator } from '../../core/task/coordinator.ts';
import { clientOptions, s3Options } from '../adapter/client-options.ts';
import { DynamoDbCommitTable } from '../adapter/dynamodb-commit-table.ts';
import { KinesisFrameLog } from '../adapter/kinesis-frame-log.ts';
import { LambdaInvoker } from '../adapter/lambda-invoker.ts';
import { S3ObjectStore } from '../adapter/s3-object-store.ts';
import { type CoordinatorEnvironment, readCoordinatorEnvironment } from '../deployment/environment.ts';

/** `start` writes the topology of the job; `tick` comes once a minute. */
export type CoordinatorCommand = { readonly command: 'start' | 'tick' };

/** The handler of the coordinator's function. */
export function coordinatorHandler(job: Job) {
  const logger = new Logger({ serviceName: 'coordinator' });
  const warm: { coordinator?: Coordinator } = {};
  return async ({ command }: CoordinatorCommand, context: { readonly awsRequestId: string }): Promise<void> => {
    warm.coordinator ??= openCoordinator(job, readCoordinatorEnvironment(process.env));
    if (command === 'start') {
      const { stages } = await warm.coordinator.start(context.awsRequestId);
      logger.info('the job is started', { stages });
      return;
    }
    const report = await warm.coordinator.tick(context.awsRequestId);
    if (report.invoked.length > 0) logger.info('tasks are touched', { invoked: report.invoked });
    for (const failure of report.failures) logger.warn(failure);
  };
}

function openCoordinator(job: Job, environment: CoordinatorEnvironment): Coordinator {
  const { incarnation, stages } = environment;
  const table = new DynamoDbCommitTable(new DynamoDBClient(clientOptions()), environment.table);
  const objects = new S3ObjectStore(new S3Client(s3Options()), environment.bucket);
  const kinesis = new KinesisClient(clientOptions());
  const streams = Object.entries(stages).flatMap(([stage, { inbox, source }]) => {
    const stream = inbox?.stream ?? (source?.kind === 'kinesis-stream' ? source.address : undefined);
    return stream === undefined ? [] : [[stage, new KinesisFrameLog(kinesis, stream)] as const];
  });
  return new Coordinator({
    graph: job.graph,
    incarnation,
    table,
    streams: new Map(streams),
    invoker: new LambdaInvoker(new LambdaClient(clientOptions()), (stage) => stages[stage]?.function ?? stage),
    clock: systemClock,
    collector: new Collector({ job: job.graph.name, incarnation, table, objects, clock: systemClock }),
  });
}
