import { PublishBatchCommand, type PublishBatchRequestEntry, SNSClient } from '@aws-sdk/client-sns';
import type { SnsOptions } from '../../core/connector/aws/sns.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { type BatchCall, sendAll } from './batch-sender.ts';
import { messageOf } from './message.ts';
import { eachRecord, type SinkTarget } from './sink-target.ts';
import { outcomesOf } from './sqs-writer.ts';

/** PublishBatch: 10 messages, 256 KiB together. */
const LIMITS = { maxEntries: 10, maxBytes: 262_144, maxEntryBytes: 262_144 };

/** Publishes each record to a topic, at least once; a FIFO topic drops what comes again within five minutes. */
export function snsWriter(
  target: SinkTarget<SnsOptions>,
  client: SNSClient = new SNSClient(clientOptions()),
): RecordWriter {
  const { address, clock } = target;
  const call: BatchCall<Omit<PublishBatchRequestEntry, 'Id'>> = {
    to: `topic ${address}`,
    ...LIMITS,
    async send(entries) {
      const command = new PublishBatchCommand({
        TopicArn: address,
        PublishBatchRequestEntries: entries.map(({ entry }, place) => ({ ...entry, Id: String(place) })),
      });
      const { Failed = [] } = await calling(`publish to topic ${address}`, () => client.send(command));
      return outcomesOf(entries, Failed);
    },
  };
  return {
    async write(batch) {
      const { made, refused } = eachRecord(batch, ({ value }, index) => {
        const { body, fifo } = messageOf(target, address.endsWith('.fifo'), batch.identity, { value, index });
        return { index, entry: { Message: body, ...fifo }, bytes: Buffer.byteLength(body) };
      });
      return [...refused, ...(await sendAll(made, call, clock))];
    },
  };
}
