import { expect, it } from 'vitest';
import { collect, defineSource, job } from '../../core/index.ts';
import { runLocal } from '../../core/local/run-local.ts';

type Tick = { readonly of: string; readonly at: number };

const ticks = (of: string, count: number, everyMs: number) =>
  defineSource<Tick>({
    name: of,
    bounded: false,
    *records() {
      for (let n = 1; n <= count; n++) yield { of, at: n * everyMs };
    },
  });

/** In which order ticks of two sources are read; one record at a time, as the mode that restores reads. */
async function orderOf(alignment?: { readonly group: string; readonly maxDrift: string }): Promise<readonly Tick[]> {
  const read = collect<Tick>();
  const eventTime = { from: 'at', watermarks: 'monotonous', ...(alignment && { alignment }) } as const;
  const { graph } = job('ticks', ({ source }) => {
    const fast = source('fast', ticks('fast', 50, 1_000), { eventTime });
    fast.union(source('slow', ticks('slow', 500, 100), { eventTime })).to('read', read);
  });
  await (await runLocal(graph, { restoreEveryRecord: true })).done;
  return read.values;
}

/** How far the fast source was ahead of the slow one at most. */
function lead(order: readonly Tick[]): number {
  const newest: Record<string, number> = { fast: 0, slow: 0 };
  let most = 0;
  for (const { of, at } of order) {
    newest[of] = at;
    most = Math.max(most, (newest.fast ?? 0) - (newest.slow ?? 0));
  }
  return most;
}

it('sources of one alignment group wait for each other, and none loses a record', async () => {
  const order = await orderOf({ group: 'all', maxDrift: '3s' });
  expect(order).toHaveLength(550);
  // A source may read on while it is at most three seconds ahead, so the record that it reads then is one more.
  expect(lead(order)).toBeLessThanOrEqual(4_000);
});

it('without a group the one whose time runs faster is far ahead', async () => {
  expect(lead(await orderOf())).toBeGreaterThan(40_000);
});
