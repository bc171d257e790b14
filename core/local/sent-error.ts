import { type Fault, InvariantError, JobSpecError, RetryableError, reasonOf } from '../error/error.ts';
import type { SentError } from './worker-message.ts';

/** An error as it crosses a thread: structured cloning would lose its class. */
export function sendError(error: unknown): SentError {
  const name = error instanceof Error ? error.name : 'Error';
  return {
    name,
    message: reasonOf(error),
    ...(error instanceof Error && error.stack !== undefined && { stack: error.stack }),
    ...(error instanceof JobSpecError && { faults: error.faults }),
  };
}

export function receiveError({ name, message, stack, faults }: SentError): Error {
  const error = made(name, message, faults);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function made(name: string, message: string, faults: readonly unknown[] | undefined): Error {
  switch (name) {
    case 'JobSpecError':
      return new JobSpecError((faults ?? []) as readonly Fault[]);
    case 'RetryableError':
      return new RetryableError(message);
    case 'InvariantError':
      return new InvariantError(message);
    default:
      return new Error(message);
  }
}
