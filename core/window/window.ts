import type { Timestamp } from '../time/timestamp.ts';

/** A window of time, `start` included, `end` excluded. The global window is {@link GLOBAL_WINDOW}. */
export type Window = { readonly start: Timestamp; readonly end: Timestamp };
