import { createDecipheriv } from 'node:crypto';
import { promisify } from 'node:util';
import { moduleOf } from '../server/package-engine.ts';

/** What kinesalite keeps, as far as it is used here. */
export type ShardRow = {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly StartingSequenceNumber: string; readonly EndingSequenceNumber?: string };
};

export type StreamRow = {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly StreamStatus: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  readonly Shards: readonly ShardRow[];
  readonly StreamModeDetails?: { readonly StreamMode: 'ON_DEMAND' | 'PROVISIONED' };
};

type Done<T> = (error: unknown, value?: T) => void;

export type StreamStore = {
  readonly db: { close(done: (error?: unknown) => void): void };
  readonly metaDb: {
    awsAccountId: string;
    awsRegion: string;
    put(name: string, stream: StreamRow, done: Done<void>): void;
    lock(name: string, body: (release: <F>(done: F) => F) => void): void;
  };
  getStream(name: string, done: Done<StreamRow>): void;
  getStreamDb(name: string): { createReadStream(options: object): AsyncIterable<StoredRecord> };
};

type StoredRecord = { readonly key: string; readonly value: { readonly ApproximateArrivalTimestamp: number } };

type StoreModule = {
  readonly ITERATOR_PWD_KEY: Buffer;
  readonly ITERATOR_PWD_IV: Buffer;
  createShardIterator(stream: string, shard: string, sequence: string): string;
  incrementSequence(sequence: string): string;
  parseSequence(sequence: string): { readonly shardCreateTime: number; readonly seqTime?: number };
  partitionKeyToHashKey(key: string): { toFixed(): string };
  shardIxToHex(index: number): string;
};

const kinesalite = () => moduleOf<StoreModule>('kinesalite/db');

export function streamOf(store: StreamStore, name: string): Promise<StreamRow> {
  return promisify(store.getStream.bind(store))(name) as Promise<StreamRow>;
}

/** Changes a stream's row under the lock that puts take. */
export function amendStream(store: StreamStore, name: string, amend: (stream: StreamRow) => StreamRow): Promise<void> {
  return new Promise((resolve, reject) => {
    store.metaDb.lock(name, (release) => {
      const done = release((error: unknown) => (error ? reject(error) : resolve()));
      store.getStream(name, (error, stream) => {
        if (error || stream === undefined) done(error);
        else store.metaDb.put(name, amend(stream), done);
      });
    });
  });
}

export function isOpen(shard: ShardRow): boolean {
  return shard.SequenceNumberRange.EndingSequenceNumber === undefined;
}

/** The open shard that takes a record. */
export function shardFor(
  stream: StreamRow,
  record: { PartitionKey: string; ExplicitHashKey?: string },
): ShardRow | undefined {
  const hash = BigInt(record.ExplicitHashKey ?? kinesalite().partitionKeyToHashKey(record.PartitionKey).toFixed());
  return stream.Shards.find(
    (shard) =>
      isOpen(shard) &&
      hash >= BigInt(shard.HashKeyRange.StartingHashKey) &&
      hash <= BigInt(shard.HashKeyRange.EndingHashKey),
  );
}

/** When a shard was opened and closed, from its sequence numbers; a shard still open closes never. */
export function lifeOf({ SequenceNumberRange: range }: ShardRow): { readonly from: number; readonly until: number } {
  const { parseSequence } = kinesalite();
  const end = range.EndingSequenceNumber;
  return {
    from: parseSequence(range.StartingSequenceNumber).shardCreateTime,
    until: end === undefined ? Number.POSITIVE_INFINITY : (parseSequence(end).seqTime ?? 0),
  };
}

/** The stream and shard that an iterator of kinesalite holds; undefined where it is none. */
export function shardOfIterator(iterator: string): { readonly stream: string; readonly shard: string } | undefined {
  const { ITERATOR_PWD_KEY, ITERATOR_PWD_IV } = kinesalite();
  try {
    const decipher = createDecipheriv('aes-256-cbc', ITERATOR_PWD_KEY, ITERATOR_PWD_IV);
    const body = Buffer.from(iterator, 'base64').subarray(8);
    const [, stream, shard] = Buffer.concat([decipher.update(body), decipher.final()])
      .toString('utf8')
      .split('/');
    return stream === undefined || shard === undefined ? undefined : { stream, shard };
  } catch {
    return undefined;
  }
}

/** An iterator that reads on after a record. */
export function iteratorAfter(stream: string, shard: string, sequence: string): string {
  const { createShardIterator, incrementSequence } = kinesalite();
  return createShardIterator(stream, shard, incrementSequence(sequence));
}

/** The sequence number of the first record of a shard that satisfies a condition. */
export async function firstRecord(
  store: StreamStore,
  { stream, shard, reverse = false }: { readonly stream: string; readonly shard: string; readonly reverse?: boolean },
  condition: (arrival: number) => boolean = () => true,
): Promise<string | undefined> {
  const { shardIxToHex } = kinesalite();
  const index = Number(shard.split('-')[1]);
  const range = { gte: shardIxToHex(index), lt: shardIxToHex(index + 1), reverse };
  for await (const { key, value } of store.getStreamDb(stream).createReadStream(range)) {
    if (condition(value.ApproximateArrivalTimestamp * 1000)) return key.split('/')[1];
  }
  return undefined;
}
