/**
 * Files as connectors see them: those of this machine, or a test's.
 *
 * Laws
 * 1. Paths are absolute. What is not there is told by `undefined` or an empty list, and by an error with the code
 *    `ENOENT` from `open`, `rename` and `remove`.
 * 2. `rename` is atomic: after a crash a name has the old content or the new one, never a part.
 * 3. Whatever fails throws with Node's `code`, such as `ENOSPC` of a full disk.
 */
export interface FileSystem {
  stat(path: string): Promise<FileStat | undefined>;
  /** Absolute paths of the files (no folders) that match, sorted; patterns have `*`, `**`, `?`, `[a-z]` and `{a,b}`. */
  glob(pattern: string, folder: string): Promise<readonly string[]>;
  open(path: string): Promise<ReadableFile>;
  /** A new file, empty; makes the folders above it. An existing file is overwritten. */
  create(path: string): Promise<WritableFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export type FileStat = { readonly size: number; readonly isFolder: boolean };

export interface ReadableFile {
  readonly size: number;
  /** Fills `target` from `at` with what stands at `position`; gives the number of bytes, 0 at the end. */
  read(target: Uint8Array, at: number, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface WritableFile {
  /** Adds to the end; resolves when all of `bytes` were taken. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written would outlive a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
