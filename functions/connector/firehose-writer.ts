import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { FirehoseOptions } from '../../core/connector/aws/firehose.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { type BatchCall, SENT, sendAll } from './batch-sender.ts';
import { eachRecord, type SinkTarget, textOf } from './sink-target.ts';

/** PutRecordBatch: 500 records, 4 MiB; a record 1,000 KiB. */
const LIMITS = { maxEntries: 500, maxBytes: 4_194_304, maxEntryBytes: 1_024_000 };

/** Puts each record as a line into a delivery stream, at least once. */
export function firehoseWriter(
  { options, address, clock }: SinkTarget<FirehoseOptions>,
  client: FirehoseClient = new FirehoseClient(clientOptions()),
): RecordWriter {
  const call: BatchCall<Buffer> = {
    to: `delivery stream ${address}`,
    ...LIMITS,
    async send(entries) {
      const command = new PutRecordBatchCommand({
        DeliveryStreamName: address,
        Records: entries.map(({ entry }) => ({ Data: entry })),
      });
      const { RequestResponses = [] } = await calling(`put records into ${address}`, () => client.send(command));
      return RequestResponses.map(({ ErrorCode, ErrorMessage }) =>
        ErrorCode === undefined ? SENT : { kind: 'again', reason: `${ErrorCode}: ${ErrorMessage}` },
      );
    },
  };
  return {
    async write(batch) {
      const { made, refused } = eachRecord(batch, ({ value }, index) => {
        const entry = Buffer.from(`${textOf(value, options.format)}\n`);
        return { index, entry, bytes: entry.length };
      });
      return [...refused, ...(await sendAll(made, call, clock))];
    },
  };
}
