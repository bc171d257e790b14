import { describe, expect, it } from 'vitest';
import { explain } from '../../../core/graph/explain.ts';
import { planOf } from '../../../core/graph/plan.ts';
import { resultsOf, specOf } from './run-spec.ts';

const COUNT = 10_000;

/** A spec over five records with operators by number, as JSON, which is YAML as well. */
function large(operator: (place: number) => object, input: string | readonly string[]): string {
  const items = Array.from({ length: 5 }, (_, n) => ({ page: '/a', ms: COUNT - 3 + n, at: n * 1_000 }));
  return JSON.stringify({
    job: 'large',
    sources: {
      clicks: { collection: items, eventTime: 'at', schema: { page: 'string', ms: 'int', at: 'int' } },
    },
    operators: Object.fromEntries(Array.from({ length: COUNT }, (_, place) => [`o${place}`, operator(place)])),
    sinks: { out: { input, blackhole: {} } },
  });
}

const all = Array.from({ length: COUNT }, (_, place) => `o${place}`);

describe('a spec of 10,000 operators', () => {
  it('in a row is checked, planned, explained and run', async () => {
    const row = large(
      (place) => ({ input: place === 0 ? 'clicks' : `o${place - 1}`, filter: `ms > ${place}` }),
      `o${COUNT - 1}`,
    );
    const { job, faults } = specOf(row);
    expect(faults).toEqual([]);
    const plan = planOf(job.graph);
    expect(plan.stages).toHaveLength(1);
    expect(explain(plan, 'text')).toContain('o9999 ─▶ out');
    expect((await resultsOf(row)).map(({ value }) => (value as { ms: number }).ms)).toEqual([COUNT, COUNT + 1]);
  });

  it('side by side is checked, planned and run', async () => {
    const results = await resultsOf(
      large((place) => ({ input: 'clicks', filter: `ms = ${COUNT} and ${place} < 4` }), all),
    );
    expect(results).toHaveLength(4);
  });

  it('with a window each is checked, planned and run', async () => {
    const window = { input: 'clicks', keyBy: 'page', window: { tumbling: '10s' }, aggregate: { n: 'count(*)' } };
    const results = await resultsOf(large(() => window, all));
    expect(results).toHaveLength(COUNT);
    expect(results[0]?.value).toEqual({ page: '/a', windowStart: 0, windowEnd: 10_000, n: 5 });
  });

  it('all of them wrong is refused with every fault in its place', () => {
    const { faults } = specOf(large((place) => ({ input: `x${place}`, filtr: `mss > ${place}` }), 'o1'));
    expect(faults).toHaveLength(2 * COUNT);
    expect(faults.find((fault) => fault.includes('o9999.input'))).toMatch(/operators\.o9999\.input: "x9999" is not in/);
  });
});
