import {
  collection,
  count,
  file,
  job,
  type KeyedContext,
  KeyedProcess,
  minutes,
  state,
  stdout,
  type TimerContext,
  tumbling,
} from 'millrace';
import { JobHarness, keyedProcessHarness, runJob } from 'millrace/testing';
import { expect, test } from 'vitest';

/** The code of docs/testing.md: each test is shown there. */

type Click = { page: string; user: string; at: number };

class Visits extends KeyedProcess<string, Click, { user: string; pages: number }> {
  readonly pages = state.value<number>('pages', { default: 0 });

  process(_click: Click, { timestamp, timers }: KeyedContext<string>) {
    if (this.pages.get() === 0) timers.eventTime(timestamp + minutes(30));
    this.pages.set(this.pages.get() + 1);
  }

  onTimer(_at: number, { key, emit }: TimerContext<string, { user: string; pages: number }>) {
    emit({ user: key, pages: this.pages.get() });
    this.pages.clear();
  }
}

const pageViews = job('page-views', ({ source }) =>
  source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at', outOfOrderness: '5s' } })
    .keyBy('page')
    .window(tumbling('10s'), { allowedLateness: '1m' })
    .aggregate({ views: count() })
    .uid('perPage')
    .to('table', stdout()),
);

test('a visit is told half an hour after its first click', () => {
  const visits = keyedProcessHarness(Visits, { keyBy: (click: Click) => click.user });
  visits.record({ page: '/home', user: 'ann', at: 0 }, 0);
  visits.record({ page: '/cart', user: 'ann', at: 1_000 }, 1_000);
  expect(visits.state('pages')).toEqual([{ key: 'ann', namespace: '', value: 2 }]);
  expect(visits.timers()).toEqual([{ at: minutes(30), key: 'ann' }]);

  visits.watermark(minutes(30));
  expect(visits.values()).toEqual([{ user: 'ann', pages: 2 }]);
});

test('a visit survives a restart', () => {
  const before = keyedProcessHarness(Visits, { keyBy: (click: Click) => click.user });
  before.record({ page: '/home', user: 'ann', at: 0 }, 0);

  const after = keyedProcessHarness(Visits, { keyBy: (click: Click) => click.user });
  after.restore(before.snapshot());
  after.watermark(minutes(30));
  expect(after.values()).toEqual([{ user: 'ann', pages: 1 }]);
});

test('a click of the minute before updates its window, an older one is late', async () => {
  const clicks = [
    { page: '/home', user: 'ann', at: 1_000 },
    { page: '/home', user: 'bob', at: 60_000 },
    { page: '/home', user: 'eve', at: 2_000 },
    { page: '/home', user: 'bob', at: 120_000 },
    { page: '/home', user: 'eve', at: 3_000 },
  ];
  const { sinks, sides, metrics } = await runJob(pageViews, { sources: { clicks }, sides: ['perPage.late'] });
  expect(sinks.table).toEqual([
    { page: '/home', windowStart: 0, windowEnd: 10_000, views: 1 },
    { page: '/home', windowStart: 0, windowEnd: 10_000, views: 2 },
    { page: '/home', windowStart: 60_000, windowEnd: 70_000, views: 1 },
    { page: '/home', windowStart: 120_000, windowEnd: 130_000, views: 1 },
  ]);
  expect(sides['perPage.late']).toEqual([{ page: '/home', user: 'eve', at: 3_000 }]);
  expect(metrics.perPage?.late).toBe(1);
});

test('a click without a page is a dead letter, and loses nothing else', async () => {
  const clicks = [
    { user: 'ann', at: 0 },
    { page: '/home', user: 'bob', at: 1_000 },
  ];
  const { sinks, deadLetters } = await runJob(pageViews, { sources: { clicks } });
  expect(sinks.table).toHaveLength(1);
  expect(deadLetters).toMatchObject([{ operator: 'perPage', record: { user: 'ann', at: 0 } }]);
});

test('a window is open until the watermark has passed its end', async () => {
  const harness = await JobHarness.start(pageViews);
  await harness.send('clicks', { page: '/home', user: 'ann', at: 1_000 });
  await harness.send('clicks', { page: '/home', user: 'bob', at: 14_000 });
  expect(harness.sinks.table).toEqual([]);
  await harness.send('clicks', { page: '/home', user: 'bob', at: 15_000 });
  expect(harness.sinks.table).toEqual([{ page: '/home', windowStart: 0, windowEnd: 10_000, views: 1 }]);

  const { sinks } = await harness.finish();
  expect(sinks.table).toHaveLength(2);
});

test('a window of processing time fires when the clock says so', async () => {
  const perMinute = job('per-minute', ({ source }) =>
    source('clicks', collection<Click>([]))
      .keyBy('page')
      .window(tumbling('1m', { time: 'processing' }))
      .aggregate({ views: count() })
      .uid('perMinute')
      .to('table', stdout()),
  );
  const harness = await JobHarness.start<{ table: { page: string; views: number } }>(perMinute, { now: 0 });
  await harness.send('clicks', { page: '/home', user: 'ann', at: 1 }, { page: '/home', user: 'bob', at: 2 });
  await harness.moveTo(minutes(1) - 2);
  expect(harness.sinks.table).toEqual([]);
  await harness.moveTo(minutes(1));
  expect(harness.sinks.table.map(({ page, views }) => [page, views])).toEqual([['/home', 2]]);
  await harness.stop();
});
