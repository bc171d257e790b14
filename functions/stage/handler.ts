import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Job } from '../../core/job/job.ts';
import type { TaskCommand } from '../../core/port/invoker.ts';
import type { StageRuntime } from '../../core/task/stage-runtime.ts';
import type { Writers } from '../connector/sink-target.ts';
import { readStageEnvironment } from '../deployment/environment.ts';
import { METRIC_NAMESPACE, metricDimensions } from '../deployment/metric.ts';
import { kinesisBatch } from './kinesis-batch.ts';
import { addReports } from './report-metrics.ts';
import { openStage } from './stage-instance.ts';

/** Kept back of the time that Lambda gives, for the row and the frames of the last part. */
const SPARE_MS = 5_000;

/** The handler of a stage's function: entries of a shard, or a task to touch. `writers`: of the words of the job's sinks. */
export function stageHandler(job: Job, writers: Writers) {
  let warm: WarmStage | undefined;
  return async (event: KinesisStreamEvent | TaskCommand, context: Context): Promise<KinesisStreamBatchResponse> => {
    warm ??= warmUp(job, writers);
    const { stage, logger, metrics } = warm;
    const deadline = Date.now() + Math.max(0, context.getRemainingTimeInMillis() - SPARE_MS);
    try {
      const left = await run(stage, event, deadline);
      return { batchItemFailures: left === undefined ? [] : [{ itemIdentifier: left }] };
    } catch (error) {
      logger.error('the batch is given again', error as Error);
      throw error;
    } finally {
      addReports(metrics, stage.takeReports());
      metrics.publishStoredMetrics();
    }
  };
}

/** What an instance of the function keeps from call to call. */
type WarmStage = { readonly stage: StageRuntime; readonly logger: Logger; readonly metrics: Metrics };

function warmUp(job: Job, writers: Writers): WarmStage {
  const environment = readStageEnvironment(process.env);
  const logger = new Logger({ serviceName: environment.stage });
  const { service: serviceName, ...defaultDimensions } = metricDimensions(environment);
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName, defaultDimensions, logger });
  return { stage: openStage(job, environment, writers), logger, metrics };
}

/** The sequence number of the first record that is to be given again; undefined where all is done. */
async function run(stage: StageRuntime, event: KinesisStreamEvent | TaskCommand, deadline: number) {
  if (!('kind' in event)) return stage.batch(...kinesisBatch(event), deadline);
  await stage.tick(event.shard, deadline);
  return undefined;
}
