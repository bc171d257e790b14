import { describe, expect, test } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { job } from '../../core/job/job.ts';
import { count, sum } from '../../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { jsonStream, MemoryDeployment } from './deployment.ts';

type Click = { readonly page: string; readonly at: number; readonly ms: number };

const clicks = (count: number): Click[] =>
  Array.from({ length: count }, (_, i) => ({ page: `/p${(i * 7) % 5}`, at: 1_000 * i, ms: i }));

const windowed = () =>
  job('clicks', ({ source }) =>
    source('clicks', jsonStream<Click>('clicks'), { eventTime: { from: (click) => click.at, outOfOrderness: '2s' } })
      .filter(({ ms }) => ms % 10 !== 9)
      .keyBy('page')
      .window(tumbling('10s'))
      .aggregate({ views: count(), total: sum((click) => click.ms) })
      .uid('perPage')
      .to('out', collect()),
  ).graph;

/** Of all windows that end before `until`: page, start, views, total. */
function expected(values: readonly Click[], until: number): string[] {
  const windows = new Map<string, { views: number; total: number }>();
  for (const { page, at, ms } of values) {
    if (ms % 10 === 9) continue;
    const name = `${page} ${Math.floor(at / 10_000) * 10_000}`;
    const before = windows.get(name) ?? { views: 0, total: 0 };
    windows.set(name, { views: before.views + 1, total: before.total + ms });
  }
  return [...windows]
    .filter(([name]) => Number(name.split(' ')[1]) + 10_000 <= until)
    .map(([name, { views, total }]) => `${name} ${views} ${total}`)
    .sort();
}

const lines = (values: readonly unknown[]) =>
  (values as { page: string; windowStart: number; views: number; total: number }[])
    .map(({ page, windowStart, views, total }) => `${page} ${windowStart} ${views} ${total}`)
    .sort();

describe('a job of two stages', () => {
  test.each([
    { shards: { clicks: 1, perPage: 1 }, size: 100 },
    { shards: { clicks: 3, perPage: 2 }, size: 7 },
  ])('gives what a plain computation gives, over $shards', async ({ shards, size }) => {
    const deployment = new MemoryDeployment(windowed(), { shards });
    await deployment.start();
    const values = clicks(200);
    await deployment.put('clicks', values);
    await deployment.put(
      'clicks',
      Array.from({ length: 8 }, () => ({ page: '/end', at: 1_000_000, ms: 9 })),
    );
    await deployment.settle(size);
    expect(lines(deployment.sinks.get('out')?.values ?? [])).toEqual(expected(values, 990_000));
  });

  test('goes on from its log after all instances are gone', async () => {
    const deployment = new MemoryDeployment(windowed(), { shards: { clicks: 2, perPage: 2 } });
    await deployment.start();
    const values = clicks(120);
    for (let i = 0; i < values.length; i += 20) {
      await deployment.put('clicks', values.slice(i, i + 20));
      await deployment.settle(5);
      deployment.crash();
    }
    await deployment.put(
      'clicks',
      Array.from({ length: 8 }, () => ({ page: '/end', at: 1_000_000, ms: 9 })),
    );
    await deployment.settle();
    expect(lines(deployment.sinks.get('out')?.values ?? [])).toEqual(expected(values, 990_000));
  });
});

describe('a task whose state does not fit its memory', () => {
  test('loads the keys of a batch at once, and gives what plain sums give', async () => {
    let calls = 0;
    const graph = job('sums', ({ source }) =>
      source('numbers', jsonStream<{ key: number; value: number; note: string }>('numbers'))
        .keyBy('key')
        .reduce((left, right) => {
          calls++;
          return { key: left.key, note: left.note, value: left.value + right.value };
        })
        .uid('sums')
        .to('out', collect()),
    ).graph;
    const limits = { stateBytes: 200_000, compactAfter: 4 };
    const deployment = new MemoryDeployment(graph, { limits });
    await deployment.start();
    const note = (key: number) =>
      Array.from({ length: 8 }, (_, i) => Math.imul(key * 8 + i, 0x9e3779b1).toString(36)).join('');
    const round = Array.from({ length: 2_000 }, (_, key) => ({ key, value: key + 1, note: note(key) }));
    for (let times = 0; times < 4; times++) {
      for (let first = 0; first < round.length; first += 100) {
        await deployment.put('numbers', round.slice(first, first + 100));
        await deployment.settle();
      }
      deployment.crash();
    }
    expect(await deployment.objects.list('blocks/')).not.toEqual([]);
    const sums = new Map<number, number>();
    for (const { key, value } of (deployment.sinks.get('out')?.values ?? []) as readonly (typeof round)[number][]) {
      sums.set(key, Math.max(value, sums.get(key) ?? 0));
    }
    expect(sums).toEqual(new Map(round.map(({ key, value }) => [key, 4 * value])));
    // Begun again for each key that is absent, a batch would call it fifty times as often.
    expect(calls).toBeLessThan(3 * round.length * 3);
  });
});
