import type { SplitSnapshot } from '../checkpoint/checkpoint.ts';
import type { NodeMetrics } from './local-metrics.ts';
import type { Subtask, SubtaskPart } from './subtask.ts';

/** A subtask as the coordinator sees it: in this thread, or in a worker. */
export interface SubtaskHandle {
  addSplits(uid: string, splits: readonly SplitSnapshot[], complete: boolean): void;
  pause(): Promise<void>;
  resume(): void;
  rest(): Promise<void>;
  drain(level: number): Promise<void>;
  finish(level: number): Promise<void>;
  snapshot(): Promise<SubtaskPart>;
  metrics(): Promise<readonly NodeMetrics[]>;
  /** Ends it; resolves when it is gone. */
  close(): Promise<void>;
  /** Rejects when it fails; resolves after `close`. */
  readonly ended: Promise<void>;
}

/** A subtask in this thread; its loop begins. */
export function localHandle(subtask: Subtask): SubtaskHandle {
  const ended = subtask.run();
  return {
    addSplits: (uid, splits, complete) => subtask.addSplits(uid, splits, complete),
    pause: () => subtask.pause(),
    resume: () => subtask.resume(),
    rest: () => subtask.rest(),
    drain: (level) => subtask.drain(level),
    finish: (level) => subtask.finish(level),
    snapshot: () => subtask.snapshot(),
    metrics: async () => subtask.metrics(),
    close: () => subtask.close(),
    ended,
  };
}
