import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blackhole } from '../core/connector/blackhole.ts';
import { file } from '../core/connector/file/file.ts';
import { job } from '../core/job/job.ts';
import { runLocal } from '../core/local/run-local.ts';
import { count, max } from '../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../core/window/assigner.ts';
import { type Click, writeClicks } from './click-lines.ts';
import type { Row } from './measure.ts';

/**
 * A whole job from a file of JSON Lines: filter, keyed 10-second tumbling windows of two aggregates, a sink that drops.
 * Beside it a loop that only reads, splits and parses the same file.
 */
export async function jsonLinesRows(records: number): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'clicks.jsonl');
  writeClicks(path, records);
  const views = job('views', ({ source }) =>
    source('clicks', file<Click>({ path }), { eventTime: { from: 'at', outOfOrderness: '1s' } })
      .filter(({ ms }) => ms > 10)
      .keyBy('page')
      .window(tumbling('10s'))
      .aggregate({ views: count(), slowest: max(({ ms }) => ms) })
      .uid('views')
      .to('out', blackhole()),
  );
  return [
    { name: 'read, split, parse', records, run: async () => parsed(path) },
    {
      name: 'millrace',
      records,
      async run() {
        const { metrics } = await (await runLocal(views.graph)).done;
        return metrics.find(({ uid }) => uid === 'clicks')?.recordsOut;
      },
    },
  ];
}

function parsed(path: string): number {
  let records = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line !== '' && (JSON.parse(line) as Click).ms >= 0) records++;
  }
  return records;
}
