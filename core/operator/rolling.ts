import type { ReduceDescriptor } from './descriptor.ts';
import type { KeySelector } from './key-selector.ts';
import type { Untyped } from './untyped.ts';

/**
 * Rolling aggregates of one field, as reduces (Flink: KeyedStream.sum, min, max, minBy, maxBy).
 *
 * `sum`, `min` and `max` keep the other fields of the key's first record; `minBy` and `maxBy` give the whole record that
 * has the smallest or largest value, of several the first. A record whose field has no fitting value is poison.
 */
export type RollingAggregate = 'sum' | 'min' | 'max' | 'minBy' | 'maxBy';

type Fields = { readonly [field: string]: unknown };

/**
 * @example
 * rollingAggregate('sum', 'price', { of: (bid) => bid.auction, columns: ['auction'] });
 */
export function rollingAggregate(
  aggregate: RollingAggregate,
  field: string,
  key: KeySelector<Untyped>,
): ReduceDescriptor {
  const check = aggregate === 'sum' ? checkAddable : checkComparable;
  const of: KeySelector<Untyped>['of'] = (record) => {
    check(record[field], field);
    return key.of(record);
  };
  return { kind: 'reduce', key: { ...key, of }, reduce: rollingReduce(aggregate, field) };
}

function rollingReduce(aggregate: RollingAggregate, field: string): (left: Fields, right: Fields) => Fields {
  switch (aggregate) {
    case 'sum':
      return (left, right) => ({ ...left, [field]: add(left[field], right[field], field) });
    case 'min':
      return (left, right) => (less(right, left, field) ? { ...left, [field]: right[field] } : left);
    case 'max':
      return (left, right) => (less(left, right, field) ? { ...left, [field]: right[field] } : left);
    case 'minBy':
      return (left, right) => (less(right, left, field) ? right : left);
    case 'maxBy':
      return (left, right) => (less(left, right, field) ? right : left);
  }
}

/**
 * Looked at before a record is folded in, the first of a key too: one that is not fit would spoil all that come after.
 */
function checkAddable(value: unknown, field: string): void {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))) return;
  throw new TypeError(`"${field}" must be a number to be added up; it is ${nameOf(value)}`);
}

function checkComparable(value: unknown, field: string): void {
  if (typeof value === 'string' || value instanceof Date || typeof value === 'bigint') return;
  if (typeof value === 'number' && !Number.isNaN(value)) return;
  throw new TypeError(`"${field}" must be a number, a string or a date to be compared; it is ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  return Number.isNaN(value) ? 'NaN' : `of type ${typeof value}`;
}

function add(left: unknown, right: unknown, field: string): number | bigint {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'bigint' && typeof right === 'bigint') return left + right;
  throw new TypeError(`"${field}" must be of one type to be added up; it is ${typeof left} and ${typeof right}`);
}

function less(left: Fields, right: Fields, field: string): boolean {
  const one = left[field];
  const other = right[field];
  if (typeof one === typeof other) return (one as number) < (other as number);
  throw new TypeError(`"${field}" must be of one type to be compared; it is ${typeof one} and ${typeof other}`);
}
