import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import { CfnStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import type { CfnEventSourceMapping, Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageEnvironment } from '../functions/deployment/environment.ts';
import { stageVariables } from '../functions/deployment/environment.ts';
import { physicalName } from '../functions/deployment/physical-name.ts';
import { allow, readStatements, type StateAccess, stateStatements, writeStatements } from './access.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { type Endpoint, givenEndpoint } from './endpoint.ts';
import { eventSource } from './event-source.ts';
import { inbox } from './inbox.ts';
import { Intake } from './intake.ts';
import { JobFunction } from './job-function.ts';
import type { StageProps, StreamJobProps } from './stream-job-props.ts';

export type DeployedStageOptions = {
  readonly environment: StageEnvironment;
  readonly code: Code;
  readonly state: StateAccess;
  /** Of a stage that begins with a source. */
  readonly source?: Endpoint;
  /** Of the function that fills the inbox, where the source is a queue or the change stream of a table. */
  readonly intakeCode?: Code;
  /** Of its sinks that write to AWS. */
  readonly sinks: readonly Endpoint[];
  readonly props: StageProps;
  readonly job: StreamJobProps;
};

/**
 * A stage of a job: its function, the inbox that it reads unless its source is a stream, and the event source mapping
 * between them. The function may read its input, publish to the stages after it, write its sinks, read and write state.
 */
export class DeployedStage extends Construct {
  readonly name: string;
  readonly deployment: string;
  readonly function: LambdaFunction;
  /** What it reads: the inbox, or what the source names. */
  readonly input: Endpoint;
  /** Absent where the stage reads a stream that its source names. */
  readonly inbox?: Stream;
  /** Puts into the inbox what the source gives, where that is no Kinesis stream. */
  readonly intake?: Intake;
  /** Absent where the coordinator hands out the input, as with the objects of a bucket. */
  readonly eventSource?: CfnEventSourceMapping;

  constructor(scope: Construct, options: DeployedStageOptions) {
    super(scope, options.environment.stage);
    const { environment, source, sinks, code, intakeCode, state, props, job } = options;
    this.name = environment.stage;
    this.deployment = environment.deployment;
    const name = physicalName(environment.deployment, this.name);
    if (source === undefined || intakeCode !== undefined) this.inbox = inbox(this, name, props, job);
    this.input =
      this.inbox === undefined
        ? (source as Endpoint)
        : givenEndpoint(this.name, { kind: 'kinesis-stream', name }, this.inbox);
    if (source !== undefined && intakeCode !== undefined && this.inbox !== undefined) {
      const { deployment, name: stage, inbox: stream } = this;
      this.intake = new Intake(this, { deployment, stage, source, stream, code: intakeCode, props, job });
    }
    const consumer = props.enhancedFanOut === true ? this.#consumer(name) : undefined;
    const statements = [
      ...readStatements(this.input),
      ...(consumer === undefined ? [] : [allow(PUSHED, [consumer.attrConsumerArn])]),
      ...stateStatements(environment, state),
      ...sinks.flatMap(writeStatements),
    ];
    const handler = new JobFunction(this, 'Handler', {
      name,
      description: `Stage ${this.name} of ${environment.job}`,
      code,
      variables: stageVariables(environment),
      statements,
      stage: props,
      job,
    });
    this.function = handler.function;
    acknowledgeWildcards(handler.role, statements);
    const made = eventSource(this, {
      function: this.function,
      kind: this.input.resource.kind,
      arn: consumer?.attrConsumerArn ?? this.input.arn,
      stage: props,
      reads: this.inbox === undefined ? 'source' : 'inbox',
      from: this.inbox !== undefined ? 'trimHorizon' : (job.startFrom ?? 'trimHorizon'),
    });
    if (made !== undefined) this.eventSource = made;
  }

  /** A consumer of the stage's own, to which records are pushed; only streams of Kinesis have that. */
  #consumer(consumerName: string): CfnStreamConsumer | undefined {
    if (this.input.resource.kind !== 'kinesis-stream') return undefined;
    return new CfnStreamConsumer(this, 'Consumer', { streamArn: this.input.arn, consumerName });
  }
}

const PUSHED = ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'];
