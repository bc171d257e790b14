import { setTimeout as sleep } from 'node:timers/promises';
import { type Gate, type Input, type Observe, openGate } from '../server/gate.ts';
import { type JsonServer, type Operation, serveJson } from '../server/json-server.ts';
import { openPackageEngine, type PackageEngine } from '../server/package-engine.ts';
import { ServiceError } from '../server/service-error.ts';
import { listShards } from './list-shards.ts';
import { getRecords, getShardIterator } from './read-records.ts';
import { ShardThroughput } from './shard-throughput.ts';
import {
  amendStream,
  isOpen,
  type ShardRow,
  type StreamRow,
  type StreamStore,
  shardFor,
  streamOf,
} from './stream-store.ts';

export type KinesisOptions = {
  /** A folder that keeps the streams; in memory unless given. */
  readonly folder?: string;
  readonly region?: string;
  readonly account?: string;
  readonly gate?: Gate;
  readonly onDone?: Observe;
  /** Refuses what is above the limits of a shard, with partial failures; off unless set. */
  readonly throttled?: boolean;
  readonly now?: () => number;
};

/** What the operations work on. */
export type Kinesis = {
  readonly engine: PackageEngine<StreamStore>;
  /** Undefined: nothing is throttled. */
  readonly throughput: ShardThroughput | undefined;
  readonly now: () => number;
};

/** What AWS gives a new stream on demand. */
const ON_DEMAND_SHARDS = 4;
/** How soon a stream that changes is looked at again. */
const LOOK_AGAIN_MS = 2;
const MAX_PUT_BYTES = 10 * 1024 * 1024;

/**
 * Kinesis: kinesalite with what it lacks: streams on demand, addressing by ARN, pages and filters of shards, changes of
 * the shard count, the limits of shards, partial failures, how far a reader is behind and the children of a shard's end.
 */
export async function startKinesis(options: KinesisOptions = {}): Promise<JsonServer> {
  const engine = openPackageEngine<StreamStore>('kinesalite', {
    createStreamMs: 0,
    deleteStreamMs: 0,
    updateStreamMs: 0,
    shardLimit: 10_000,
    ...(options.folder !== undefined && { path: options.folder }),
  });
  engine.store.metaDb.awsRegion = options.region ?? 'us-east-1';
  engine.store.metaDb.awsAccountId = options.account ?? '000000000000';
  const now = options.now ?? Date.now;
  const kinesis: Kinesis = { engine, throughput: options.throttled ? new ShardThroughput(now) : undefined, now };
  const server = await serveJson({
    name: 'kinesis',
    gate: options.gate ?? openGate,
    ...(options.onDone && { onDone: options.onDone }),
    operation: (name) => operationOf(kinesis, name),
  });
  return {
    ...server,
    async close() {
      await server.close();
      await engine.close();
    },
  };
}

const OWN: Readonly<Record<string, (kinesis: Kinesis, input: Input, partly: boolean) => Promise<object>>> = {
  CreateStream: createStream,
  UpdateShardCount: updateShardCount,
  ListShards: listShards,
  PutRecord: putRecord,
  PutRecords: putRecords,
  GetRecords: getRecords,
  GetShardIterator: getShardIterator,
};

function operationOf(kinesis: Kinesis, name: string): Operation | undefined {
  const own = OWN[name];
  if (own) return (input, partly) => own(kinesis, byName(input), partly);
  return kinesis.engine.has(name) ? (input) => kinesis.engine.call(name, byName(input)) : undefined;
}

/** A stream is named, or addressed by its ARN. */
function byName({ StreamARN: arn, ...input }: Input): Input {
  return typeof arn === 'string' ? { ...input, StreamName: arn.split(':stream/')[1] } : input;
}

async function createStream({ engine }: Kinesis, input: Input): Promise<object> {
  const { StreamModeDetails: mode = { StreamMode: input.ShardCount ? 'PROVISIONED' : 'ON_DEMAND' } } = input;
  const shards = input.ShardCount ?? ON_DEMAND_SHARDS;
  await engine.call('CreateStream', { StreamName: input.StreamName, ShardCount: shards });
  const name = String(input.StreamName);
  await settled(engine.store, name);
  const StreamModeDetails = mode as NonNullable<StreamRow['StreamModeDetails']>;
  await amendStream(engine.store, name, (stream) => ({ ...stream, StreamModeDetails }));
  return {};
}

