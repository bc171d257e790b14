import type { JsonServer } from '../server/json-server.ts';
import type { Start } from './mapping-settings.ts';
import type { EventRecord, ShardBatch, ShardReader } from './shard-reader.ts';

export type KinesisShard = {
  readonly streamArn: string;
  readonly shardId: string;
  /** What invokes: the function's role, as the event names it. */
  readonly roleArn: string;
  readonly region: string;
  /** Where it is read from: after a record, or where the mapping says. */
  readonly from: { readonly after: string } | Start;
};

type Read = {
  readonly Records: readonly {
    readonly SequenceNumber: string;
    readonly PartitionKey: string;
    readonly Data: string;
    readonly ApproximateArrivalTimestamp: number;
  }[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
};

/** Reads a shard from within the process, and makes of its records what Lambda's events hold. */
export class KinesisShardReader implements ShardReader {
  readonly #call: JsonServer['call'];
  readonly #shard: KinesisShard;
  #from: KinesisShard['from'];
  #iterator: string | undefined;

  constructor(call: JsonServer['call'], shard: KinesisShard) {
    this.#call = call;
    this.#shard = shard;
    this.#from = shard.from;
  }

  async read(): Promise<ShardBatch> {
    const iterator = this.#iterator ?? (await this.#newIterator());
    // Lost where the read fails: iterators expire, and a new one is always right.
    this.#iterator = undefined;
    const read = (await this.#call('GetRecords', { ShardIterator: iterator })) as unknown as Read;
    this.#iterator = read.NextShardIterator;
    const last = read.Records.at(-1);
    if (last) this.#from = { after: last.SequenceNumber };
    return {
      records: read.Records.map((record) => this.#eventRecord(record)),
      behind: read.MillisBehindLatest > 0,
      ended: read.NextShardIterator === undefined,
    };
  }

  async #newIterator(): Promise<string> {
    const { streamArn: StreamARN, shardId: ShardId } = this.#shard;
    const { ShardIterator } = await this.#call('GetShardIterator', { StreamARN, ShardId, ...place(this.#from) });
    return String(ShardIterator);
  }

  #eventRecord(record: Read['Records'][number]): EventRecord {
    const { streamArn, shardId, roleArn, region } = this.#shard;
    const json = JSON.stringify({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        data: record.Data,
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${record.SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: roleArn,
      awsRegion: region,
      eventSourceARN: streamArn,
    });
    return { sequence: record.SequenceNumber, json };
  }
}

function place(from: KinesisShard['from']) {
  if ('after' in from) return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: from.after };
  if (from.kind === 'at') return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: from.ms / 1_000 };
  return { ShardIteratorType: from.kind === 'newest' ? 'LATEST' : 'TRIM_HORIZON' };
}
