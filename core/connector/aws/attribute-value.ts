import { PoisonRecordError } from '../../error/error.ts';

/** A value as DynamoDB has it. Bytes are base64 text in events. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: Uint8Array | string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Attributes }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly (Uint8Array | string)[] };

export type Attributes = { readonly [name: string]: AttributeValue };

/** DynamoDB nests no deeper. */
const MAX_DEPTH = 32;

/**
 * A plain value for DynamoDB: dates become ISO text, maps with text keys become maps, other sets than of texts or numbers
 * become lists. `undefined` is left out of objects, and NULL in lists.
 *
 * @throws PoisonRecordError for what DynamoDB does not hold: NaN, infinities, and anything nested deeper than 32
 */
export function attributeOf(value: unknown, depth = 0): AttributeValue {
  if (depth > MAX_DEPTH)
    throw new PoisonRecordError(`it is nested deeper than ${MAX_DEPTH}, which DynamoDB does not hold`);
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: numberText(value) };
    case 'bigint':
      return { N: value.toString() };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      return value === null ? { NULL: true } : objectAttribute(value, depth);
    case 'undefined':
      return { NULL: true };
    default:
      throw new PoisonRecordError(`DynamoDB holds no ${typeof value}`);
  }
}

/** The fields of a record as attributes; those that are undefined are left out. */
export function attributesOf(record: object, depth = 0): Attributes {
  const entries = record instanceof Map ? [...record] : Object.entries(record);
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [String(name), attributeOf(value, depth)]),
  );
}

function objectAttribute(value: object, depth: number): AttributeValue {
  if (Array.isArray(value)) return { L: value.map((item) => attributeOf(item, depth + 1)) };
  if (value instanceof Uint8Array) return { B: value };
  if (value instanceof Date) return { S: value.toISOString() };
  if (value instanceof Set) return setAttribute([...value], depth);
  if (ArrayBuffer.isView(value))
    return { L: Array.from(value as Float64Array, (item) => attributeOf(item, depth + 1)) };
  return { M: attributesOf(value, depth + 1) };
}

function setAttribute(items: readonly unknown[], depth: number): AttributeValue {
  if (items.length > 0 && items.every((item) => typeof item === 'string')) return { SS: items };
  if (items.length > 0 && items.every((item) => typeof item === 'number')) return { NS: items.map(numberText) };
  return { L: items.map((item) => attributeOf(item, depth + 1)) };
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new PoisonRecordError(`DynamoDB holds no ${value}`);
}

/** The plain value of one of DynamoDB's. A whole number that is not exact as a number is a bigint. */
export function plainOf(attribute: AttributeValue): unknown {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return numberOf(attribute.N);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('NULL' in attribute) return null;
  if ('M' in attribute) return recordOf(attribute.M);
  if ('L' in attribute) return attribute.L.map(plainOf);
  if ('B' in attribute) return bytesOf(attribute.B);
  if ('SS' in attribute) return new Set(attribute.SS);
  if ('NS' in attribute) return new Set(attribute.NS.map(numberOf));
  return new Set(attribute.BS.map(bytesOf));
}

/** The item that attributes are. */
export function recordOf(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, plainOf(attribute)]));
}

function numberOf(text: string): number | bigint {
  const number = Number(text);
  if (!Number.isInteger(number) || Number.isSafeInteger(number) || !/^-?\d+$/.test(text)) return number;
  return BigInt(text);
}

function bytesOf(bytes: Uint8Array | string): Uint8Array {
  return typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'base64')) : bytes;
}
