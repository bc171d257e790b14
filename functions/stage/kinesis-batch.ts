import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { InvariantError } from '../../core/error/error.ts';
import type { InputEntry } from '../../core/task/input.ts';

/**
 * A shard and the entries of it that an event source mapping gives.
 *
 * @throws InvariantError where the records are of several shards: no mapping mixes them
 */
export function kinesisBatch({
  Records,
}: KinesisStreamEvent): readonly [shard: string, entries: readonly InputEntry[]] {
  const shards = new Set(Records.map(shardOf));
  const [shard] = shards;
  if (shard === undefined || shards.size > 1) throw new InvariantError(`a batch of ${shards.size} shards`);
  return [shard, Records.map(entryOf)];
}

/** `shardId-000000000006:49590338271490256608559692538361571095921575989136588898` */
function shardOf({ eventID }: KinesisStreamRecord): string {
  return eventID.slice(0, eventID.indexOf(':'));
}

function entryOf({ kinesis }: KinesisStreamRecord): InputEntry {
  return {
    sequence: kinesis.sequenceNumber,
    bytes: Buffer.from(kinesis.data, 'base64'),
    arrival: Math.round(kinesis.approximateArrivalTimestamp * 1_000),
  };
}
