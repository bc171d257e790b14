/** How an invocation of a function ended. */
export type Invocation =
  /** The function answered; its answer as JSON. */
  | { readonly kind: 'answered'; readonly json: string; readonly ms: number }
  /** It threw, crashed, ran out of memory or of time, or was throttled. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string; readonly ms: number };

export type Failure = Extract<Invocation, { readonly kind: 'failed' }>;
export type FailureReason = 'threw' | 'crashed' | 'timed out' | 'throttled';

/** Calls a function and waits for its end. It never rejects. */
export type Invoke = (eventJson: string) => Promise<Invocation>;

/**
 * How many records of a batch succeeded, from its front, by the answer of a function that reports failures. An answer
 * that names a record that was not in the batch, or names none, fails the whole batch, as Lambda has it.
 */
export function succeeded(json: string, sequences: readonly string[]): number {
  const failures = failuresOf(json);
  if (failures === 'none') return sequences.length;
  if (failures === 'broken') return 0;
  const places = failures.map((sequence) => sequences.indexOf(sequence));
  return Math.max(0, Math.min(...places));
}

/** The identifiers that an answer names as failed. */
export function failuresOf(json: string): readonly string[] | 'none' | 'broken' {
  const answer = JSON.parse(json) as { readonly batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 'broken';
  if (failures.length === 0) return 'none';
  const identifiers = failures.map((failure: { readonly itemIdentifier?: unknown }) => failure?.itemIdentifier);
  return identifiers.every((one) => typeof one === 'string' && one !== '') ? (identifiers as string[]) : 'broken';
}
