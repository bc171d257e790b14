import type { MessagePort } from 'node:worker_threads';
import type { DeadLetter } from '../chain/dead-letter.ts';
import type { SplitSnapshot, SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import type { NodeMetrics } from './local-metrics.ts';
import type { SubtaskPart } from './subtask.ts';

/** What a worker is started with. */
export type WorkerStart = {
  /** Exports the job as its default. */
  readonly module: string;
  readonly index: number;
  readonly parallelism: number;
  readonly baseFolder: string;
  readonly incarnation: number;
  readonly timed: boolean;
  readonly allowDroppedState: boolean;
  readonly restored: readonly SubtaskSnapshot[];
  /** To each other worker, by its index. */
  readonly ports: ReadonlyMap<number, MessagePort>;
};

/** What the coordinator asks of a worker; each but the first is answered under its number. */
export type WorkerCall =
  | {
      readonly call: 'addSplits';
      readonly uid: string;
      readonly splits: readonly SplitSnapshot[];
      readonly complete: boolean;
    }
  | { readonly call: 'resume' }
  | { readonly id: number; readonly call: 'pause' | 'rest' | 'snapshot' | 'metrics' | 'close' }
  | { readonly id: number; readonly call: 'drain' | 'finish'; readonly level: number };

export type WorkerAnswer = SubtaskPart | readonly NodeMetrics[] | undefined;

export type WorkerNews =
  | { readonly kind: 'open' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: WorkerAnswer }
  | { readonly kind: 'refused'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'failed'; readonly error: SentError }
  | { readonly kind: 'sourcesEnded' }
  /** Something in the worker begins to read the standard input. */
  | { readonly kind: 'readsInput' }
  | { readonly kind: 'deadLetter'; readonly letter: DeadLetter };

/** An error that crossed a thread; its class is in its name. */
export type SentError = {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly faults?: readonly unknown[];
};
