import type { Graph } from '../../core/graph/node.ts';
import type { NodeMetrics } from '../../core/local/local-metrics.ts';
import { formatDuration } from '../../core/time/duration.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../core/time/timestamp.ts';
import { formatCount, formatTime } from './text.ts';

/** How far a run has come at a moment. */
export type Progress = {
  readonly graph: Graph;
  readonly metrics: readonly NodeMetrics[];
  /** Since the run began. */
  readonly seconds: number;
  readonly now: Timestamp;
};

/**
 * One line: what was read, how fast, where event time stands, how far that is behind the clock, what was late or could not
 * be handled. Bounded input is of the past, so its lag would say nothing.
 */
export function progressLine({ graph, metrics, seconds, now }: Progress): string {
  const nodes = graph.nodes.filter((node) => node.kind === 'source');
  const sources = metrics.filter(({ uid }) => nodes.some((node) => node.uid === uid));
  const read = total(sources, 'recordsOut');
  const parts = [graph.name, `${formatCount(read)} records`, `${formatCount(read / Math.max(seconds, 0.001))}/s`];
  const watermark = Math.min(...sources.map((source) => source.watermark));
  if (isWithinTime(watermark)) {
    parts.push(`watermark ${formatTime(watermark, now)}`);
    if (nodes.some(({ source }) => !source.bounded)) parts.push(`lag ${formatDuration(roundedMs(now - watermark))}`);
  }
  const late = total(metrics, 'late');
  if (late > 0) parts.push(`late ${formatCount(late)}`);
  const dead = total(metrics, 'deadLetters');
  if (dead > 0) parts.push(`dead letters ${formatCount(dead)}`);
  return parts.join('   ');
}

/** A line for each operator. */
export function operatorLines({ metrics, seconds, now }: Progress): string {
  const width = Math.max(...metrics.map(({ uid }) => uid.length));
  return metrics
    .map(({ uid, recordsIn, recordsOut, late, state, busyMs, watermark }) => {
      const handled = Math.max(recordsIn, recordsOut) / Math.max(seconds, 0.001);
      const counts = [
        `in ${formatCount(recordsIn)}`,
        `out ${formatCount(recordsOut)}`,
        `${formatCount(handled)}/s`,
        `late ${formatCount(late)}`,
        `state ${formatCount(state)}`,
        `busy ${formatCount(busyMs)} ms`,
        ...(isWithinTime(watermark) ? [`watermark ${formatTime(watermark, now)}`] : []),
      ];
      return `  ${uid.padEnd(width)}   ${counts.join('   ')}`;
    })
    .join('\n');
}

function isWithinTime(at: Timestamp): boolean {
  return at > MIN_TIMESTAMP && at < MAX_TIMESTAMP;
}

/** To the second, from a second up. */
function roundedMs(ms: number): number {
  return Math.abs(ms) < 1_000 ? ms : Math.round(ms / 1_000) * 1_000;
}

function total(metrics: readonly NodeMetrics[], counter: 'recordsOut' | 'late' | 'deadLetters'): number {
  return metrics.reduce((sum, node) => sum + node[counter], 0);
}
