/**
 * Where text goes that a person or a pipe reads, such as the standard output of a process.
 *
 * Law: texts come out whole and in the order of their writes.
 */
export interface TextOutput {
  /** False: the other side is behind; await `drained` before writing much more. */
  write(text: string): boolean;
  /** Resolves when there is room again; absent: there always is. */
  drained?(): Promise<void>;
}
