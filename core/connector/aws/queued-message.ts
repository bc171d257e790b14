import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { reasonOf } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { cutRaw } from '../file/decoder.ts';
import type { DecodedEntry, SourceEntry } from '../log-source.ts';
import type { EntryDecoder } from './entry-decoder.ts';

/** A message of a queue, or a change of a table, on its way through the intake stream of its source. */
export type QueuedMessage = {
  readonly id: string;
  /** When it was sent to the queue, or the change was made. */
  readonly sent: Timestamp;
  readonly body: Uint8Array;
};

/** The first byte of an entry. A frame of the producer library, which a stream may hold too, begins with another. */
const FORMAT = 0x01;

/** What an entry and a message in it take beside the body, at most. */
export const ENTRY_OVERHEAD = 1;
export const MESSAGE_OVERHEAD = 128;

/** Messages as one entry of a stream, in their order. */
export function encodeMessages(messages: readonly QueuedMessage[]): Uint8Array {
  const writer = new ByteWriter(
    messages.reduce((sum, { body }) => sum + body.length + MESSAGE_OVERHEAD, ENTRY_OVERHEAD),
  );
  writer.byte(FORMAT);
  for (const { id, sent, body } of messages) {
    writer.text(id);
    writer.varint(sent);
    writer.varint(body.length);
    writer.bytes(body);
  }
  return writer.take();
}

/** @throws CorruptBytesError for what {@link encodeMessages} did not write */
export function decodeMessages(bytes: Uint8Array): readonly QueuedMessage[] {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== FORMAT) throw new CorruptBytesError('these are no messages of a queue');
  const messages: QueuedMessage[] = [];
  while (reader.left > 0) messages.push({ id: reader.text(), sent: reader.varint(), body: reader.bytes() });
  return messages;
}

/** Decodes the bodies of the messages in an entry. The timestamp of a record is when its message was sent. */
export function fromMessages(decode: EntryDecoder): EntryDecoder {
  return (entry) => {
    try {
      return joined(decodeMessages(entry.bytes).map((message) => decodeMessage(message, entry, decode)));
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      const raw = cutRaw(Buffer.from(entry.bytes).toString('base64'));
      return { values: [], faults: [{ reason: reasonOf(error), raw, place: entry.place }] };
    }
  };
}

function decodeMessage({ id, sent, body }: QueuedMessage, { place }: SourceEntry, decode: EntryDecoder): DecodedEntry {
  const {
    values,
    timestamps = values.map(() => sent),
    faults = [],
  } = decode({ bytes: body, arrival: sent, place: `${place} message ${id}` });
  return { values, timestamps, faults };
}

function joined(parts: readonly DecodedEntry[]): DecodedEntry {
  const faults = parts.flatMap((part) => part.faults ?? []);
  return {
    values: parts.flatMap(({ values }) => values),
    timestamps: parts.flatMap(({ timestamps = [] }) => timestamps),
    ...(faults.length > 0 && { faults }),
  };
}
