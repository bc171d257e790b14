import type { Input } from '../server/gate.ts';
import { ServiceError } from '../server/service-error.ts';
import type { Kinesis } from './kinesis-service.ts';
import { firstRecord, iteratorAfter, type ShardRow, shardOfIterator, streamOf } from './stream-store.ts';

/** What one read gives at most. */
const MAX_READ_BYTES = 10 * 1024 * 1024;
const MAX_READ_RECORDS = 10_000;

type ReadRecord = {
  readonly SequenceNumber: string;
  readonly ApproximateArrivalTimestamp: number;
  readonly Data: string;
  readonly PartitionKey: string;
};

/** GetRecords with the limits of a read, how far it is behind, and the children where the shard ends. */
export async function getRecords(kinesis: Kinesis, input: Input): Promise<object> {
  const { engine, throughput } = kinesis;
  const data = engine.checked('GetRecords', input);
  const from = shardOfIterator(String(data.ShardIterator));
  const key = `${from?.stream}/${from?.shard}`;
  if (throughput && !(throughput.take('reads', key, 1) && throughput.take('readBytes', key, 0))) throw tooFast(key);
  const read = await engine.perform('GetRecords', data);
  if (from === undefined) return read;
  const all = read.Records as readonly ReadRecord[];
  const records = all.slice(0, fitting(all));
  throughput?.take(
    'readBytes',
    key,
    records.reduce((sum, { Data }) => sum + bytesOf(Data), 0),
  );
  const tail = records.at(-1);
  const cut = records.length < all.length && tail !== undefined;
  const more = cut || records.length >= Number(data.Limit ?? MAX_READ_RECORDS);
  return {
    ...read,
    Records: records,
    ...(cut && { NextShardIterator: iteratorAfter(from.stream, from.shard, tail.SequenceNumber) }),
    ...(more && tail && { MillisBehindLatest: await millisBehind(kinesis, from, tail) }),
    ...(read.NextShardIterator === undefined && { ChildShards: await childrenOf(kinesis, from) }),
  };
}

/** How many records from the first one fit a read; always one. */
function fitting(records: readonly ReadRecord[]): number {
  let bytes = 0;
  const beyond = records.findIndex(({ Data }, index) => {
    bytes += bytesOf(Data);
    return index > 0 && bytes > MAX_READ_BYTES;
  });
  return beyond < 0 ? records.length : beyond;
}

async function millisBehind(
  { engine, now }: Kinesis,
  from: { stream: string; shard: string },
  tail: ReadRecord,
): Promise<number> {
  const last = await firstRecord(engine.store, { ...from, reverse: true });
  if (last === undefined || BigInt(last) <= BigInt(tail.SequenceNumber)) return 0;
  return Math.max(1, Math.round(now() - tail.ApproximateArrivalTimestamp * 1000));
}

async function childrenOf(
  { engine }: Kinesis,
  { stream, shard }: { stream: string; shard: string },
): Promise<readonly object[]> {
  const parents = ({ ParentShardId, AdjacentParentShardId }: ShardRow) =>
    [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
  return (await streamOf(engine.store, stream)).Shards.filter((row) => parents(row).includes(shard)).map((row) => ({
    ShardId: row.ShardId,
    ParentShards: parents(row),
    HashKeyRange: row.HashKeyRange,
  }));
}

/** kinesalite never answers for a time after the last record: there the iterator stands at the end. */
export async function getShardIterator({ engine }: Kinesis, input: Input): Promise<object> {
  if (input.ShardIteratorType !== 'AT_TIMESTAMP') return engine.call('GetShardIterator', input);
  const { StreamName, ShardId, Timestamp } = engine.checked('GetShardIterator', input);
  const latest = await engine.call('GetShardIterator', { StreamName, ShardId, ShardIteratorType: 'LATEST' });
  const place = { stream: String(StreamName), shard: String(ShardId) };
  const first = await firstRecord(engine.store, place, (arrival) => arrival >= Number(Timestamp) * 1000);
  if (first === undefined) return latest;
  const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: first };
  return engine.call('GetShardIterator', { StreamName, ShardId, ...at });
}

function tooFast(shard: string): ServiceError {
  return new ServiceError('ProvisionedThroughputExceededException', `Rate exceeded for shard ${shard}.`);
}

function bytesOf(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}
