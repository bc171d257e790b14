import { createHash } from 'node:crypto';
import { systemClock } from '../../../core/local/system-clock.ts';
import type { Clock } from '../../../core/port/clock.ts';
import { type Gate, type Input, type Observe, openGate } from '../server/gate.ts';
import { type JsonServer, type Operation, serveJson } from '../server/json-server.ts';
import { ServiceError } from '../server/service-error.ts';
import type { Message, Queue, QueueAttributes, Sent } from './queue.ts';
import { QueueSet } from './queue-set.ts';

export type SqsOptions = {
  /** A folder that keeps the queues from one run to the next; in memory unless given. */
  readonly folder?: string;
  readonly region?: string;
  readonly account?: string;
  readonly gate?: Gate;
  readonly onDone?: Observe;
  readonly clock?: Clock;
};

/** What the operations work on. */
type Sqs = {
  readonly queues: QueueSet;
  readonly urlOf: (name: string) => string;
  readonly arnOf: (name: string) => string;
};

/** SQS, standard and FIFO, over its JSON protocol. */
export async function startSqs(options: SqsOptions = {}): Promise<JsonServer> {
  const queues = await QueueSet.open(options.clock ?? systemClock, options.folder);
  const account = options.account ?? '000000000000';
  let url = '';
  const sqs: Sqs = {
    queues,
    urlOf: (name) => `${url}/${account}/${name}`,
    arnOf: (name) => `arn:aws:sqs:${options.region ?? 'us-east-1'}:${account}:${name}`,
  };
  const server = await serveJson({
    name: 'sqs',
    gate: options.gate ?? openGate,
    ...(options.onDone && { onDone: options.onDone }),
    operation: (name): Operation | undefined => {
      const operation = OPERATIONS[name];
      return operation && ((input, partly) => operation(sqs, input, partly));
    },
  });
  url = server.url;
  return {
    ...server,
    async close() {
      await server.close();
      await queues.keep();
    },
  };
}

const OPERATIONS: Readonly<Record<string, (sqs: Sqs, input: Input, partly: boolean) => Promise<object> | object>> = {
  CreateQueue: ({ queues, urlOf }, { QueueName: name, Attributes }) => {
    queues.create(String(name), (Attributes ?? {}) as QueueAttributes);
    return { QueueUrl: urlOf(String(name)) };
  },
  GetQueueUrl: (sqs, { QueueName: name }) => ({ QueueUrl: sqs.urlOf(existing(sqs, name).name) }),
  ListQueues: ({ queues, urlOf }, { QueueNamePrefix: prefix = '' }) => ({
    QueueUrls: queues.names.filter((name) => name.startsWith(String(prefix))).map(urlOf),
  }),
  DeleteQueue: (sqs, input) => {
    sqs.queues.drop(queueOf(sqs, input).name);
    return {};
  },
  PurgeQueue: (sqs, input) => {
    queueOf(sqs, input).purge();
    return {};
  },
  GetQueueAttributes: getAttributes,
  SetQueueAttributes: (sqs, input) => {
    Object.assign(queueOf(sqs, input).attributes, input.Attributes);
    return {};
  },
  SendMessage: (sqs, input) => send(queueOf(sqs, input), input),
  SendMessageBatch: (sqs, input, partly) => ofBatch(input, partly, (entry) => send(queueOf(sqs, input), entry)),
  ReceiveMessage: receive,
  DeleteMessage: (sqs, input) => {
    queueOf(sqs, input).delete(String(input.ReceiptHandle));
    return {};
  },
  DeleteMessageBatch: (sqs, input, partly) =>
    ofBatch(input, partly, ({ ReceiptHandle }) => {
      queueOf(sqs, input).delete(String(ReceiptHandle));
      return {};
    }),
  ChangeMessageVisibility: (sqs, input) => changeVisibility(queueOf(sqs, input), input),
  ChangeMessageVisibilityBatch: (sqs, input, partly) =>
    ofBatch(input, partly, (entry) => changeVisibility(queueOf(sqs, input), entry)),
};

