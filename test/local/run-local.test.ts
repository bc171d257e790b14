import { describe, expect, it } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { job } from '../../core/job/job.ts';
import { runLocal } from '../../core/local/run-local.ts';

describe('a job on this machine', () => {
  it('runs bounded input to its end, and gives every result once', async () => {
    const results = collect<number>();
    const { graph } = job('double', ({ source }) =>
      source('numbers', collection([1, 2, 3, 4]))
        .map((n) => n * 2)
        .filter((n) => n > 2)
        .to('results', results),
    );
    const { outcome, metrics } = await (await runLocal(graph)).done;
    expect(outcome).toBe('ended');
    expect(results.values).toEqual([4, 6, 8]);
    expect(metrics.map(({ uid, recordsIn, recordsOut }) => [uid, recordsIn, recordsOut])).toEqual([
      ['numbers', 0, 4],
      ['numbers.map', 4, 4],
      ['numbers.filter', 4, 3],
      ['results', 3, 0],
    ]);
  });
});
