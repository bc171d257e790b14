import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type Shard as KinesisShard,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { RetryableError } from '../../core/error/error.ts';
import type { EntryResult, FrameLog, LogEntry, Shard } from '../../core/port/frame-log.ts';
import { calling, isNamed, runtimeErrorOf } from './aws-error.ts';

/** Each record needs one; the explicit hash key is what decides. */
const PARTITION_KEY = 'm';

/** A read may find nothing and yet not be at the end: so many are tried before the answer is left for later. */
const MAX_EMPTY_READS = 50;

/** A Kinesis stream as a log of frames. `stream` is a name, or an ARN where it is another account's or region's. */
export class KinesisFrameLog implements FrameLog {
  readonly #client: KinesisClient;
  readonly #stream: { readonly StreamName: string } | { readonly StreamARN: string };
  readonly #name: string;

  constructor(client: KinesisClient, stream: string) {
    this.#client = client;
    this.#name = stream;
    this.#stream = streamAddress(stream);
  }

  async put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]> {
    if (entries.length === 0) return [];
    const command = new PutRecordsCommand({
      ...this.#stream,
      Records: entries.map(({ hashKey, bytes }) => ({
        Data: bytes,
        PartitionKey: PARTITION_KEY,
        ExplicitHashKey: hashKey.toString(),
      })),
    });
    const { Records = [] } = await calling(`put records into stream ${this.#name}`, () => this.#client.send(command));
    return entries.map((_, place) => resultOf(Records[place]));
  }

  async shards(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let next: string | undefined;
    do {
      const command = new ListShardsCommand(next === undefined ? this.#stream : { NextToken: next });
      const page = await calling(`list the shards of stream ${this.#name}`, () => this.#client.send(command));
      shards.push(...(page.Shards ?? []).map(shardOf));
      next = page.NextToken;
    } while (next !== undefined);
    return shards;
  }

  async after(shard: string, position: string | undefined): Promise<'more' | 'nothing' | 'ended'> {
    let iterator = await this.#iterator(shard, position);
    for (let reads = 0; iterator !== undefined; reads++) {
      if (reads === MAX_EMPTY_READS) throw new RetryableError(`${shard} of ${this.#name} gives nothing and has no end`);
      const command = new GetRecordsCommand({ ...this.#addressed(), ShardIterator: iterator, Limit: 1 });
      const page = await calling(`read ${shard} of stream ${this.#name}`, () => this.#client.send(command));
      if ((page.Records?.length ?? 0) > 0) return 'more';
      if (page.NextShardIterator === undefined) return 'ended';
      if ((page.MillisBehindLatest ?? 0) === 0) return 'nothing';
      iterator = page.NextShardIterator;
    }
    return 'ended';
  }

  /** Undefined where the shard has passed out of retention. */
  async #iterator(shard: string, position: string | undefined): Promise<string | undefined> {
    const command = new GetShardIteratorCommand({
      ...this.#stream,
      ShardId: shard,
      ...(position === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position }),
    });
    try {
      return (await this.#client.send(command)).ShardIterator;
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException') && (await this.#isGone(shard))) return undefined;
      throw runtimeErrorOf(error, `read ${shard} of stream ${this.#name}`);
    }
  }

  /** A missing stream is not a shard that has gone. */
  async #isGone(shard: string): Promise<boolean> {
    return !(await this.shards()).some(({ id }) => id === shard);
  }

  #addressed(): { readonly StreamARN?: string } {
    return 'StreamARN' in this.#stream ? this.#stream : {};
  }
}

/** How a stream is named in a call. */
export function streamAddress(stream: string): { readonly StreamName: string } | { readonly StreamARN: string } {
  return stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream };
}

function resultOf(result: PutRecordsResultEntry | undefined): EntryResult {
  if (result?.ShardId !== undefined) return { kind: 'taken', shard: result.ShardId };
  return { kind: 'refused', reason: [result?.ErrorCode, result?.ErrorMessage].filter(Boolean).join(': ') };
}

function shardOf({
  ShardId,
  HashKeyRange,
  SequenceNumberRange,
  ParentShardId,
  AdjacentParentShardId,
}: KinesisShard): Shard {
  return {
    id: ShardId ?? '',
    first: BigInt(HashKeyRange?.StartingHashKey ?? 0),
    last: BigInt(HashKeyRange?.EndingHashKey ?? 0),
    parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
    open: SequenceNumberRange?.EndingSequenceNumber === undefined,
  };
}
