import { InvariantError, JobSpecError } from '../error/error.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** Answers a user's function that gave a promise: the job stops, since it would do so for every record. */
export function refusePromise(uid: string, where: string, promise: Promise<unknown>): JobSpecError {
  promise.catch(() => {});
  return new JobSpecError([
    {
      path: uid,
      message: `${where} returned a promise; it must be synchronous. Waiting is the async operator's: put an async step before this one`,
    },
  ]);
}

/** Throws if what a function without a result returned is a promise. */
export function expectNothing(returned: unknown, uid: string, where: string): void {
  if (returned instanceof Promise) throw refusePromise(uid, where, returned);
}

/** Gives a result back unless it is a promise. */
export function expectPlain<T>(result: T, uid: string, where: string): T {
  if (typeof result === 'object' && result instanceof Promise) throw refusePromise(uid, where, result);
  return result;
}

/** `at` if it can be the time of a timer. */
export function timerTime(at: Timestamp): Timestamp {
  if (Number.isSafeInteger(at)) return at;
  throw new TypeError(`a timer's time must be an integer of epoch milliseconds; it is ${String(at)}`);
}

/** The timestamp of a record that an operator of event time cannot do without. */
export function needTimestamp(timestamp: Timestamp): Timestamp {
  if (timestamp !== NO_TIMESTAMP) return timestamp;
  throw new TypeError('the record has no event time; give its source eventTime, or assign timestamps before this step');
}

export function noSuchPort(uid: string, port: number): InvariantError {
  return new InvariantError(`${uid} has no input port ${port}`);
}
