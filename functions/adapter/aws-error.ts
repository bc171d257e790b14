import { InvariantError, RetryableError, UnansweredError } from '../../core/error/error.ts';

/**
 * What a failure of an AWS client means to the runtime.
 *
 * - No answer, or one that says that the service failed inside: what was asked for may have happened, and may still.
 * - Refused for now, such as throttling: it did not happen, and may work later.
 * - Refused for good, such as a missing right or table: told with the way out, and no try will help.
 */

/** Refusals that pass by themselves, beside the statuses 429 and 503. */
const FOR_NOW =
  /Throttl|ThroughputExceeded|RequestLimitExceeded|LimitExceeded|SlowDown|TooManyRequests|TransactionInProgress|ResourceInUse|RequestTimeTooSkewed|ExpiredToken|KMSThrottling/;

const NO_RIGHT =
  /AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientToken|CredentialsProvider|InvalidAccessKeyId/;

type Answered = { readonly name: string; readonly message: string; readonly status: number | undefined };

/** The error of the runtime for one of a client. `what` was tried, such as `put a row into table clicks`. */
export function runtimeErrorOf(error: unknown, what: string): Error {
  const { name, message, status } = answerOf(error);
  const text = `could not ${what}: ${message === '' ? name : `${name}: ${message}`}`;
  const options = { cause: error };
  if (NO_RIGHT.test(name)) {
    return new InvariantError(`${text}; give the role or the credentials this right`, options);
  }
  if (FOR_NOW.test(name) || status === 429 || status === 503) return new RetryableError(text, options);
  if (status === undefined || status >= 500) return new UnansweredError(text, options);
  if (/NotFound|NoSuchBucket/.test(name)) {
    return new InvariantError(`${text}; was it deployed, and is this its region and account?`, options);
  }
  return new InvariantError(text, options);
}

/** Runs a call of a client; its failure becomes one of the runtime. */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw runtimeErrorOf(error, what);
  }
}

/** True for an error of the client with this name, such as `NoSuchKey`. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function answerOf(error: unknown): Answered {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), status: undefined };
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return { name: error.name, message: error.message, status: $metadata?.httpStatusCode };
}
