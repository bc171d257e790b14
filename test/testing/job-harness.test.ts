import { describe, expect, it } from 'vitest';
import { blackhole, collection, type Job, job, nexmark, stdout } from '../../core/index.ts';
import { JobHarness, ManualClock, runJob } from '../../core/testing/index.ts';
import { restoreEveryRecord } from '../restore-mode.ts';

type Item = { readonly key: string; readonly n: number };

const sums = job('sums', ({ source }) => {
  const items = source('items', collection<Item>([]));
  const others = source('others', collection<Item>([]));
  const sum = items
    .union(others)
    .keyBy('key')
    .reduce((one, other) => ({ key: one.key, n: one.n + other.n }))
    .uid('sum');
  sum.to('totals', stdout());
  sum.filter(({ n }) => n > 10).to('large', stdout());
});

const failing: Job = job('failing', ({ source }) =>
  source('items', collection<Item>([]))
    .map(({ n }) => {
      if (n < 0) throw new Error('below 0');
      return n;
    })
    .uid('positive')
    .to('out', blackhole()),
);

describe('runJob', () => {
  it('gives what each sink got, in order', async () => {
    const sources = {
      items: [
        { key: 'a', n: 6 },
        { key: 'a', n: 7 },
      ],
      others: [],
    };
    const { sinks, metrics } = await runJob<{ totals: Item; large: Item }>(sums, { sources, restoreEveryRecord });
    expect(sinks.totals.map(({ n }) => n)).toEqual([6, 13]);
    expect(sinks.large).toEqual([{ key: 'a', n: 13 }]);
    expect(metrics.sum).toMatchObject({ recordsIn: 2, recordsOut: 2 });
  });

  it('takes a source where records are not enough', async () => {
    const bids = job('bids', ({ source }) =>
      source('events', nexmark({ count: 10 }))
        .filter(({ event_type }) => event_type === 2)
        .to('out', stdout()),
    );
    const { sinks } = await runJob(bids, { sources: { events: nexmark({ count: 100 }) } });
    expect(sinks.out).toHaveLength(92);
  });

  it('reads ingestion time from the clock that it is given', async () => {
    const stamped = job('stamped', ({ source }) =>
      source('items', collection<Item>([]), { eventTime: 'ingestion' })
        .process({ process: (_item, { timestamp, emit }) => emit(timestamp) })
        .uid('stamp')
        .to('out', stdout()),
    );
    const { sinks } = await runJob(stamped, { sources: { items: [{ key: 'a', n: 1 }] }, clock: new ManualClock(42) });
    expect(sinks.out).toEqual([42]);
  });

  it('collects dead letters, and fails where the job is to stop at them', async () => {
    const sources = {
      items: [
        { key: 'a', n: -1 },
        { key: 'a', n: 1 },
      ],
    };
    const { deadLetters, metrics } = await runJob(failing, { sources });
    expect(deadLetters).toMatchObject([{ operator: 'positive', reason: 'below 0', record: { n: -1 } }]);
    expect(metrics.positive?.recordsOut).toBe(1);

    const settings = { ...failing.graph.settings, onPoison: 'stop' as const };
    const strict: Job = { ...failing, graph: { ...failing.graph, settings } };
    await expect(runJob(strict, { sources })).rejects.toThrow('below 0');
  });

  it('refuses sources that the job does not have, that are not given, and side outputs of no operator', async () => {
    const nothing = { items: [], others: [] };
    await expect(runJob(sums, { sources: { items: [] } })).rejects.toThrow('sources.others');
    await expect(runJob(sums, { sources: { ...nothing, itms: [] } })).rejects.toThrow('no source "itms"');
    await expect(runJob(sums, { sources: nothing, sides: ['sun.late'] })).rejects.toThrow('no operator "sun"');
  });
});

describe('a job harness', () => {
  it('has worked off what was sent when send resolves, however many records that are', async () => {
    const harness = await JobHarness.start<{ totals: Item; large: Item }>(sums);
    await harness.send('items', { key: 'a', n: 1 });
    await harness.send('others', { key: 'a', n: 2 }, { key: 'b', n: 3 });
    expect(harness.sinks.totals.map(({ n }) => n)).toEqual([1, 3, 3]);
    await harness.send('items', ...Array.from({ length: 5_000 }, () => ({ key: 'c', n: 1 })));
    expect(harness.sinks.totals.at(-1)).toEqual({ key: 'c', n: 5_000 });
    const { metrics } = await harness.finish();
    expect(metrics.sum?.recordsIn).toBe(5_003);
  });

  it('waits for asynchronous calls', async () => {
    const looked = job('looked-up', ({ source }) =>
      source('items', collection<Item>([]))
        .mapAsync(
          async ({ n }) => {
            await new Promise((resolve) => setImmediate(resolve));
            return n * 2;
          },
          { timeout: '1s' },
        )
        .uid('lookUp')
        .to('out', stdout()),
    );
    const harness = await JobHarness.start(looked, { restoreEveryRecord });
    await harness.send('items', { key: 'a', n: 1 }, { key: 'a', n: 2 });
    expect(harness.sinks.out).toEqual([2, 4]);
    await harness.stop();
  });

  it('fails at the call that stopped the job', async () => {
    const settings = { ...failing.graph.settings, onPoison: 'stop' as const };
    const harness = await JobHarness.start({ ...failing, graph: { ...failing.graph, settings } });
    await harness.send('items', { key: 'a', n: 1 });
    await expect(harness.send('items', { key: 'a', n: -1 })).rejects.toThrow('below 0');
  });

  it('refuses a source that the job does not have', async () => {
    const harness = await JobHarness.start(sums);
    await expect(harness.send('itms')).rejects.toThrow('it has items, others');
    await harness.stop();
  });
});
