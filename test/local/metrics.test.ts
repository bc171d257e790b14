import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { defineSink } from '../../core/connector/define-sink.ts';
import { job } from '../../core/job/job.ts';
import type { NodeMetrics } from '../../core/local/local-metrics.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { count } from '../../core/operator/aggregate/aggregates.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MAX_TIMESTAMP } from '../../core/time/timestamp.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { temporaryFolder } from '../connector/reading.ts';
import { feed } from './feed.ts';
import windowedCount from './fixture/windowed-count.ts';

type Item = { readonly key: string; readonly at: number };

const root = await temporaryFolder();

const of = (metrics: readonly NodeMetrics[], uid: string) => metrics.find((node) => node.uid === uid);

describe('the metrics of a run', () => {
  it('say while it runs what each node got and gave, what was late, how far time has come and what is held', async () => {
    const input = feed<Item>();
    const { graph } = job('items', ({ source }) =>
      source('items', input.source, { eventTime: { from: 'at' } })
        .filter(({ key }) => key !== 'none')
        .uid('some')
        .keyBy('key')
        .window(tumbling(1_000))
        .aggregate({ n: count() })
        .uid('counts')
        .to('out', collect()),
    );
    const run = await runLocal(graph);
    input.push({ key: 'a', at: 100 }, { key: 'none', at: 150 }, { key: 'a', at: 1_200 }, { key: 'b', at: 1_300 });
    input.push({ key: 'late', at: 10 });
    await vi.waitFor(async () => expect(of(await run.metrics(), 'items')?.recordsOut).toBe(5));
    const metrics = await run.metrics();
    expect(metrics.map(({ uid }) => uid)).toEqual(['items', 'some', 'counts', 'out']);
    expect(of(metrics, 'items')).toMatchObject({ recordsOut: 5, watermark: 1_299, state: 1 });
    expect(of(metrics, 'some')).toMatchObject({ recordsIn: 5, recordsOut: 4, watermark: 1_299, state: 0 });
    expect(of(metrics, 'counts')).toMatchObject({ recordsIn: 4, recordsOut: 1, late: 1, watermark: 1_299, state: 2 });
    expect(of(metrics, 'out')).toMatchObject({ recordsIn: 1, watermark: 1_299 });
    input.end();
    const { metrics: last } = await run.done;
    expect(of(last, 'counts')).toMatchObject({ recordsOut: 3, late: 1, watermark: MAX_TIMESTAMP, state: 0 });
  });

  it('say how long each node was busy, without the nodes behind it', async () => {
    const clock = new ManualClock();
    const spend = (ms: number) => clock.moveTo(clock.now() + ms);
    const slow = defineSink<number>({ name: 'slow', write: () => spend(3) });
    const { graph } = job('busy', ({ source }) =>
      source('numbers', collection(Array.from({ length: 640 }, (_, n) => n)))
        .map((n) => {
          spend(2);
          return n;
        })
        .uid('two')
        .filter(() => true)
        .uid('none')
        .to('out', slow),
    );
    const { metrics } = await (await runLocal(graph, { clock, timed: true })).done;
    const busy = ['two', 'none', 'out'].map((uid) => of(metrics, uid)?.busyMs);
    expect(busy).toEqual([640 * 2, 0, 640 * 3]);
  });

  it('add up over workers', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(async (parallelism) => {
        const module = new URL('./fixture/windowed-count.ts', import.meta.url);
        const baseFolder = join(root, String(parallelism));
        const { metrics } = await (await runLocal(windowedCount.graph, { parallelism, module, baseFolder })).done;
        return metrics;
      }),
    );
    expect(two).toEqual(one);
    expect(of(one ?? [], 'tumbled')?.late).toBeGreaterThan(0);
  });
});
