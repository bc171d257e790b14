/**
 * The class of an error says what the runtime does next.
 *
 * Everything that Millrace throws on purpose is one of these; any other error that a user's function throws while it
 * handles a record is treated as a {@link PoisonRecordError}.
 */

/** A place in a file that a person wrote: 1-based line and column. */
export type Place = { readonly file?: string; readonly line?: number; readonly column?: number };

/** One mistake in a job: where it is, what it is and, in the message, the way out. */
export type Fault = {
  /** The dotted path of the property, for instance `operators.perPage.window.size`. */
  readonly path: string;
  readonly message: string;
  readonly place?: Place;
};

/** `file:line:column   path: message`, leaving out what is not known. */
export function formatFault({ path, message, place }: Fault): string {
  const at = [place?.file, place?.line, place?.column].filter((part) => part !== undefined).join(':');
  return [at, path === '' ? message : `${path}: ${message}`].filter((part) => part !== '').join('  ');
}

/** The job is wrong and is refused; lists every fault at once. Nothing was run. */
export class JobSpecError extends Error {
  override readonly name = 'JobSpecError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(formatFault).join('\n'));
    this.faults = faults;
  }
}

/** This record cannot be handled: it goes to the dead letters with its reason, and the stream goes on. */
export class PoisonRecordError extends Error {
  override readonly name = 'PoisonRecordError';
}

/** Something outside failed and may work when tried again; nothing was lost. */
export class RetryableError extends Error {
  override readonly name: string = 'RetryableError';
}

/** No answer came: what was asked for may have happened, or may still. Only asking for the very same again can tell. */
export class UnansweredError extends RetryableError {
  override readonly name = 'UnansweredError';
}

/** Another owner has gone on with this task: reload quietly. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** A bug of Millrace, or state that must not be: stop loudly, lose nothing. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** True for errors that are about the job or the runtime, so that no single record is to blame for them. */
export function isFatal(error: unknown): boolean {
  return (
    error instanceof InvariantError ||
    error instanceof JobSpecError ||
    error instanceof RetryableError ||
    error instanceof FencedError
  );
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
