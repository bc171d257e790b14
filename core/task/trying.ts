import type { Trying } from './commit-row.ts';
import type { Share } from './input.ts';

/**
 * How a record is found that kills or stalls the process: nobody is left to name it, so attempts are counted in the log.
 *
 * An instance that has not committed yet announces in a row that it is about to try. An instance that is new to the task
 * and finds an announcement that was not followed up takes smaller parts, each announced by the row before it, until one
 * record stands alone; when that has failed {@link ATTEMPTS_ALONE} times it is to blame. One that was there before knows that
 * it did not die, and tries what the head says. A part that is committed never has to be looked at again.
 *
 *     all ▸ 1,024 ▸ 64 ▸ 4 ▸ 1 ▸ 1 again ▸ to blame
 */
const FIRST_LIMIT = 1_024;
const SHRINK = 16;

/** Twice: the process may have died of something else. */
const ATTEMPTS_ALONE = 2;

/** `limit` of an attempt at all that is there. */
const ALL = 0;

/** What an instance that is new to the task announces after an announcement that was not followed up, or after none. */
export function nextTry(before: Trying | undefined): Trying {
  if (before === undefined) return { limit: ALL, attempt: 1 };
  const { limit, attempt } = before;
  if (limit === ALL) return { limit: FIRST_LIMIT, attempt: 1 };
  return limit > 1 ? { limit: Math.max(1, Math.floor(limit / SHRINK)), attempt: 1 } : { limit, attempt: attempt + 1 };
}

/** The share of an entry that an announcement allows. */
export function shareOf(trying: Trying | undefined, skip: number): Share {
  if (trying === undefined || trying.limit === ALL) return { skip, limit: Number.POSITIVE_INFINITY };
  const { limit, attempt } = trying;
  if (attempt <= ATTEMPTS_ALONE) return { skip, limit };
  return {
    skip,
    limit,
    blamed: `each of the ${attempt - 1} times that it was handled alone, the process died or stalled`,
  };
}

/** What the row of a part announces for the next one: the same, until a record was found to blame. */
export function tryAfter(trying: Trying | undefined): Trying | undefined {
  if (trying === undefined || trying.limit === ALL || trying.attempt > ATTEMPTS_ALONE) return undefined;
  return { limit: trying.limit, attempt: 1 };
}

export function isLimited(trying: Trying | undefined): boolean {
  return trying !== undefined && trying.limit !== ALL;
}
