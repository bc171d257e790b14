import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { RetryableError } from '../../core/error/error.ts';
import type { Clock } from '../../core/port/clock.ts';
import type { Timestamp } from '../../core/time/timestamp.ts';
import { calling } from '../adapter/aws-error.ts';
import { pause } from '../connector/batch-sender.ts';
import { entriesOf, type IntakeEntry, type IntakeMessage } from './intake-entry.ts';

export type IntakeOptions = {
  readonly client: KinesisClient;
  /** The name of the stream that the source stage reads. */
  readonly stream: string;
  readonly clock: Clock;
  /** A round without an answer is a failure of all its entries, told here. */
  readonly onFailure: (error: Error) => void;
};

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

/**
 * Puts messages into the stream of a source, round by round, until all are taken or the time is over.
 *
 * A message is told as taken only when the stream has it, so none is lost; after a lost answer it is put again, so one may
 * be there twice.
 *
 * @returns the ids of those that were not taken, in their order, to be given again
 * @throws InvariantError where the stream is not there or the right is missing
 */
export async function takeMessages(
  messages: readonly IntakeMessage[],
  deadline: Timestamp,
  options: IntakeOptions,
): Promise<readonly string[]> {
  const { clock } = options;
  let left = messages;
  let wait = FIRST_PAUSE_MS;
  while (clock.now() < deadline) {
    const entries = entriesOf(left);
    if (entries.length === 0) break;
    const taken = new Set(await put(entries, options));
    left = left.filter(({ id }) => !taken.has(id));
    if (taken.size > 0) {
      wait = FIRST_PAUSE_MS;
    } else {
      await pause(clock, wait);
      wait = Math.min(2 * wait, MAX_PAUSE_MS);
    }
  }
  return left.map(({ id }) => id);
}

/** The ids of the messages that are in the stream. */
async function put(
  entries: readonly IntakeEntry[],
  { client, stream, onFailure }: IntakeOptions,
): Promise<readonly string[]> {
  const Records = entries.map(({ key, bytes }) => ({ PartitionKey: key, Data: bytes }));
  const command = new PutRecordsCommand({ StreamName: stream, Records });
  try {
    const answer = await calling(`put messages into stream ${stream}`, () => client.send(command));
    return entries.flatMap(({ ids }, index) => (answer.Records?.[index]?.SequenceNumber === undefined ? [] : ids));
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    onFailure(error);
    return [];
  }
}
