import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { DeployedStage } from './deployed-stage.ts';
import { stageMetrics } from './stage-metrics.ts';
import type { AlarmProps } from './stream-job-props.ts';

const DEFAULT_ITERATOR_AGE = Duration.minutes(5);

type AlarmCase = {
  readonly metric: IMetric;
  readonly description: string;
  readonly threshold: number;
  /** Minutes in a row that must be so; a blip of one is made good by the next retry. */
  readonly minutes: number;
};

/** The alarms of a stage: it is behind, it fails, it is throttled, records of it cannot be handled. */
export class StageAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, stage: DeployedStage, { topic, iteratorAge = DEFAULT_ITERATOR_AGE }: AlarmProps) {
    super(scope, 'Alarms');
    const { name } = stage;
    const metrics = stageMetrics(stage);
    const age = `${iteratorAge.toSeconds()} s`;
    const cases: Record<string, AlarmCase> = {
      Errors: { metric: metrics.errors, description: `${name} fails and tries again`, threshold: 1, minutes: 3 },
      Throttles: { metric: metrics.throttles, description: `${name} is throttled`, threshold: 1, minutes: 3 },
      DeadLetters: {
        metric: metrics.deadLetters,
        description: `${name} could not handle records`,
        threshold: 1,
        minutes: 1,
      },
      ...(stage.intake !== undefined && {
        IntakeErrors: {
          metric: stage.intake.function.metricErrors({ period: Duration.minutes(1) }),
          description: `nothing is taken in for ${name}`,
          threshold: 1,
          minutes: 3,
        },
      }),
      ...(metrics.iteratorAge !== undefined && {
        IteratorAge: {
          metric: metrics.iteratorAge,
          description: `${name} is behind: records wait for over ${age}`,
          threshold: iteratorAge.toMilliseconds(),
          minutes: 3,
        },
      }),
    };
    this.alarms = Object.entries(cases).map(([id, alarm]) => alarmOf(this, id, alarm, topic));
  }
}

/** The alarm of the coordinator: while it fails, timers wait for data, and nothing is removed. */
export function coordinatorAlarm(scope: Construct, coordinator: IFunction, { topic }: AlarmProps): Alarm {
  const metric = coordinator.metricErrors({ period: Duration.minutes(1) });
  const description = 'The coordinator fails: timers wait for data';
  return alarmOf(scope, 'CoordinatorErrors', { metric, description, threshold: 1, minutes: 5 }, topic);
}

function alarmOf(scope: Construct, id: string, alarmCase: AlarmCase, topic: ITopic | undefined): Alarm {
  const { metric, description, threshold, minutes } = alarmCase;
  const alarm = new Alarm(scope, id, {
    metric,
    alarmDescription: description,
    threshold,
    evaluationPeriods: minutes,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}
