/** What the command line's exit codes mean; `millrace --help` says the same. */
export const EXIT = { done: 0, failed: 1, refused: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
