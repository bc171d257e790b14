import type { ObjectStore } from '../../port/object-store.ts';
import type { KeyGroupRange } from '../memory-backend.ts';
import type { BasePointer } from './base.ts';

export type TaskStateOptions = {
  readonly store: ObjectStore;
  /** The key groups of the task. */
  readonly range: KeyGroupRange;
  /** Where it begins: nothing, its own last base, or those of its parents after a reshard. */
  readonly bases?: readonly BasePointer[];
  /** The task's place among those that its parents' lists are shared out to; the only one unless said. */
  readonly share?: { readonly index: number; readonly parallelism: number };
  /** What state in memory may take, about, in bytes; 128 MiB unless said. */
  readonly cacheBytes?: number;
  /** A base up to this size is read whole at the opening, in bytes before compression; a quarter of `cacheBytes` unless said. */
  readonly wholeBytes?: number;
  /** A base up to this size, in bytes, lies in the row that carries it, not in an object; 8 KiB unless said. */
  readonly inlineBytes?: number;
  /** What is read from the store at once, in bytes before compression; 16 KiB unless said. */
  readonly blockBytes?: number;
  /** The size of an object, in bytes; 16 MiB unless said. */
  readonly segmentBytes?: number;
  /** So many rows are folded into a base; 64 unless said. */
  readonly compactAfter?: number;
};

export function withDefaults(given: TaskStateOptions): Required<TaskStateOptions> {
  const { cacheBytes = DEFAULTS.cacheBytes } = given;
  return { ...DEFAULTS, wholeBytes: cacheBytes / 4, ...given };
}

const DEFAULTS = {
  bases: [] as readonly BasePointer[],
  share: { index: 0, parallelism: 1 },
  cacheBytes: 128 * 1024 * 1024,
  /** A put of an S3 object costs what eight write units cost: rows up to this size are no dearer. */
  inlineBytes: 8 * 1024,
  blockBytes: 16 * 1024,
  segmentBytes: 16 * 1024 * 1024,
  /** A cold start reads no more rows, and folding them costs one write or two in 64. */
  compactAfter: 64,
} as const;
