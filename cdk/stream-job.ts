import { createHash } from 'node:crypto';
import { CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IStream, Stream } from 'aws-cdk-lib/aws-kinesis';
import { Code, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Plan, Stage } from '../core/graph/plan.ts';
import { bundleHandler, bundleIntake } from '../functions/bundle/bundle-handler.ts';
import { describeJob } from '../functions/bundle/describe-job.ts';
import { jobModuleOf } from '../functions/bundle/job-module.ts';
import { type CoordinatorEnvironment, inboxOf, type StageEnvironment } from '../functions/deployment/environment.ts';
import { OBJECT_PREFIX } from '../functions/deployment/log-table.ts';
import { physicalName } from '../functions/deployment/physical-name.ts';
import type { StateAccess } from './access.ts';
import { coordinatorAlarm, StageAlarms } from './alarms.ts';
import { Coordinator } from './coordinator.ts';
import { refuseUndeployable } from './deployable.ts';
import { DeployedStage } from './deployed-stage.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointFinder } from './endpoint-finder.ts';
import { distributionFault } from './inbox.ts';
import { jobDashboard } from './job-dashboard.ts';
import { refuseLostState } from './lost-state.ts';
import { resourceFaults } from './resource-limit.ts';
import { jobBucket, logTable } from './storage.ts';
import type { StreamJobProps } from './stream-job-props.ts';

/**
 * A job on AWS: each stage a Lambda function that reads a Kinesis stream, state in DynamoDB and S3, a coordinator that ticks
 * every minute, alarms and a dashboard. Everything that it made can be reached, so that a team can add what it needs.
 *
 * @throws JobSpecError listing all that is wrong with the job, or why it cannot be deployed
 *
 * @example
 * const clicks = new StreamJob(stack, 'Clicks', { job: './clicks.yaml', memory: Size.gibibytes(2) });
 * clicks.stage('perPage').function.addEnvironment('LOG_LEVEL', 'DEBUG');
 * clicks.stream('clicks').grantWrite(website);
 */
export class StreamJob extends Construct {
  readonly plan: Plan;
  /** Begins the names of all that was made. */
  readonly deployment: string;
  readonly stages: readonly DeployedStage[];
  readonly table: Table;
  readonly bucket: Bucket;
  readonly coordinator: LambdaFunction;
  readonly dashboard?: Dashboard;
  readonly #endpoints: EndpointFinder;
  readonly #props: StreamJobProps;
  /** Of the job's module. */
  readonly #folder: string;
  #intake: Code | undefined;

