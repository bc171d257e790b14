/**
 * The types of columns, as a source declares them under `schema`.
 *
 * A list of one type is an array of it (`tags: [string]`), a map of names is a nested record. What is `unknown` is not
 * checked before a record comes.
 */
export type ColumnType = ScalarType | readonly [ColumnType] | RecordSchema;

/** `timestamp` is epoch milliseconds; `bigint` is a whole number of any size, a JavaScript number or bigint. */
export const SCALAR_TYPES = ['string', 'int', 'bigint', 'double', 'boolean', 'timestamp', 'unknown'] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/** Columns by name. */
export type RecordSchema = { readonly [column: string]: ColumnType };

/** The type of an expression: what a column can have, a span of milliseconds, or NULL and nothing else. */
export type ValueType = ColumnType | 'interval' | 'null';

/** Types that are alike enough to be compared with each other. */
export type Family = 'text' | 'number' | 'boolean' | 'timestamp' | 'interval' | 'array' | 'record' | 'any';

/** The family of a type; `any` for what is known only at run time, NULL included. */
export function familyOf(type: ValueType): Family {
  switch (type) {
    case 'string':
      return 'text';
    case 'int':
    case 'bigint':
    case 'double':
      return 'number';
    case 'boolean':
    case 'timestamp':
    case 'interval':
      return type;
    case 'unknown':
    case 'null':
      return 'any';
    default:
      return isArrayType(type) ? 'array' : 'record';
  }
}

/** True for the type of an array. */
export function isArrayType(type: ValueType): type is readonly [ColumnType] {
  return Array.isArray(type);
}

/** True for the type of a nested record. */
export function isRecordType(type: ValueType): type is RecordSchema {
  return typeof type === 'object' && !Array.isArray(type);
}

/** Whether values of two families have an order or an equality together: timestamps are numbers of milliseconds. */
export function comparable(left: Family, right: Family): boolean {
  if (left === 'any' || right === 'any' || left === right) return true;
  return isNumeric(left) && isNumeric(right);
}

/** Whether values of the family are JavaScript numbers at run time. */
export function isNumeric(family: Family): boolean {
  return family === 'number' || family === 'timestamp' || family === 'interval';
}

/** How a message names a type: `a text`, `a number`, `a record`. */
export function nameOfType(type: ValueType): string {
  switch (familyOf(type)) {
    case 'text':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a condition (true or false)';
    case 'timestamp':
      return 'a timestamp';
    case 'interval':
      return 'an interval';
    case 'array':
      return 'an array';
    case 'record':
      return 'a record';
    case 'any':
      return type === 'null' ? 'NULL' : 'of unknown type';
  }
}

/** The type that holds values of both, `undefined` where there is none. */
export function commonType(left: ValueType, right: ValueType): ValueType | undefined {
  if (left === right || right === 'null') return left;
  if (left === 'null') return right;
  if (left === 'unknown' || right === 'unknown') return 'unknown';
  const [leftFamily, rightFamily] = [familyOf(left), familyOf(right)];
  if (leftFamily === 'number' && rightFamily === 'number') return widest(left, right);
  if (isNumeric(leftFamily) && isNumeric(rightFamily)) return 'unknown';
  if (leftFamily !== rightFamily) return undefined;
  return 'unknown';
}

function widest(left: ValueType, right: ValueType): ValueType {
  if (left === 'double' || right === 'double') return 'double';
  return left === 'bigint' || right === 'bigint' ? 'bigint' : 'int';
}
