import type { Invocation } from '../mapping/invocation.ts';
import type { Input, Observe, ServiceCall } from '../server/gate.ts';

/** What AWS would bill for, counted where it happens. */
export type Usage = {
  readonly lambdaRequests: number;
  readonly lambdaGbSeconds: number;
  /** 25 KB each, per record. */
  readonly kinesisPutUnits: number;
  /** 1 KB each, twice for what is in a transaction. */
  readonly dynamodbWriteUnits: number;
  /** 4 KB each, half of one where the read need not be consistent. */
  readonly dynamodbReadUnits: number;
  /** Puts, lists and their like. */
  readonly s3Writes: number;
  readonly s3Reads: number;
  readonly sqsRequests: number;
  readonly snsRequests: number;
  readonly eventBridgeEvents: number;
  readonly firehoseRecords: number;
};

type Count = { -readonly [unit in keyof Usage]: number };

const PUT_UNIT_BYTES = 25 * 1024;
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
const S3_READS = new Set(['GetObject', 'HeadObject']);
const S3_FREE = new Set(['DeleteObject', 'DeleteObjects', 'AbortMultipartUpload']);

/** Counts the calls and invocations of a stack. */
export class UsageMeter {
  readonly #count: Count = {
    lambdaRequests: 0,
    lambdaGbSeconds: 0,
    kinesisPutUnits: 0,
    dynamodbWriteUnits: 0,
    dynamodbReadUnits: 0,
    s3Writes: 0,
    s3Reads: 0,
    sqsRequests: 0,
    snsRequests: 0,
    eventBridgeEvents: 0,
    firehoseRecords: 0,
  };

  get usage(): Usage {
    return { ...this.#count };
  }

  readonly observe: Observe = (call, answer) => {
    for (const [unit, amount] of unitsOf(call, answer)) this.#count[unit] += amount;
  };

  readonly invoked = (_name: string, memoryMb: number, { ms }: Invocation): void => {
    this.#count.lambdaRequests++;
    this.#count.lambdaGbSeconds += (memoryMb / 1024) * (Math.ceil(ms) / 1_000);
  };
}

type Units = readonly (readonly [keyof Usage, number])[];

function unitsOf({ service, operation, input }: ServiceCall, answer: object): Units {
  switch (service) {
    case 'kinesis':
      return [['kinesisPutUnits', putUnits(operation, input)]];
    case 'dynamodb':
      return dynamoDbUnits(operation, input, answer);
    case 's3':
      return S3_FREE.has(operation) ? [] : [[S3_READS.has(operation) ? 's3Reads' : 's3Writes', 1]];
    case 'sqs':
      return [['sqsRequests', 1]];
    case 'sns':
      return [['snsRequests', 1]];
    case 'events':
      return [['eventBridgeEvents', listOf(input.Entries).length]];
    case 'firehose':
      return [['firehoseRecords', Math.max(1, listOf(input.Records).length)]];
    case 'lambda':
      return [];
  }
}

function putUnits(operation: string, input: Input): number {
  const records = operation === 'PutRecord' ? [input] : operation === 'PutRecords' ? listOf(input.Records) : [];
  return records.reduce(
    (sum, { Data }) => sum + Math.ceil(Buffer.byteLength(String(Data), 'base64') / PUT_UNIT_BYTES),
    0,
  );
}

function dynamoDbUnits(operation: string, input: Input, answer: object): Units {
  const writeUnits = (item: unknown) => Math.max(1, Math.ceil(sizeOf(item) / WRITE_UNIT_BYTES));
  switch (operation) {
    case 'PutItem':
      return [['dynamodbWriteUnits', writeUnits(input.Item)]];
    case 'UpdateItem':
    case 'DeleteItem':
      return [
        [
          'dynamodbWriteUnits',
          writeUnits({ ...(input.Key as object), ...(input.ExpressionAttributeValues as object) }),
        ],
      ];
    case 'BatchWriteItem':
    case 'TransactWriteItems': {
      const factor = operation === 'BatchWriteItem' ? 1 : 2;
      const items = listOf(input.TransactItems ?? Object.values((input.RequestItems ?? {}) as object).flat());
      return [['dynamodbWriteUnits', items.reduce((sum, entry) => sum + factor * writeUnits(itemOf(entry)), 0)]];
    }
    case 'GetItem':
    case 'Query':
    case 'Scan':
    case 'BatchGetItem': {
      const units = Math.max(1, Math.ceil(sizeOf(answer) / READ_UNIT_BYTES));
      return [['dynamodbReadUnits', input.ConsistentRead === true ? units : units / 2]];
    }
    default:
      return [];
  }
}

/** The item of an entry of a batch or a transaction. */
function itemOf(entry: Input): unknown {
  const [action] = Object.values(entry) as readonly Input[];
  return action?.Item ?? action?.Key;
}

/** Nearly what DynamoDB counts: names and values as bytes, and nothing for the tags of types. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + sizeOf(one), 0);
  if (typeof value !== 'object' || value === null) return 1;
  const { B } = value as { readonly B?: unknown };
  if (typeof B === 'string') return Buffer.byteLength(B, 'base64');
  return Object.entries(value).reduce((sum, [name, one]) => sum + (name.length > 2 ? name.length : 0) + sizeOf(one), 0);
}

function listOf(value: unknown): readonly Input[] {
  return (value ?? []) as readonly Input[];
}
