import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyedProcessHarness } from 'millrace/testing';
import { type PageCount, Spikes } from './spikes.ts';

test('a page with more than three times its usual views is a spike', () => {
  const spikes = keyedProcessHarness(Spikes, { keyBy: (page: PageCount) => page.page });
  for (const views of [5, 6, 4, 40]) spikes.record({ page: '/home', windowEnd: 10_000, views }, 9_999);
  assert.deepEqual(spikes.values(), [{ page: '/home', views: 40, usual: 5 }]);
});