  constructor(scope: Construct, id: string, props: StreamJobProps) {
    super(scope, id);
    const description = describeJob(jobModuleOf(props.job, props.replace));
    refuseUndeployable(description, props);
    refuseLostState(description.plan, props);
    this.plan = description.plan;
    this.deployment = props.name ?? this.plan.job;
    this.#props = props;
    this.#folder = description.deployed.folder;
    this.#endpoints = new EndpointFinder(this, description, props);
    this.table = logTable(this, props);
    this.bucket = jobBucket(this, props);
    const code = Code.fromAsset(
      bundleHandler(description.deployed, { kind: 'stage', writers: description.writers }).folder,
    );
    // In a scope of their own, since a stage may be called Table.
    const stageScope = new Construct(this, 'Stage');
    this.stages = this.plan.stages.map((stage) => this.#stage(stageScope, stage, code));
    this.coordinator = new Coordinator(this, {
      environment: this.#coordinatorEnvironment(),
      code: Code.fromAsset(bundleHandler(description.deployed, { kind: 'coordinator', plan: this.plan }).folder),
      state: this.#stateAccess([]),
      stages: this.stages,
      planHash: createHash('sha256').update(JSON.stringify(this.plan)).digest('hex').slice(0, 16),
      job: props,
    }).function;
    const { alarms = {}, dashboard = true } = props;
    if (alarms !== false) {
      for (const stage of this.stages) new StageAlarms(stage, stage, alarms);
      coordinatorAlarm(this, this.coordinator, alarms);
    }
    if (dashboard) this.dashboard = jobDashboard(this, physicalName(this.deployment, 'job'), this.stages);
    this.#outputs();
    this.node.addValidation({ validate: () => this.#faults() });
  }

  /** A stage by the uid of its first operator or source. */
  stage(name: string): DeployedStage {
    const found = this.stages.find((stage) => stage.name === name);
    if (found !== undefined) return found;
    throw new Error(`the job has no stage "${name}"; it has ${this.stages.map((stage) => stage.name).join(', ')}`);
  }

  /** The Kinesis stream of a source or sink, or the inbox of a stage. */
  stream(uid: string): IStream {
    const inbox = this.stages.find(({ name }) => name === uid)?.inbox;
    if (inbox !== undefined) return inbox;
    const endpoint = this.#endpoints.find(uid);
    if (endpoint?.resource.kind !== 'kinesis-stream') throw new Error(`"${uid}" has no Kinesis stream`);
    if (endpoint.construct !== undefined) return endpoint.construct as unknown as IStream;
    const known = this.node.tryFindChild(`${uid}Stream`) as IStream | undefined;
    return known ?? Stream.fromStreamArn(this, `${uid}Stream`, endpoint.arn);
  }

  #stage(scope: Construct, stage: Stage, code: Code): DeployedStage {
    const { stages = {}, ...props } = this.#props;
    const publishesTo = this.#readersOf(stage);
    const source = this.#endpoints.find(stage.name, 'source');
    const sinks = stage.nodes.flatMap(({ uid }) => this.#endpoints.find(uid, 'sink') ?? []);
    return new DeployedStage(scope, {
      environment: this.#stageEnvironment(stage, source),
      code,
      state: this.#stateAccess(publishesTo),
      ...(source !== undefined && { source }),
      ...(source !== undefined && isTakenIn(source) && { intakeCode: this.#intakeCode() }),
      sinks,
      props: { ...props, ...stages[stage.name] },
      job: this.#props,
    });
  }

  #stageEnvironment(stage: Stage, source: Endpoint | undefined): StageEnvironment {
    const inboxes = [...(source === undefined ? [stage.name] : []), ...this.#readersOf(stage)];
    const sinks = stage.nodes
      .filter(({ kind }) => kind === 'sink')
      .map(({ uid }) => [uid, this.#endpoints.find(uid, 'sink')?.address ?? ''] as const);
    return {
      ...this.#shared(),
      stage: stage.name,
      inboxes: Object.fromEntries(inboxes.map((name) => [name, inboxOf(this.deployment, name)])),
      ...(source !== undefined && { source: this.#physicalSource(stage.name, source) }),
      sinks: Object.fromEntries(sinks),
    };
  }

  #coordinatorEnvironment(): CoordinatorEnvironment {
    const stages = this.stages.map(({ name, input, inbox }) => {
      const reads =
        inbox === undefined ? { source: this.#physicalSource(name, input) } : { inbox: inboxOf(this.deployment, name) };
      return [name, { function: physicalName(this.deployment, name), ...reads }] as const;
    });
    return { ...this.#shared(), stages: Object.fromEntries(stages) };
  }

  /** What a source stage reads: of a queue or table the stream that an intake fills. */
  #physicalSource(stage: string, source: Endpoint) {
    const { resource, address } = source;
    if (isTakenIn(source)) return { kind: 'kinesis-stream', address: inboxOf(this.deployment, stage).stream } as const;
    // A sink has more kinds than a source; what a stage reads is a source's.
    return { kind: resource.kind, address } as NonNullable<StageEnvironment['source']>;
  }

  /** One code for the intakes of all sources, bundled where there is one. */
  #intakeCode(): Code {
    this.#intake ??= Code.fromAsset(bundleIntake(this.#folder).folder);
    return this.#intake;
  }

  #shared() {
    const { deployment, table, bucket } = this;
    const job = this.plan.job;
    return { deployment, job, table: table.tableName, bucket: bucket.bucketName, incarnation: 1 };
  }

  /** The stages that read what a stage gives. */
  #readersOf({ name }: Stage): readonly string[] {
    return [...new Set(this.plan.exchanges.filter(({ fromStage }) => fromStage === name).map(({ to }) => to))];
  }

  #stateAccess(inboxes: readonly string[]): StateAccess {
    const arnOf = (name: string) =>
      Stack.of(this).formatArn({
        service: 'kinesis',
        resource: 'stream',
        resourceName: inboxOf(this.deployment, name).stream,
      });
    return {
      table: this.table,
      bucket: this.bucket,
      inboxArns: inboxes.map(arnOf),
      key: this.#props.encryptionKey,
    };
  }

  #outputs(): void {
    new CfnOutput(this, 'TableName', { value: this.table.tableName, description: 'Commit logs and control rows' });
    new CfnOutput(this, 'BucketName', {
      value: this.bucket.bucketName,
      description: 'State, checkpoints, dead letters',
    });
    new CfnOutput(this, 'CoordinatorName', { value: this.coordinator.functionName });
    const deadLetters = `s3://${this.bucket.bucketName}/${OBJECT_PREFIX.deadLetters}`;
    new CfnOutput(this, 'DeadLetters', { value: deadLetters, description: 'Records that could not be handled' });
  }

  /** What can be wrong only when the app is whole: a stream that was changed afterwards, a stack that is too large. */
  #faults(): string[] {
    const unordered = this.stages.flatMap(({ name, input }) => {
      const construct = input.construct;
      return construct === undefined ? [] : (distributionFault(name, construct) ?? []);
    });
    const resources = Stack.of(this)
      .node.findAll()
      .filter((child) => CfnResource.isCfnResource(child));
    return [...unordered, ...resourceFaults(resources.length, this.stages.length)];
  }
}

/** An intake puts what such a source gives into a stream of the job. */
function isTakenIn({ resource }: Endpoint): boolean {
  return resource.kind === 'sqs-queue' || resource.kind === 'dynamodb-stream';
}
