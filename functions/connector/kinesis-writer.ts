import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { KinesisOptions } from '../../core/connector/aws/kinesis.ts';
import type { RecordBatch, RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { streamAddress } from '../adapter/kinesis-frame-log.ts';
import { type BatchCall, type Entry, SENT, sendAll } from './batch-sender.ts';
import { eachRecord, fieldText, identityText, type SinkTarget, textOf } from './sink-target.ts';

/** PutRecords: 500 records, 5 MiB with their keys; a record 1 MiB unless the stream allows more. */
const LIMITS = { maxEntries: 500, maxBytes: 4_500_000, maxEntryBytes: 1_048_576 };

/** A partition key is at most so long. */
const MAX_KEY = 256;

/** Puts each record into a stream, at least once. */
export function kinesisWriter(
  { options, address, clock }: SinkTarget<KinesisOptions>,
  client: KinesisClient = new KinesisClient(clientOptions()),
): RecordWriter {
  const call: BatchCall<PutRecordsRequestEntry> = {
    to: `stream ${address}`,
    ...LIMITS,
    async send(entries) {
      const command = new PutRecordsCommand({ ...streamAddress(address), Records: entries.map(({ entry }) => entry) });
      const { Records = [] } = await calling(`put records into stream ${address}`, () => client.send(command));
      return Records.map(({ ErrorCode, ErrorMessage }) =>
        ErrorCode === undefined ? SENT : { kind: 'again', reason: `${ErrorCode}: ${ErrorMessage}` },
      );
    },
  };
  return {
    async write(batch: RecordBatch): Promise<readonly RefusedRecord[]> {
      const { made, refused } = eachRecord(batch, ({ value }, index) => entryOf(value, index, batch, options));
      return [...refused, ...(await sendAll(made, call, clock))];
    },
  };
}

function entryOf(
  value: unknown,
  index: number,
  { identity }: RecordBatch,
  { format, key, identity: field }: KinesisOptions,
): Entry<PutRecordsRequestEntry> {
  const name = identityText(identity, index);
  const told = field !== undefined && typeof value === 'object' && value !== null ? { ...value, [field]: name } : value;
  const data = Buffer.from(textOf(told, format === 'text' ? 'text' : 'json'));
  const partition = fieldText(value, key) ?? name;
  const PartitionKey = partition === '' ? name : partition.slice(0, MAX_KEY);
  return { index, entry: { Data: data, PartitionKey }, bytes: data.length + Buffer.byteLength(PartitionKey) };
}
