import { Duration } from 'aws-cdk-lib';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping, type Code, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { intakeVariables } from '../functions/deployment/environment.ts';
import { intakeName } from '../functions/deployment/physical-name.ts';
import { allow, keyStatements, readStatements } from './access.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { Endpoint } from './endpoint.ts';
import { DEFAULT_BATCH_WINDOW, eventSource } from './event-source.ts';
import { JobFunction } from './job-function.ts';
import type { StageProps, StreamJobProps } from './stream-job-props.ts';

/** A queue hands a message to nobody else for 30 seconds unless told; a function that takes longer is refused by AWS. */
const TIMEOUT = Duration.seconds(30);
/** What Lambda gives in one batch: of a FIFO queue, of another without a window, and of another with one. */
const FEW_MESSAGES = 10;
const MANY_MESSAGES = 10_000;
/** AWS takes no less. Two invocations fill a shard. */
const MIN_CONCURRENCY = 2;
/** A stream on demand has four shards at first. */
const ON_DEMAND_CONCURRENCY = 8;

export type IntakeOptions = {
  readonly deployment: string;
  readonly stage: string;
  readonly source: Endpoint;
  /** What it fills, and the stage reads. */
  readonly stream: Stream;
  readonly code: Code;
  readonly props: StageProps;
  readonly job: StreamJobProps;
};

/**
 * The function between a queue or the change stream of a table and the stream that a source stage reads. It may read the one
 * and put records into the other. No more of it empty a queue at once than the stream has room for, so that messages wait
 * in the queue; changes come shard by shard, in order.
 */
export class Intake extends Construct {
  readonly function: LambdaFunction;
  readonly eventSource: CfnEventSourceMapping;

  constructor(scope: Construct, { deployment, stage, source, stream, code, props, job }: IntakeOptions) {
    super(scope, 'Intake');
    const statements = [
      ...readStatements(source),
      allow(['kinesis:PutRecords'], [stream.streamArn]),
      ...keyStatements(job.encryptionKey),
    ];
    const handler = new JobFunction(this, 'Handler', {
      name: intakeName(deployment, stage),
      description: `Takes in what ${stage} of ${deployment} reads`,
      code,
      variables: intakeVariables({ deployment, stage }),
      statements,
      stage: { timeout: TIMEOUT },
      job,
    });
    this.function = handler.function;
    acknowledgeWildcards(handler.role, statements);
    this.eventSource = this.#eventSource(source, props);
  }

  /** The stream of a table is read from its oldest change: from a point in time AWS does not read it. */
  #eventSource(source: Endpoint, props: StageProps): CfnEventSourceMapping {
    const { kind } = source.resource;
    const changes = eventSource(this, {
      function: this.function,
      kind,
      arn: source.arn,
      stage: props,
      reads: 'source',
      from: 'trimHorizon',
    });
    if (changes !== undefined) return changes;
    return new CfnEventSourceMapping(this, 'EventSource', {
      functionName: this.function.functionName,
      eventSourceArn: source.arn,
      ...batching(source, props),
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: concurrencyOf(props) },
    });
  }
}

/** A FIFO queue has no batch window, and only with one a batch has more than ten messages. */
function batching({ resource }: Endpoint, { batchWindow = DEFAULT_BATCH_WINDOW }: StageProps) {
  if (resource.name.endsWith('.fifo') || batchWindow.toMilliseconds() === 0) return { batchSize: FEW_MESSAGES };
  return { batchSize: MANY_MESSAGES, maximumBatchingWindowInSeconds: batchWindow.toSeconds() };
}

function concurrencyOf({ capacity, shards = 1 }: StageProps): number {
  return capacity === 'onDemand' ? ON_DEMAND_CONCURRENCY : Math.max(MIN_CONCURRENCY, 2 * shards);
}
