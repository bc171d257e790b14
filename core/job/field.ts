/** Which fields of a record can do what, for names that an editor completes. A field without a declared type can do all. */

/** The fields that can be added up. */
export type NumberField<T> = {
  [F in keyof T & string]-?: unknown extends T[F] ? F : T[F] extends number | bigint ? F : never;
}[keyof T & string];

/** What has an order: numbers, bigints, strings (by code unit) and dates. */
export type Ordered = number | bigint | string | Date;

/** The fields that have an order. */
export type OrderedField<T> = {
  [F in keyof T & string]-?: unknown extends T[F] ? F : T[F] extends Ordered ? F : never;
}[keyof T & string];

export type Reduce<T> = (left: T, right: T) => T;

/** The record that has the least of what a function gives; the first of equals. */
export function leastBy<T>(by: (value: T) => Ordered): Reduce<T> {
  return (left, right) => (by(right) < by(left) ? right : left);
}

/** The record that has the most of what a function gives; the first of equals. */
export function mostBy<T>(by: (value: T) => Ordered): Reduce<T> {
  return (left, right) => (by(right) > by(left) ? right : left);
}
