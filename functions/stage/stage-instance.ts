import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import type { Job } from '../../core/job/job.ts';
import { systemClock } from '../../core/local/system-clock.ts';
import type { Random } from '../../core/port/random.ts';
import { StageRuntime } from '../../core/task/stage-runtime.ts';
import { clientOptions, s3Options } from '../adapter/client-options.ts';
import { DeadLetterWriter } from '../adapter/dead-letter-writer.ts';
import { DynamoDbCommitTable } from '../adapter/dynamodb-commit-table.ts';
import { KinesisFrameLog } from '../adapter/kinesis-frame-log.ts';
import { S3ObjectStore } from '../adapter/s3-object-store.ts';
import { openWriters } from '../connector/open-writers.ts';
import type { Writers } from '../connector/sink-target.ts';
import type { StageEnvironment } from '../deployment/environment.ts';
import { stateBytesOf } from './state-memory.ts';

/** Randomness that no two instances share. */
export const systemRandom: Random = { next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48 };

/** The runtime of a stage over the services of AWS, as its environment names them. */
export function openStage(job: Job, environment: StageEnvironment, writers: Writers): StageRuntime {
  const { stage, incarnation, table, bucket, inboxes, source, sinks } = environment;
  const { graph } = job;
  const stateBytes = stateBytesOf(process.env);
  const kinesis = new KinesisClient(clientOptions());
  const objects = new S3ObjectStore(new S3Client(s3Options()), bucket);
  return new StageRuntime({
    graph,
    stage,
    incarnation,
    table: new DynamoDbCommitTable(new DynamoDBClient(clientOptions()), table),
    objects,
    inboxes: new Map(Object.entries(inboxes).map(([name, { stream }]) => [name, new KinesisFrameLog(kinesis, stream)])),
    ...(source?.kind === 'kinesis-stream' && { source: new KinesisFrameLog(kinesis, source.address) }),
    writers: openWriters({ graph, sinks, writers, incarnation, clock: systemClock }),
    deadLetters: new DeadLetterWriter(objects, stage),
    clock: systemClock,
    random: systemRandom,
    ...(stateBytes !== undefined && { limits: { stateBytes } }),
  });
}
