/**
 * Where the state of a task was folded to: plain data, to be carried by a commit row.
 *
 * It is `state(task, n)` of the row before the one that carries it, so a reader takes the base and applies the deltas of
 * that row and of those after it.
 */
export type BasePointer = {
  readonly format: typeof BASE_FORMAT;
  readonly manifest:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'object'; readonly name: string; readonly length: number };
};

export const BASE_FORMAT = 1;
