/**
 * How a state's value becomes plain data and back, with a schema version, so that a later version of a job can read
 * what an earlier one wrote (Flink: state schema evolution).
 *
 * Plain data is what the value codec takes: null, booleans, numbers, bigints, strings, byte arrays, dates, arrays,
 * plain objects, maps and sets of them.
 *
 * @example
 * // version 1 held a count; version 2 holds a count and a sum
 * const total: Serializer<{ n: number; sum: number }> = {
 *   version: 2,
 *   serialize: (value) => value,
 *   deserialize: (plain, version) => (version === 1 ? { n: plain as number, sum: 0 } : (plain as { n: number; sum: number })),
 * };
 */
export interface Serializer<T> {
  /** 1 unless said. Raise it whenever the shape of what is written changes. */
  readonly version: number;
  serialize(value: T): unknown;
  /** `version` is that of the writer, never above the reader's: a newer writer is refused with an error. */
  deserialize(plain: unknown, version: number): T;
}
