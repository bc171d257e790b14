import { randomUUID } from 'node:crypto';
import { type Gate, type Input, type Observe, openGate, type ServiceName } from '../server/gate.ts';
import { type JsonServer, type Operation, serveJson } from '../server/json-server.ts';

/** Something that was handed to a service which passes it on; here it ends with whoever listens. */
export type Delivery = {
  readonly service: ServiceName;
  /** The topic, bus or delivery stream. */
  readonly target: string;
  readonly payload: string;
};

export type DeliveryOptions = {
  readonly gate?: Gate;
  readonly onDone?: Observe;
  readonly onDelivery?: (delivery: Delivery) => void;
};

type Entry = Readonly<Record<string, unknown>>;

/** EventBridge, as far as events are put on its buses; no rule is looked at. */
export function startEventBridge({ onDelivery = () => {}, ...options }: DeliveryOptions = {}): Promise<JsonServer> {
  const putEvents: Operation = ({ Entries }, partly) => {
    const results = each(Entries, partly, ({ EventBusName = 'default', ...event }) => {
      onDelivery({ service: 'events', target: String(EventBusName), payload: JSON.stringify(event) });
      return { EventId: randomUUID() };
    });
    return { FailedEntryCount: failures(results), Entries: results };
  };
  return serve('events', { PutEvents: putEvents }, options);
}

/** Firehose, as far as records are put; they are delivered one by one and at once. */
export function startFirehose({ onDelivery = () => {}, ...options }: DeliveryOptions = {}): Promise<JsonServer> {
  const deliver = (target: unknown, { Data }: Entry) => {
    const payload = Buffer.from(String(Data), 'base64').toString('utf8');
    onDelivery({ service: 'firehose', target: String(target), payload });
    return { RecordId: randomUUID() };
  };
  const operations: Readonly<Record<string, Operation>> = {
    PutRecord: ({ DeliveryStreamName: name, Record }) => deliver(name, Record as Entry),
    PutRecordBatch: ({ DeliveryStreamName: name, Records }, partly) => {
      const results = each(Records, partly, (record) => deliver(name, record));
      return { FailedPutCount: failures(results), RequestResponses: results };
    },
  };
  return serve('firehose', operations, options);
}

function serve(
  name: ServiceName,
  operations: Readonly<Record<string, Operation>>,
  { gate = openGate, onDone }: Omit<DeliveryOptions, 'onDelivery'>,
): Promise<JsonServer> {
  return serveJson({ name, gate, ...(onDone && { onDone }), operation: (operation) => operations[operation] });
}

function each(entries: Input[string], partly: boolean, one: (entry: Entry) => object): readonly object[] {
  return (entries as readonly Entry[]).map((entry, index) =>
    partly && index % 2 === 1 ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'refused for a trial' } : one(entry),
  );
}

function failures(results: readonly object[]): number {
  return results.filter((result) => 'ErrorCode' in result).length;
}
