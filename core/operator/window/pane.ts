import type { WindowDescriptor } from '../descriptor.ts';
import type { IncrementalComputation } from './incremental-window.ts';

/** What working by panes needs to know of a window. */
export type Panes = {
  readonly computation: IncrementalComputation;
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly paneMs: number;
  readonly latenessMs: number;
};

/** Aligned windows of event time with their own trigger, over what can be folded as it comes (and, if sliding, merged). */
export function panesOf({
  assigner,
  trigger,
  evictor,
  computation,
  allowedLatenessMs,
}: WindowDescriptor): Panes | undefined {
  if (assigner.kind !== 'tumbling' && assigner.kind !== 'sliding') return undefined;
  if (assigner.time !== 'event' || trigger !== undefined || evictor !== undefined || computation.kind === 'process')
    return undefined;
  const { sizeMs, offsetMs } = assigner;
  if (assigner.kind === 'tumbling')
    return { computation, sizeMs, slideMs: sizeMs, offsetMs, paneMs: sizeMs, latenessMs: allowedLatenessMs };
  const merges = computation.kind === 'reduce' || computation.aggregate.merge !== undefined;
  const { slideMs } = assigner;
  if (!merges || slideMs > sizeMs) return undefined;
  const paneMs = commonDivisor(sizeMs, slideMs);
  return { computation, sizeMs, slideMs, offsetMs, paneMs, latenessMs: allowedLatenessMs };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
