import type { Key } from '../codec/key.ts';

/**
 * How a record's key is found. `columns` name the key in results: the fields it is made of, or `key` for a function.
 * A key of one field is the field's value; of several, the tuple of their values.
 */
export type KeySelector<T = unknown> = {
  readonly of: (value: T) => Key;
  readonly columns: readonly string[];
  /** The fields, where the key is made of fields; absent for a function. */
  readonly fields?: readonly string[];
};
