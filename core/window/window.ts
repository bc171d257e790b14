import { MAX_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** A window of time, `start` included, `end` excluded. The global window goes from one end of time to the other. */
export type Window = { readonly start: Timestamp; readonly end: Timestamp };

/** The largest timestamp that a window holds: `end - 1`, for the global window the largest there is. */
export function maxTimestamp({ end }: Window): Timestamp {
  return end === MAX_TIMESTAMP ? MAX_TIMESTAMP : end - 1;
}
