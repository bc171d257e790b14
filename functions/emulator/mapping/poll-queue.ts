import type { Clock } from '../../../core/port/clock.ts';
import type { JsonServer } from '../server/json-server.ts';
import { MAX_PAYLOAD_BYTES } from './batch-queue.ts';
import { type Failure, failuresOf, type Invoke } from './invocation.ts';
import type { MappingSettings } from './mapping-settings.ts';

export type QueuePollerOptions = {
  readonly settings: Pick<MappingSettings, 'source' | 'batchSize' | 'windowMs' | 'reportsFailures' | 'maxConcurrency'>;
  readonly sqs: JsonServer['call'];
  readonly queueUrl: string;
  readonly region: string;
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure?: (failure: Failure) => void;
};

type Message = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<
    Record<string, { readonly StringValue?: string; readonly BinaryValue?: string; readonly DataType: string }>
  >;
};

const RECEIVE_MAX = 10;
const WAIT_SECONDS = 1;
/** What a record adds to its message, at most. */
const RECORD_BYTES = 512;

/**
 * Gives the messages of a queue to a function: what succeeds is deleted, what fails comes again when its visibility time
 * is over. As many batches are under way as the mapping may have.
 */
export async function pollQueue(options: QueuePollerOptions): Promise<void> {
  const loop = async () => {
    while (!options.signal.aborted) {
      for (const part of fitting(await batchOf(options))) await handOver(part, options);
    }
  };
  await Promise.all(Array.from({ length: options.settings.maxConcurrency }, loop));
}

/** Messages until the batch is full, its window is over, or there are none at all. */
async function batchOf({ settings, sqs, queueUrl, clock, signal }: QueuePollerOptions): Promise<readonly Message[]> {
  const batch: Message[] = [];
  let bytes = 0;
  let until = Number.POSITIVE_INFINITY;
  const full = () => batch.length >= settings.batchSize || bytes >= MAX_PAYLOAD_BYTES;
  while (!full() && !signal.aborted) {
    const wait = Math.min(WAIT_SECONDS, Math.max(0, (until - clock.now()) / 1_000));
    const { Messages = [] } = await sqs('ReceiveMessage', {
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(RECEIVE_MAX, settings.batchSize - batch.length),
      WaitTimeSeconds: wait,
    });
    const received = Messages as readonly Message[];
    batch.push(...received);
    bytes += received.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);
    if (batch.length === 0) continue;
    until = Math.min(until, clock.now() + settings.windowMs);
    if (clock.now() >= until) break;
  }
  return batch;
}

/** A batch in parts that fit an invocation each. */
function fitting(batch: readonly Message[]): readonly (readonly Message[])[] {
  const parts: Message[][] = [];
  let left = 0;
  for (const message of batch) {
    const bytes = JSON.stringify(message).length + RECORD_BYTES;
    if (bytes > left) {
      parts.push([]);
      left = MAX_PAYLOAD_BYTES - RECORD_BYTES;
    }
    parts.at(-1)?.push(message);
    left -= bytes;
  }
  return parts;
}

async function handOver(batch: readonly Message[], options: QueuePollerOptions): Promise<void> {
  const { settings, sqs, queueUrl, region } = options;
  const Records = batch.map((message) => recordOf(message, settings.source, region));
  const end = await options.invoke(JSON.stringify({ Records }));
  if (end.kind === 'failed') options.onFailure?.(end);
  const failed = end.kind === 'failed' ? 'broken' : settings.reportsFailures ? failuresOf(end.json) : 'none';
  if (failed === 'broken') return;
  const done = batch.filter(({ MessageId }) => failed === 'none' || !failed.includes(MessageId));
  for (let from = 0; from < done.length; from += RECEIVE_MAX) {
    const Entries = done
      .slice(from, from + RECEIVE_MAX)
      .map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    await sqs('DeleteMessageBatch', { QueueUrl: queueUrl, Entries });
  }
}

function recordOf(message: Message, eventSourceARN: string, awsRegion: string): object {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue, BinaryValue, DataType }]) => [
      name,
      { stringValue: StringValue, binaryValue: BinaryValue, dataType: DataType },
    ],
  );
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}
