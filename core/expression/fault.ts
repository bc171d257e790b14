import { type Fault, JobSpecError } from '../error/error.ts';

/** One mistake in an expression: `offset` is the 1-based column within its text, `length` how much of it is meant. */
export type ExpressionFault = { readonly offset: number; readonly length: number; readonly message: string };

/** Either the value or every fault that stood in its way. */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'faults'; readonly faults: readonly ExpressionFault[] };

/** The value of an outcome; throws a JobSpecError with all its faults, each placed by its column, under `path`. */
export function orThrow<T>(outcome: Outcome<T>, path: string): T {
  if (outcome.kind === 'ok') return outcome.value;
  throw new JobSpecError(outcome.faults.map((fault) => asJobFault(fault, path)));
}

/** The fault as one of a job, at `path`. The place has the column within the expression and no line. */
export function asJobFault({ offset, message }: ExpressionFault, path: string): Fault {
  return { path, message, place: { column: offset } };
}

/** `; did you mean "agent"?` for the candidate nearest to a misspelt name, or an empty text where none is near. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const near = closest(name, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

/** The candidate with the least edits from `name`, at most a third of its length; undefined where there is none. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment distance). */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let edits = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) edits = Math.min(edits, (before[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    before = above;
    above = current;
  }
  return above[right.length] ?? 0;
}
