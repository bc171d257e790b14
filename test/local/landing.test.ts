import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { job } from '../../core/job/job.ts';
import type { Stream } from '../../core/job/stream.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { sum } from '../../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { restoreEveryRecord } from '../restore-mode.ts';

type Numbered = { readonly n: number; readonly at: number };

/** Sums per second, and what came too late, behind `length` operators that change nothing. */
async function sumsBehind(
  length: number,
  records: readonly Numbered[],
  { asynchronous = false, restores = restoreEveryRecord } = {},
) {
  const [sums, late] = [collect<unknown>(), collect<Numbered>()];
  const { graph } = job('row', ({ source }) => {
    let stream: Stream<Numbered> = source('numbers', collection(records), { eventTime: { from: 'at' } });
    if (asynchronous) stream = stream.mapAsync(async (record) => record);
    for (let place = 0; place < length; place++) stream = stream.filter(() => true);
    const summed = stream
      .keyBy(({ n }) => n % 3)
      .window(tumbling('1s'))
      .aggregate({ sum: sum(({ n }) => n) });
    summed.to('sums', sums).sideOutput('late').to('late', late);
  });
  await (await runLocal(graph, { restoreEveryRecord: restores })).done;
  return { sums: sums.values, late: late.values };
}

const records = fc.array(fc.record({ n: fc.integer({ min: 0, max: 9 }), at: fc.integer({ min: 0, max: 5_000 }) }), {
  maxLength: 40,
});

describe('a row of operators longer than a stack', () => {
  it('hands on ten thousand deep', async () => {
    const { sums } = await sumsBehind(10_000, [
      { n: 1, at: 10 },
      { n: 4, at: 20 },
    ]);
    expect(sums).toEqual([{ key: 1, windowStart: 0, windowEnd: 1_000, sum: 5 }]);
  });

  it('gives what a short one gives, in order, with the same records late', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 190, max: 450 }), async (given, length) => {
        expect(await sumsBehind(length, given)).toEqual(await sumsBehind(0, given));
      }),
      { numRuns: 30 },
    );
  });

  it('takes results further that come while nothing else happens', async () => {
    const given = Array.from({ length: 30 }, (_, n) => ({ n, at: n * 100 }));
    const deep = await sumsBehind(450, given, { asynchronous: true });
    expect(deep).toEqual(await sumsBehind(0, given));
  });

  it('has nothing under way when its state is written', async () => {
    const given = Array.from({ length: 20 }, (_, n) => ({ n, at: n * 100 }));
    expect(await sumsBehind(450, given, { restores: true })).toEqual(await sumsBehind(0, given));
  });
});
