import { Dashboard, GraphWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { DeployedStage } from './deployed-stage.ts';
import { stageMetrics } from './stage-metrics.ts';

type Metrics = ReturnType<typeof stageMetrics>;

/** Half of a dashboard's width. */
const WIDTH = 12;

/** What one looks at first: whether records flow, how far behind they are, what fails. A line for each stage. */
export function jobDashboard(scope: Construct, dashboardName: string, stages: readonly DeployedStage[]): Dashboard {
  const graph = (title: string, label: string, ...of: readonly ((metrics: Metrics) => Metric | undefined)[]) =>
    new GraphWidget({
      title,
      width: WIDTH,
      left: of.flatMap((pick) =>
        stages.flatMap((stage) => pick(stageMetrics(stage))?.with({ label: stage.name }) ?? []),
      ),
      leftYAxis: { label, min: 0, showUnits: false },
    });
  return new Dashboard(scope, 'Dashboard', {
    dashboardName,
    widgets: [
      [graph('Records in', 'records', (of) => of.recordsIn), graph('Records out', 'records', (of) => of.recordsOut)],
      [graph('Iterator age', 'ms', (of) => of.iteratorAge), graph('Watermark lag', 'ms', (of) => of.watermarkLag)],
      [
        graph(
          'Errors and throttles',
          'count',
          (of) => of.errors,
          (of) => of.throttles,
        ),
        graph(
          'Late records and dead letters',
          'records',
          (of) => of.late,
          (of) => of.deadLetters,
        ),
      ],
      [
        graph(
          'Commit and publish, p99',
          'ms',
          (of) => of.commitTime,
          (of) => of.publishTime,
        ),
        graph('Duration, p99', 'ms', (of) => of.duration),
      ],
      [graph('State', 'bytes', (of) => of.stateBytes), graph('Invocations', 'count', (of) => of.invocations)],
    ],
  });
}
