import type { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { Plan } from '../core/graph/plan.ts';
import type { Endpoints } from '../core/job/replace-endpoints.ts';
import type { JobSource } from '../functions/bundle/job-module.ts';

/** How one stage runs; {@link StreamJobProps} says how all do. */
export type StageProps = {
  /** Memory of the function, and CPU with it: a whole core from 1,769 MiB. 1 GiB unless said. */
  readonly memory?: Size;
  /** The longest that a batch may take; it commits a part before it runs out of time. 1 minute unless said. */
  readonly timeout?: Duration;
  /** Records, or frames of an inbox, of one batch at most: 10,000 unless said. A batch is cut at 6 MB in any case. */
  readonly batchSize?: number;
  /**
   * How long a batch is waited for until it is full. Longer is cheaper; 0 is fastest. 1 second unless said where a source is
   * read, and 0 for inboxes, whose frames hold a batch each.
   */
  readonly batchWindow?: Duration;
  /** Records are pushed over a consumer of the stage's own, some 70 ms after they were put; false unless said. */
  readonly enhancedFanOut?: boolean;
  /** Shards of the inbox at first: 1 unless said. Not with `onDemand`. */
  readonly shards?: number;
  /** How the inbox scales: `provisioned` unless said. */
  readonly capacity?: 'provisioned' | 'onDemand';
  /** The most invocations at once, taken from the account's; as many as there are shards unless said. */
  readonly reservedConcurrency?: number;
};

/** What a source reads or a sink writes, as a construct: of it only this is needed, so that any construct for it will do. */
export type EndpointConstruct = IConstruct &
  (
    | Pick<IStream, 'streamArn' | 'streamName'>
    | (Pick<ITable, 'tableArn' | 'tableName'> & { readonly tableStreamArn?: string | undefined })
    | Pick<IBucket, 'bucketArn' | 'bucketName'>
    | Pick<IQueue, 'queueArn' | 'queueUrl'>
    | Pick<ITopic, 'topicArn'>
    | Pick<IEventBus, 'eventBusArn' | 'eventBusName'>
    | Pick<IDeliveryStream, 'deliveryStreamArn' | 'deliveryStreamName'>
  );

/** Alarms of each stage: it is behind, it fails, it is throttled, records of it went to the dead letters. */
export type AlarmProps = {
  /** Where alarms go; they only show in the console unless said. */
  readonly topic?: ITopic;
  /** The age of the oldest record that waits, from which a stage is behind: 5 minutes unless said. */
  readonly iteratorAge?: Duration;
};

/** What a job on AWS may be told; all but the job has a default. What is said of stages counts for all of them. */
export type StreamJobProps = StageProps & {
  /**
   * The job: the path of its file, or a spec as a value. A job with functions in it is bundled from its file, so it is
   * named by its path and not given.
   */
  readonly job: JobSource;
  /** Begins the names of all that is made, and tells deployments of one job apart: the job's name unless said. */
  readonly name?: string;
  /** What differs for single stages, by the uid of their first operator. */
  readonly stages?: { readonly [stage: string]: StageProps };
  /**
   * Constructs that sources and sinks use instead of what the job names, by uid: a stream of this app, or one of another
   * account. Otherwise each is looked for by its name in the stack's account and region.
   */
  readonly endpoints?: { readonly [uid: string]: EndpointConstruct };
  /** Makes the streams, tables, buckets, queues and topics that the job names; false unless said. For trials and tests. */
  readonly createEndpoints?: boolean;
  /**
   * Where source streams are read from at first: `trimHorizon` (the oldest record) unless said. It must not change later to a
   * time past what was read, since a mapping that is made again starts there and the records between would be missed.
   */
  readonly startFrom?: 'trimHorizon' | Date;
  /** How long the inboxes keep frames: 24 hours unless said. It bounds how long a stage may be broken. */
  readonly retention?: Duration;
  /** Encrypts table, bucket and inboxes; keys of AWS unless said. */
  readonly encryptionKey?: IKey;
  /** What becomes of state (table and bucket) when the stack goes: it is kept unless said. DESTROY empties the bucket. */
  readonly removalPolicy?: RemovalPolicy;
  /** Continuous backups of the table; false unless said, since checkpoints are what a job goes back to. */
  readonly pointInTimeRecovery?: boolean;
  /** How long logs are kept: a month unless said. */
  readonly logRetention?: RetentionDays;
  /** Alarms of each stage; false for none. */
  readonly alarms?: AlarmProps | false;
  /** A dashboard of the job: true unless said. */
  readonly dashboard?: boolean;
  /** The functions run inside this network; it needs endpoints of Kinesis, DynamoDB and S3. */
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * The plan that is deployed, or the path of a file with it (`millrace plan`). A job that would lose state of it is
   * refused; without it nothing is compared.
   */
  readonly deployedPlan?: Plan | string;
  /** Deploys although state is lost; false unless said. */
  readonly allowDroppedState?: boolean;
  /** Other ends of the job, as with `millrace run`; their handlers then run on this machine only. */
  readonly replace?: Endpoints;
};
