import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { EventBridgeOptions } from '../../core/connector/aws/event-bridge.ts';
import { PoisonRecordError } from '../../core/error/error.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { type BatchCall, type Outcome, SENT, sendAll } from './batch-sender.ts';
import { eachRecord, type SinkTarget, textOf } from './sink-target.ts';

/** PutEvents: 10 events, 256 KiB together. */
const LIMITS = { maxEntries: 10, maxBytes: 262_144, maxEntryBytes: 262_144 };

/** What the service says of an event that it may take later. */
const FOR_NOW = /Throttl|Internal|LimitExceeded|ServiceUnavailable/;

/** Puts each record as the detail of an event, at least once. */
export function eventBridgeWriter(
  { options, address, clock }: SinkTarget<EventBridgeOptions>,
  client: EventBridgeClient = new EventBridgeClient(clientOptions()),
): RecordWriter {
  const { detailType, source = 'millrace' } = options;
  const call: BatchCall<PutEventsRequestEntry> = {
    to: `event bus ${address}`,
    ...LIMITS,
    async send(entries) {
      const command = new PutEventsCommand({ Entries: entries.map(({ entry }) => entry) });
      const { Entries = [] } = await calling(`put events on bus ${address}`, () => client.send(command));
      return Entries.map(({ ErrorCode, ErrorMessage }) => outcomeOf(ErrorCode, ErrorMessage));
    },
  };
  return {
    async write(batch) {
      const { made, refused } = eachRecord(batch, ({ value, timestamp }, index) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          throw new PoisonRecordError('the detail of an event is an object; map the record to one');
        }
        const Detail = textOf(value);
        const at = timestamp > 0 && timestamp < MAX_DATE_MS ? { Time: new Date(timestamp) } : {};
        const entry = { EventBusName: address, Source: source, DetailType: detailType, Detail, ...at };
        return { index, entry, bytes: Buffer.byteLength(Detail) + source.length + detailType.length + TIME_BYTES };
      });
      return [...refused, ...(await sendAll(made, call, clock))];
    },
  };
}

/** A time counts so much towards the size of an event. */
const TIME_BYTES = 14;

/** Dates end here. */
const MAX_DATE_MS = 8_640_000_000_000_000;

function outcomeOf(code: string | undefined, message: string | undefined): Outcome {
  if (code === undefined) return SENT;
  return { kind: FOR_NOW.test(code) ? 'again' : 'refused', reason: `${code}: ${message}` };
}
