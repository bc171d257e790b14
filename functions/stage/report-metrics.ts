import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TaskReport } from '../../core/task/task-report.ts';
import { MIN_TIMESTAMP } from '../../core/time/timestamp.ts';
import { METRIC, type MetricName } from '../deployment/metric.ts';

/** What tasks did, as metrics; the task itself stands beside them in the log line, where it costs nothing. */
export function addReports(metrics: Metrics, reports: readonly TaskReport[]): void {
  const busy = reports.filter(({ commits, recordsIn, publishMs }) => commits + recordsIn + publishMs > 0);
  if (busy.length === 0) return;
  metrics.addMetadata('tasks', busy.map(({ task }) => task).join(' '));
  const count = (name: MetricName, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const took = (name: MetricName, ms: number) => metrics.addMetric(name, MetricUnit.Milliseconds, ms);
  for (const report of busy) {
    count(METRIC.recordsIn, report.recordsIn);
    count(METRIC.recordsOut, report.recordsOut);
    count(METRIC.late, report.late);
    count(METRIC.deadLetters, report.deadLetters);
    took(METRIC.commitTime, report.commitMs);
    took(METRIC.publishTime, report.publishMs);
    if (report.watermark !== MIN_TIMESTAMP) took(METRIC.watermarkLag, Math.max(0, Date.now() - report.watermark));
    metrics.addMetric(METRIC.stateBytes, MetricUnit.Bytes, report.stateBytes);
  }
}
