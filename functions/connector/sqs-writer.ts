import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import type { SqsOptions } from '../../core/connector/aws/sqs.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { type BatchCall, type Entry, type Outcome, SENT, sendAll } from './batch-sender.ts';
import { messageOf } from './message.ts';
import { eachRecord, type SinkTarget } from './sink-target.ts';

/** SendMessageBatch: 10 messages, 256 KiB together on every queue (more where AWS has raised it). */
const LIMITS = { maxEntries: 10, maxBytes: 262_144, maxEntryBytes: 262_144 };

/** Sends each record to a queue, at least once; a FIFO queue drops what comes again within five minutes. */
export function sqsWriter(
  target: SinkTarget<SqsOptions>,
  client: SQSClient = new SQSClient(clientOptions()),
): RecordWriter {
  const { address, clock } = target;
  const call: BatchCall<Omit<SendMessageBatchRequestEntry, 'Id'>> = {
    to: `queue ${address}`,
    ...LIMITS,
    async send(entries) {
      const command = new SendMessageBatchCommand({
        QueueUrl: address,
        Entries: entries.map(({ entry }, place) => ({ ...entry, Id: String(place) })),
      });
      const { Failed = [] } = await calling(`send messages to queue ${address}`, () => client.send(command));
      return outcomesOf(entries, Failed);
    },
  };
  return {
    async write(batch) {
      const { made, refused } = eachRecord(batch, ({ value }, index) => {
        const { body, fifo } = messageOf(target, address.endsWith('.fifo'), batch.identity, { value, index });
        return { index, entry: { MessageBody: body, ...fifo }, bytes: Buffer.byteLength(body) };
      });
      return [...refused, ...(await sendAll(made, call, clock))];
    },
  };
}

type Failed = {
  readonly Id: string | undefined;
  readonly SenderFault: boolean | undefined;
  readonly Code: string | undefined;
  readonly Message?: string | undefined;
};

/** Those that failed are named by their `Id`, which is their place. */
export function outcomesOf(entries: readonly Entry<unknown>[], failed: readonly Failed[]): readonly Outcome[] {
  const byId = new Map(failed.map((failure) => [failure.Id, failure]));
  return entries.map((_, place) => {
    const failure = byId.get(String(place));
    if (failure === undefined) return SENT;
    const reason = [failure.Code, failure.Message].filter(Boolean).join(': ');
    return { kind: failure.SenderFault === true ? 'refused' : 'again', reason };
  });
}
