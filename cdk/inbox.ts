import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type CfnStream, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { JobSpecError } from '../core/error/error.ts';
import { acknowledge } from './acknowledge.ts';
import type { StageProps, StreamJobProps } from './stream-job-props.ts';

const DEFAULT_RETENTION = Duration.hours(24);

/**
 * The inbox of a stage: the stream that its producers put frames into. It goes with the stack, since frames are of no use
 * without the logs that count them.
 */
export function inbox(scope: Construct, streamName: string, stage: StageProps, job: StreamJobProps): Stream {
  const { capacity = 'provisioned', shards } = stage;
  if (capacity === 'onDemand' && shards !== undefined) {
    const message = `an inbox on demand has no number of shards; leave out shards: ${shards}, or take provisioned`;
    throw new JobSpecError([{ path: `stages.${scope.node.id}.shards`, message }]);
  }
  const stream = new Stream(scope, 'Inbox', {
    streamName,
    retentionPeriod: job.retention ?? DEFAULT_RETENTION,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(capacity === 'onDemand'
      ? { streamMode: StreamMode.ON_DEMAND }
      : { streamMode: StreamMode.PROVISIONED, shardCount: shards ?? 1 }),
    ...(job.encryptionKey === undefined
      ? { encryption: StreamEncryption.MANAGED }
      : { encryption: StreamEncryption.KMS, encryptionKey: job.encryptionKey }),
  });
  if (job.encryptionKey !== undefined)
    acknowledge(stream, { 'AwsSolutions-KDS3': 'The user gave a key of their own.' });
  // A frame goes to the shard of its hash key. AWS takes the property on demand only; a provisioned stream always does so.
  if (capacity === 'onDemand') cfnStream(stream).recordDistributionStrategy = 'USER_PARTITION_KEY';
  return stream;
}

/** Why a stream cannot be read in order by key; undefined where it can, or where it is not known. */
export function distributionFault(name: string, stream: { readonly node: Construct['node'] }): string | undefined {
  const declared = (stream.node.defaultChild as Partial<CfnStream> | undefined)?.recordDistributionStrategy;
  if (declared !== 'AUTO') return undefined;
  return `the stream of ${name} has the record distribution AUTO, which ignores keys, so that records of one key would be read out of order; make it USER_PARTITION_KEY`;
}

function cfnStream(stream: Stream): CfnStream {
  return stream.node.defaultChild as CfnStream;
}
