/**
 * Event time: epoch milliseconds, any sign, an integer.
 *
 * The two ends of time are safe integers, so that they survive JSON and every codec. Arithmetic on them saturates with
 * {@link addMs}.
 */
export type Timestamp = number;

/** Before the first watermark. */
export const MIN_TIMESTAMP: Timestamp = Number.MIN_SAFE_INTEGER;

/** The watermark when the input has ended: nothing comes after it. */
export const MAX_TIMESTAMP: Timestamp = Number.MAX_SAFE_INTEGER;

/** A record without an event time carries this. */
export const NO_TIMESTAMP: Timestamp = MIN_TIMESTAMP;

/** `at + ms`, held within the ends of time: `addMs(MAX_TIMESTAMP, 1) === MAX_TIMESTAMP`. */
export function addMs(at: Timestamp, ms: number): Timestamp {
  const sum = at + ms;
  if (sum >= MAX_TIMESTAMP) return MAX_TIMESTAMP;
  return sum <= MIN_TIMESTAMP ? MIN_TIMESTAMP : sum;
}
