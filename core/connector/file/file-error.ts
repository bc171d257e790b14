import { RetryableError, reasonOf } from '../../error/error.ts';
import { errorCode } from './file-system.ts';

/**
 * What a failed file operation means for a job. The outside failed, no record is to blame and none was lost, so all of
 * them are retryable: after the cause is mended the job goes on from its last checkpoint.
 */
export function readError(path: string, error: unknown): RetryableError {
  if (errorCode(error) === 'ENOENT') {
    const message = `file ${path} vanished after it was listed; put it back and run again with --resume, or run anew without it`;
    return new RetryableError(message, { cause: error });
  }
  const message = `file ${path} cannot be read (${reasonOf(error)}); mend or replace it and run again with --resume`;
  return new RetryableError(message, { cause: error });
}

export function shortenedError(path: string, size: number, position: number): RetryableError {
  return new RetryableError(
    `file ${path} was cut short: it ends at byte ${position} of ${size}; put the whole file back and run again with --resume`,
  );
}

export function writeError(path: string, error: unknown): RetryableError {
  const full = errorCode(error) === 'ENOSPC';
  const way = full ? 'free some space' : 'mend the folder';
  const what = full ? 'the disk is full' : reasonOf(error);
  const message = `file ${path} cannot be written (${what}); nothing committed was lost: ${way} and run again with --resume`;
  return new RetryableError(message, { cause: error });
}
