import { CustomResource, Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type CoordinatorEnvironment, coordinatorVariables } from '../functions/deployment/environment.ts';
import { coordinatorName } from '../functions/deployment/physical-name.ts';
import { collectorStatements, type StateAccess, stageStatements } from './access.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { DeployedStage } from './deployed-stage.ts';
import { JobFunction } from './job-function.ts';
import type { StreamJobProps } from './stream-job-props.ts';

export type CoordinatorOptions = {
  readonly environment: CoordinatorEnvironment;
  readonly code: Code;
  readonly state: StateAccess;
  readonly stages: readonly DeployedStage[];
  /** Changes with the plan, so that a changed job is started again. */
  readonly planHash: string;
  readonly job: StreamJobProps;
};

/** It looks at streams and rows and computes nothing; a tick must end before the next. */
const COORDINATOR = { timeout: Duration.minutes(1) };
const TICK = Duration.minutes(1);

/**
 * The function that ticks every minute: it calls the tasks that have a timer due or a watermark to tell when no data comes,
 * and removes what nothing reaches. A custom resource has it start the job.
 */
export class Coordinator extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, options: CoordinatorOptions) {
    super(scope, 'Coordinator');
    const { environment, code, state, stages, planHash, job } = options;
    const statements = collectorStatements(state);
    const perStage = stageStatements(
      stages.map((stage) => ({ functionArn: stage.function.functionArn, input: stage.input })),
    );
    const handler = new JobFunction(this, 'Handler', {
      name: coordinatorName(environment.deployment),
      description: `Coordinator of ${environment.job}`,
      code,
      variables: coordinatorVariables(environment),
      statements,
      stage: COORDINATOR,
      job,
    });
    this.function = handler.function;
    // Inline policies hold 10 KB, which the streams of many stages outgrow; these go on in managed policies.
    for (const statement of perStage) handler.role.addToPrincipalPolicy(statement);
    acknowledgeWildcards(handler.role, [...statements, ...perStage]);
    const event = RuleTargetInput.fromObject({ command: 'tick' });
    // A tick that failed is not made up for: the next one does the same.
    const target = new FunctionTarget(this.function, { event, retryAttempts: 0, maxEventAge: TICK });
    new Rule(this, 'Schedule', {
      description: `Ticks ${environment.deployment}`,
      schedule: Schedule.rate(TICK),
      targets: [target],
    });
    const start = new CustomResource(this, 'Start', {
      serviceToken: this.function.functionArn,
      resourceType: 'Custom::MillraceStart',
      serviceTimeout: Duration.minutes(5),
      properties: { plan: planHash },
    });
    // The job starts with the shards of all its streams, so these must be there.
    start.node.addDependency(...stages);
  }
}
