import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceResource } from '../../../core/connector/resource.ts';
import { JobSpecError } from '../../../core/error/error.ts';
import type { EmulatedAws } from '../../emulator/stack/emulated-aws.ts';

export type Feed = { readonly uid: string; readonly resource: SourceResource; readonly file: string };

/** Entries of one call: what Kinesis takes, and what SQS takes. */
const BATCH = { 'kinesis-stream': 500, 'sqs-queue': 10 } as const;

/** When records that a shard had no room for are put again. */
const AGAIN_MS = 100;

/**
 * Puts each line of a file into what a source reads, as a program outside would; gives how many.
 *
 * @throws JobSpecError for a source that lines cannot be put into
 */
export async function feedSource(
  aws: EmulatedAws,
  { uid, resource, file }: Feed,
  stopped: () => boolean,
): Promise<number> {
  const put = putterOf(aws, uid, resource);
  let fed = 0;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await put(batch, fed);
    fed += batch.length;
    batch = [];
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (stopped()) break;
    if (line !== '') batch.push(line);
    if (batch.length === put.max) await flush();
  }
  await flush();
  return fed;
}

type Putter = ((lines: readonly string[], before: number) => Promise<unknown>) & { readonly max: number };

function putterOf({ kinesis, sqs, queueUrl }: EmulatedAws, uid: string, { kind, name }: SourceResource): Putter {
  switch (kind) {
    case 'kinesis-stream':
      return Object.assign(
        async (lines: readonly string[], before: number) => {
          // Each line with a key of its own: they spread over the shards.
          let left = lines.map((line, index) => ({ Data: base64(line), PartitionKey: String(before + index) }));
          for (;;) {
            const { Records } = await kinesis.call('PutRecords', { StreamName: name, Records: left });
            const results = Records as readonly { readonly ErrorCode?: string }[];
            left = left.filter((_, index) => results[index]?.ErrorCode !== undefined);
            if (left.length === 0) return;
            await sleep(AGAIN_MS);
          }
        },
        { max: BATCH[kind] },
      );
    case 'sqs-queue':
      return Object.assign(
        (lines: readonly string[]) => {
          const Entries = lines.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
          return sqs.call('SendMessageBatch', { QueueUrl: queueUrl(name), Entries });
        },
        { max: BATCH[kind] },
      );
    default: {
      const message = `lines of a file cannot be put into a ${kind}; put something into ${name} with a client of AWS, and leave out --source`;
      throw new JobSpecError([{ path: `sources.${uid}`, message }]);
    }
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
