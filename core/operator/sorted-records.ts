import type { Timestamp } from '../time/timestamp.ts';

/** Records by timestamp, those of one timestamp by arrival: two lists of equal length, as plain data. */
export type SortedRecords = { readonly timestamps: Timestamp[]; readonly values: unknown[] };

export function newSortedRecords(): SortedRecords {
  return { timestamps: [], values: [] };
}

/** Puts a record after those of its timestamp; gives its place. Cheap where records come nearly in order. */
export function insertSorted({ timestamps, values }: SortedRecords, value: unknown, timestamp: Timestamp): number {
  const last = timestamps.length - 1;
  if (last < 0 || (timestamps[last] as Timestamp) <= timestamp) {
    timestamps.push(timestamp);
    values.push(value);
    return last + 1;
  }
  const place = firstAfter(timestamps, timestamp);
  timestamps.splice(place, 0, timestamp);
  values.splice(place, 0, value);
  return place;
}

/** The place of the first timestamp at or after `at`. */
export function firstFrom(timestamps: readonly Timestamp[], at: Timestamp): number {
  return bisect(timestamps, (timestamp) => timestamp >= at);
}

/** The place of the first timestamp after `at`. */
export function firstAfter(timestamps: readonly Timestamp[], at: Timestamp): number {
  return bisect(timestamps, (timestamp) => timestamp > at);
}

function bisect(timestamps: readonly Timestamp[], reached: (timestamp: Timestamp) => boolean): number {
  let low = 0;
  let high = timestamps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(timestamps[middle] as Timestamp)) high = middle;
    else low = middle + 1;
  }
  return low;
}