const MAX_ENTRIES = 10;
/** Since August 2025 a message, and all of a batch, may have 1 MiB. */
const MAX_BYTES = 1_048_576;

function queueOf(sqs: Sqs, { QueueUrl: url }: Input): Queue {
  return existing(sqs, String(url).split('/').at(-1));
}

function existing({ queues }: Sqs, name: unknown): Queue {
  const queue = queues.get(String(name));
  if (queue) return queue;
  throw new ServiceError('QueueDoesNotExist', `The specified queue ${name} does not exist.`);
}

function getAttributes(sqs: Sqs, input: Input): object {
  const queue = queueOf(sqs, input);
  const { visible, out, delayed } = queue.counts();
  const all: QueueAttributes = {
    VisibilityTimeout: '30',
    ...queue.attributes,
    QueueArn: sqs.arnOf(queue.name),
    ApproximateNumberOfMessages: `${visible}`,
    ApproximateNumberOfMessagesNotVisible: `${out}`,
    ApproximateNumberOfMessagesDelayed: `${delayed}`,
  };
  const names = (input.AttributeNames ?? []) as readonly string[];
  const asked = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return { Attributes: Object.fromEntries(asked) };
}

function send(queue: Queue, input: Input): object {
  const body = String(input.MessageBody);
  if (Buffer.byteLength(body) > MAX_BYTES) {
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Message must be shorter than ${MAX_BYTES} bytes.`,
    );
  }
  if (queue.isFifo && input.MessageGroupId === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  const message: Sent = {
    body,
    attributes: (input.MessageAttributes ?? {}) as Sent['attributes'] & object,
    ...(input.DelaySeconds !== undefined && { delayMs: Number(input.DelaySeconds) * 1_000 }),
    ...(input.MessageGroupId !== undefined && { group: String(input.MessageGroupId) }),
    ...(input.MessageDeduplicationId !== undefined && { deduplication: String(input.MessageDeduplicationId) }),
  };
  return { MessageId: queue.send(message).id, MD5OfMessageBody: md5(body) };
}

/** Each entry of a batch succeeds or fails for itself; of one taken `partly` those of odd places fail. */
async function ofBatch(input: Input, partly: boolean, one: (entry: Input) => object): Promise<object> {
  const entries = input.Entries as readonly (Input & { readonly Id: string })[];
  if (entries.length === 0)
    throw new ServiceError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  if (entries.length > MAX_ENTRIES) {
    throw new ServiceError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${MAX_ENTRIES}.`);
  }
  if (entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(String(MessageBody)), 0) > MAX_BYTES) {
    throw new ServiceError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BYTES} bytes.`);
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const [index, entry] of entries.entries()) {
    try {
      if (partly && index % 2 === 1) throw new ServiceError('ServiceUnavailable', 'refused for a trial', 503);
      Successful.push({ Id: entry.Id, ...one(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return { Successful, Failed };
}

async function receive(sqs: Sqs, input: Input): Promise<object> {
  const { VisibilityTimeout: visibility, WaitTimeSeconds: wait } = input;
  const messages = await queueOf(sqs, input).receive(Number(input.MaxNumberOfMessages ?? 1), {
    ...(visibility !== undefined && { visibilityMs: Number(visibility) * 1_000 }),
    ...(wait !== undefined && { waitMs: Number(wait) * 1_000 }),
  });
  return messages.length === 0 ? {} : { Messages: messages.map(received) };
}

function received(message: Message): object {
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: systemAttributesOf(message),
    ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
  };
}

/** What SQS itself says of a message; an event source mapping hands it on. */
export function systemAttributesOf(message: Message): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: `${message.receives}`,
    ApproximateFirstReceiveTimestamp: `${message.firstReceivedAt ?? 0}`,
    SentTimestamp: `${message.sentAt}`,
    ...(message.group !== undefined && { MessageGroupId: message.group }),
  };
}

function changeVisibility(queue: Queue, { ReceiptHandle: receipt, VisibilityTimeout: seconds }: Input): object {
  if (queue.changeVisibility(String(receipt), Number(seconds) * 1_000)) return {};
  throw new ServiceError('MessageNotInflight', 'The specified message is not in flight.');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