/** kinesalite changes a stream's row a moment after it answered. */
async function settled(store: StreamStore, name: string): Promise<StreamRow> {
  for (;;) {
    const stream = await streamOf(store, name);
    if (stream.StreamStatus === 'ACTIVE') return stream;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Halves or doubles the shards until they are as many as wanted; AWS does any count by more steps of the same kind. */
async function updateShardCount({ engine }: Kinesis, input: Input): Promise<object> {
  const name = String(input.StreamName);
  const wanted = Number(input.TargetShardCount);
  const before = (await settled(engine.store, name)).Shards.filter(isOpen).length;
  if (!Number.isInteger(Math.log2(wanted / before))) {
    throw new ServiceError(
      'InvalidArgumentException',
      `the emulated Kinesis doubles or halves; ${before} shards cannot become ${wanted}`,
    );
  }
  for (let open = before; open !== wanted; open = (await settled(engine.store, name)).Shards.filter(isOpen).length) {
    const shards = inHashOrder(await settled(engine.store, name));
    if (wanted > open) for (const shard of shards) await split(engine, name, shard);
    else for (let at = 0; at < shards.length; at += 2) await merge(engine, name, shards.slice(at, at + 2));
  }
  return { StreamName: name, CurrentShardCount: before, TargetShardCount: wanted };
}

function inHashOrder(stream: StreamRow): readonly ShardRow[] {
  const start = (shard: ShardRow) => BigInt(shard.HashKeyRange.StartingHashKey);
  return stream.Shards.filter(isOpen).sort((a, b) => (start(a) < start(b) ? -1 : 1));
}

async function split(engine: Kinesis['engine'], name: string, shard: ShardRow): Promise<void> {
  const { StartingHashKey: from, EndingHashKey: to } = shard.HashKeyRange;
  const middle = String((BigInt(from) + BigInt(to) + 1n) / 2n);
  await engine.call('SplitShard', { StreamName: name, ShardToSplit: shard.ShardId, NewStartingHashKey: middle });
  await settled(engine.store, name);
}

async function merge(engine: Kinesis['engine'], name: string, [left, right]: readonly ShardRow[]): Promise<void> {
  const pair = { ShardToMerge: left?.ShardId, AdjacentShardToMerge: right?.ShardId };
  await engine.call('MergeShards', { StreamName: name, ...pair });
  await settled(engine.store, name);
}

type PutEntry = { readonly Data: string; readonly PartitionKey: string; readonly ExplicitHashKey?: string };

async function putRecord(kinesis: Kinesis, input: Input): Promise<object> {
  const data = kinesis.engine.checked('PutRecord', input);
  const name = String(data.StreamName);
  const refused = await refusal(kinesis, name, data as unknown as PutEntry);
  if (refused) throw new ServiceError(refused.ErrorCode, refused.ErrorMessage);
  return kinesis.engine.perform('PutRecord', data);
}

async function putRecords(kinesis: Kinesis, input: Input, partly: boolean): Promise<object> {
  const { engine } = kinesis;
  const data = engine.checked('PutRecords', input);
  const name = String(data.StreamName);
  const entries = data.Records as readonly PutEntry[];
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_PUT_BYTES) {
    throw new ServiceError('InvalidArgumentException', 'Records size exceeds 10 MB limit');
  }
  const results: object[] = [];
  const taken: number[] = [];
  const full = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const refused = partly && index % 2 === 1 ? tooMuch(name, 'a shard') : await refusal(kinesis, name, entry, full);
    if (refused) results[index] = refused;
    else taken.push(index);
  }
  if (taken.length > 0) {
    const put = await engine.perform('PutRecords', { ...data, Records: taken.map((index) => entries[index]) });
    for (const [at, result] of (put.Records as readonly object[]).entries()) results[taken[at] as number] = result;
  }
  return { FailedRecordCount: entries.length - taken.length, Records: results };
}

/** Why a shard does not take a record now; undefined where it does. Behind a refused record of a call its shard is full. */
async function refusal({ engine, throughput }: Kinesis, name: string, entry: PutEntry, full = new Set<string>()) {
  if (throughput === undefined) return undefined;
  const shard = shardFor(await streamOf(engine.store, name), entry)?.ShardId ?? '';
  const key = `${name}/${shard}`;
  const fits = !full.has(key) && throughput.take('records', key, 1) && throughput.take('bytes', key, sizeOf(entry));
  if (fits) return undefined;
  full.add(key);
  return tooMuch(name, shard);
}

function tooMuch(stream: string, shard: string) {
  return {
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: `Rate exceeded for shard ${shard} in stream ${stream}.`,
  };
}

/** What counts against the limits: the blob and its key. */
function sizeOf(record: { readonly Data: string; readonly PartitionKey: string }): number {
  return Buffer.byteLength(record.Data, 'base64') + Buffer.byteLength(record.PartitionKey);
}
