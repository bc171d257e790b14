import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC, METRIC_NAMESPACE, type MetricName, metricDimensions } from '../functions/deployment/metric.ts';
import type { DeployedStage } from './deployed-stage.ts';

const MINUTE = Duration.minutes(1);

/** What a stage's function measures of itself, and Lambda of it, by the minute. */
export function stageMetrics(stage: DeployedStage) {
  const own = (metricName: MetricName, statistic: string): Metric =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      statistic,
      period: MINUTE,
      dimensionsMap: metricDimensions({ deployment: stage.deployment, stage: stage.name }),
    });
  const of = { period: MINUTE };
  const { kind } = stage.input.resource;
  const isStream = kind === 'kinesis-stream' || kind === 'dynamodb-stream';
  return {
    recordsIn: own(METRIC.recordsIn, Stats.SUM),
    recordsOut: own(METRIC.recordsOut, Stats.SUM),
    late: own(METRIC.late, Stats.SUM),
    deadLetters: own(METRIC.deadLetters, Stats.SUM),
    watermarkLag: own(METRIC.watermarkLag, Stats.MAXIMUM),
    commitTime: own(METRIC.commitTime, Stats.p(99)),
    publishTime: own(METRIC.publishTime, Stats.p(99)),
    stateBytes: own(METRIC.stateBytes, Stats.MAXIMUM),
    errors: stage.function.metricErrors(of),
    throttles: stage.function.metricThrottles(of),
    invocations: stage.function.metricInvocations(of),
    duration: stage.function.metricDuration({ ...of, statistic: Stats.p(99) }),
    /** Lambda measures it of streams only. */
    iteratorAge: isStream ? stage.function.metric('IteratorAge', { ...of, statistic: Stats.MAXIMUM }) : undefined,
  };
}
