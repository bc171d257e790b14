import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collect, collection, type Graph, type Job, replaceConnectors } from '../../core/index.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { restoreEveryRecord } from '../restore-mode.ts';
import { type Click, joins, limits, pageViews, plan, processes, streams, windows } from './api.ts';

const document = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const code = readFileSync(new URL('./api.ts', import.meta.url), 'utf8');

const at = (seconds: number): string => new Date(Date.UTC(2024, 4, 1) + seconds * 1_000).toISOString();
const clicks: Click[] = [
  { page: '/home', user: 'ann', agent: 'web', ms: 100, at: at(1) },
  { page: '/home', user: 'bob', agent: 'web', ms: 400, at: at(2) },
  { page: '/shop', user: 'ann', agent: 'bot', ms: 10, at: at(3) },
  { page: '/home', user: 'ann', agent: 'web', ms: -1, at: at(12) },
  { page: '/home', user: 'ann', agent: 'web', ms: 90, at: at(70) },
];

/** What each sink of a job got when its sources gave these records. */
async function resultsOf({ graph }: Job, records: Readonly<Record<string, readonly unknown[]>>) {
  const sources = Object.entries(records).map(([name, values]) => [name, collection(values)] as const);
  const sinks = sinksOf(graph).map((name) => [name, collect<unknown>()] as const);
  const replaced = replaceConnectors(graph, { sources: Object.fromEntries(sources), sinks: Object.fromEntries(sinks) });
  const { deadLetters } = await (await runLocal(replaced, { restoreEveryRecord })).done;
  expect(deadLetters).toBe(0);
  return Object.fromEntries(sinks.map(([name, { values }]) => [name.replace(/Out$/, ''), values]));
}

const sinksOf = ({ nodes }: Graph): string[] => nodes.filter(({ kind }) => kind === 'sink').map(({ uid }) => uid);

describe('docs/api.md', () => {
  it('shows code that is compiled and run, all of it', () => {
    const regions = new Map(
      [...code.matchAll(/^( *)\/\/ #region ([\w-]+)\n([\s\S]*?)\n *\/\/ #endregion$/gm)].map(
        ([, indent = '', name = '', text = '']) => [name, text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')],
      ),
    );
    const blocks = new Map(
      [...document.matchAll(/^```ts ([\w-]+)\n([\s\S]*?)\n```$/gm)].map(([, name = '', text = '']) => [name, text]),
    );
    expect(Object.fromEntries(blocks)).toEqual(Object.fromEntries(regions));
    expect(document.match(/^```ts/gm)).toHaveLength(blocks.size);
  });

  it('shows the plan that explain gives', () => {
    expect(document).toContain(`\`\`\`text plan\n${plan}\n\`\`\``);
  });
});

describe('the jobs of the page', () => {
  const day = Date.UTC(2024, 4, 1);

  it('count views per page', async () => {
    const { table } = await resultsOf(pageViews, { clicks });
    expect(table).toEqual([
      { page: '/home', windowStart: day, windowEnd: day + 10_000, views: 2, slowest: 400 },
      { page: '/home', windowStart: day + 10_000, windowEnd: day + 20_000, views: 1, slowest: -1 },
      { page: '/home', windowStart: day + 70_000, windowEnd: day + 80_000, views: 1, slowest: 90 },
    ]);
  });

  it('map, unite, call and roll', async () => {
    const { words, all, named, slowest, total } = await resultsOf(streams, { clicks });
    expect(words).toEqual(['home', 'home', 'home', 'home']);
    expect(all).toHaveLength(5);
    expect(named?.map((click) => (click as { name: string }).name)).toEqual(['ANN', 'BOB', 'ANN', 'ANN', 'ANN']);
    expect(slowest?.map((click) => (click as Click).ms)).toEqual([100, 400, 10, 400, 400]);
    expect(total?.map((click) => (click as Click).ms)).toEqual([100, 500, 10, 499, 589]);
  });

  it('keep state, and put aside', async () => {
    const { slow, again, checked, odd } = await resultsOf(processes, { clicks });
    expect(slow).toEqual([{ page: '/home', ms: 400, usual: 100 }]);
    expect(again).toEqual(['ann saw /home again']);
    expect([checked?.length, odd?.length]).toEqual([4, 1]);
  });

  it('apply rules that are broadcast', async () => {
    const rules = [{ page: '/home', limit: 300 }];
    expect(await resultsOf(limits, { clicks, rules })).toEqual({ tooSlow: ['/home took 400 ms'] });
  });

  it('divide time into windows', async () => {
    const { perPage, tooLate, visits, busiest, thirds } = await resultsOf(windows, { clicks });
    expect(perPage).toHaveLength(5);
    expect(perPage?.[0]).toEqual({
      page: '/home',
      user: 'ann',
      windowStart: day,
      windowEnd: day + 10_000,
      views: 1,
      slowest: 100,
    });
    expect(tooLate).toEqual([]);
    expect(visits).toContainEqual({ user: 'bob', pages: ['/home'], end: day + 2_000 + 1_800_000 });
    expect(busiest).toEqual([{ at: day, views: 4 }]);
    expect(thirds?.map((click) => (click as Click).ms)).toEqual([499]);
  });

  it('join orders with payments', async () => {
    const orders = [
      { id: 'a', item: 'book', at: at(0) },
      { id: 'b', item: 'pen', at: at(60) },
    ];
    const payments = [{ order: 'a', amount: 7, at: at(120) }];
    const { invoices, hourly, reminders } = await resultsOf(joins, { orders, payments });
    expect(invoices).toEqual([{ id: 'a', item: 'book', amount: 7 }]);
    expect(hourly).toEqual([{ id: 'a', amount: 7, hour: day }]);
    expect(reminders).toEqual([{ id: 'b', item: 'pen', at: at(60) }]);
  });
});
