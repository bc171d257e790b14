import type { Item } from '../../cost/price.ts';
import type { Usage } from '../../cost/usage.ts';
import type { Invocation } from '../mapping/invocation.ts';
import type { Input, Observe, ServiceCall } from '../server/gate.ts';

const PUT_UNIT_BYTES = 25 * 1024;
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
const FIREHOSE_STEP_BYTES = 5 * 1024;
const S3_READS = new Set(['GetObject', 'HeadObject']);
const S3_FREE = new Set(['DeleteObject', 'DeleteObjects', 'AbortMultipartUpload']);

/** Counts what AWS would bill for the calls and invocations of a stack, item by item of the price list. */
export class UsageMeter {
  readonly #count: { [item in Item]?: number } = {};

  get usage(): Usage {
    return { ...this.#count };
  }

  readonly observe: Observe = (call, answer) => {
    for (const [item, amount] of unitsOf(call, answer)) this.#add(item, amount);
  };

  readonly invoked = (_name: string, memoryMb: number, { ms }: Invocation): void => {
    this.#add('lambdaRequest', 1);
    this.#add('lambdaGbSecond', (memoryMb / 1024) * (Math.ceil(ms) / 1_000));
  };

  #add(item: Item, amount: number): void {
    this.#count[item] = (this.#count[item] ?? 0) + amount;
  }
}

type Units = readonly (readonly [Item, number])[];

function unitsOf({ service, operation, input }: ServiceCall, answer: object): Units {
  switch (service) {
    case 'kinesis':
      return [['kinesisPutUnit', putUnits(operation, input)]];
    case 'dynamodb':
      return dynamoDbUnits(operation, input, answer);
    case 's3':
      return S3_FREE.has(operation) ? [] : [[S3_READS.has(operation) ? 's3Get' : 's3Put', 1]];
    case 'sqs':
      return [['sqsRequest', 1]];
    case 'sns':
      return [['snsPublish', 1]];
    case 'events':
      return [['eventBusEvent', listOf(input.Entries).length]];
    case 'firehose':
      return [['firehoseGb', firehoseGb(input.Records ?? [input.Record])]];
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
      return [['dynamodbWriteUnit', writeUnits(input.Item)]];
    case 'UpdateItem':
    case 'DeleteItem':
      return [
        ['dynamodbWriteUnit', writeUnits({ ...(input.Key as object), ...(input.ExpressionAttributeValues as object) })],
      ];
    case 'BatchWriteItem':
    case 'TransactWriteItems': {
      const factor = operation === 'BatchWriteItem' ? 1 : 2;
      const items = listOf(input.TransactItems ?? Object.values((input.RequestItems ?? {}) as object).flat());
      return [['dynamodbWriteUnit', items.reduce((sum, entry) => sum + factor * writeUnits(itemOf(entry)), 0)]];
    }
    case 'GetItem':
    case 'Query':
    case 'Scan':
    case 'BatchGetItem': {
      const units = Math.max(1, Math.ceil(sizeOf(answer) / READ_UNIT_BYTES));
      return [['dynamodbReadUnit', input.ConsistentRead === true ? units : units / 2]];
    }
    default:
      return [];
  }
}

/** Each record is rounded up to 5 KB. */
function firehoseGb(records: unknown): number {
  const rounded = (bytes: number) => Math.ceil(bytes / FIREHOSE_STEP_BYTES) * FIREHOSE_STEP_BYTES;
  return listOf(records).reduce((sum, { Data }) => sum + rounded(Buffer.byteLength(String(Data), 'base64')), 0) / 1e9;
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
