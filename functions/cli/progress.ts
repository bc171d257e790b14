import type { Graph } from '../../core/graph/node.ts';
import type { NodeMetrics } from '../../core/local/local-metrics.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../core/time/timestamp.ts';
import { formatCount, formatTime } from './text.ts';

/** How far a run has come, in one line: what was read, how fast, where event time stands, what was late. */
export function progressLine(graph: Graph, metrics: readonly NodeMetrics[], seconds: number): string {
  const sources = metrics.filter(({ uid }) => graph.nodes.some((node) => node.kind === 'source' && node.uid === uid));
  const read = total(sources, 'recordsOut');
  const parts = [graph.name, `${formatCount(read)} records`, `${formatCount(read / Math.max(seconds, 0.001))}/s`];
  const watermark = Math.min(...sources.map((source) => source.watermark));
  if (watermark > MIN_TIMESTAMP && watermark < MAX_TIMESTAMP)
    parts.push(`watermark ${formatTime(watermark, Date.now())}`);
  const late = total(metrics, 'late');
  if (late > 0) parts.push(`late ${formatCount(late)}`);
  const dead = total(metrics, 'deadLetters');
  if (dead > 0) parts.push(`dead letters ${formatCount(dead)}`);
  return parts.join('   ');
}

/** A line for each operator. */
export function operatorLines(metrics: readonly NodeMetrics[]): string {
  const width = Math.max(...metrics.map(({ uid }) => uid.length));
  return metrics
    .map(({ uid, recordsIn, recordsOut, late, state, busyMs }) => {
      const counts = `in ${formatCount(recordsIn)}   out ${formatCount(recordsOut)}   late ${formatCount(late)}`;
      return `  ${uid.padEnd(width)}   ${counts}   state ${formatCount(state)}   busy ${formatCount(busyMs)} ms`;
    })
    .join('\n');
}

function total(metrics: readonly NodeMetrics[], counter: 'recordsOut' | 'late' | 'deadLetters'): number {
  return metrics.reduce((sum, node) => sum + node[counter], 0);
}
