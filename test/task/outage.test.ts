import { describe, expect, test } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { RetryableError } from '../../core/error/error.ts';
import { job } from '../../core/job/job.ts';
import type { Clock } from '../../core/port/clock.ts';
import type { CommitTable } from '../../core/port/commit-table.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { jsonStream, MemoryDeployment } from './deployment.ts';

type Item = { readonly id: number; readonly text: string };

/** Time in which a task waits passes at once. */
function hurriedClock(): Clock {
  let now = 1_000_000;
  return {
    now: () => now,
    elapsedMs: () => now,
    after(ms, alarm) {
      setImmediate(() => {
        now += ms;
        alarm();
      });
      return () => {};
    },
  };
}

const copying = () =>
  job('copying', ({ source }) => {
    source('items', jsonStream<Item>('items'))
      .map(({ id, text }) => ({ id, text }))
      .to('out', collect());
  }).graph;

async function deploymentWith(texts: readonly string[]) {
  const deployment = new MemoryDeployment(copying());
  await deployment.start();
  await deployment.put(
    'items',
    texts.map((text, id) => ({ id, text })),
  );
  const entries = deployment.stream('items').entries('shard-000');
  const ids = () => ((deployment.sinks.get('out')?.values ?? []) as Item[]).map(({ id }) => id);
  return { deployment, entries, ids };
}

const DEADLINE = Number.MAX_SAFE_INTEGER;

describe('while a service is out', () => {
  test('of objects, a batch that needs one fails and is given again; nothing is doubled', async () => {
    const { deployment, entries, ids } = await deploymentWith(['x'.repeat(20_000), 'y']);
    const clock = hurriedClock();
    const runtime = deployment.newRuntime('items', { clock });
    deployment.objects.failWith(new RetryableError('S3 is out'));
    for (let i = 0; i < 3; i++)
      await expect(runtime.batch('shard-000', entries, DEADLINE)).rejects.toThrow('S3 is out');
    deployment.objects.failWith(undefined);
    expect(await runtime.batch('shard-000', entries, DEADLINE)).toBeUndefined();
    expect(ids()).toEqual([0, 1]);
    expect(await deployment.objects.list('payloads/')).toHaveLength(1);
  });

  test('of rows, the task gives up after some tries, and the next call goes on', async () => {
    const { deployment, entries, ids } = await deploymentWith(['a', 'b']);
    let isOut = true;
    const table: CommitTable = {
      put: async (log, row) => {
        if (isOut) throw new RetryableError('throttled');
        return deployment.table.put(log, row);
      },
      head: (log) => deployment.table.head(log),
      rows: (log, first, limit) => deployment.table.rows(log, first, limit),
      delete: (log, numbers) => deployment.table.delete(log, numbers),
    };
    const runtime = deployment.newRuntime('items', { table, clock: hurriedClock() });
    await expect(runtime.batch('shard-000', entries, DEADLINE)).rejects.toThrow('throttled');
    isOut = false;
    expect(await runtime.batch('shard-000', entries, DEADLINE)).toBeUndefined();
    expect(ids()).toEqual([0, 1]);
  });

  test('of a sink, what was committed is written by the next call, with the same identity', async () => {
    const { deployment, entries, ids } = await deploymentWith(['a', 'b']);
    let isOut = true;
    const kept = deployment.sinks.get('out') as RecordWriter;
    const writer: RecordWriter = {
      async write(batch) {
        if (isOut) throw new RetryableError('the sink is out');
        return kept.write(batch);
      },
    };
    const runtime = deployment.newRuntime('items', { writers: new Map([['out', writer]]), clock: hurriedClock() });
    await expect(runtime.batch('shard-000', entries, DEADLINE)).rejects.toThrow('the sink is out');
    const rows = (await deployment.table.rows('copying/1/items/shard-000', 0, 10)).length;
    isOut = false;
    expect(await runtime.batch('shard-000', entries, DEADLINE)).toBeUndefined();
    expect(ids()).toEqual([0, 1]);
    expect(await deployment.table.rows('copying/1/items/shard-000', 0, 10)).toHaveLength(rows);
  });
});

describe('a batch', () => {
  test('that does not fit the time commits what it can, and says from where to go on', async () => {
    const { deployment, entries, ids } = await deploymentWith(['a', 'b', 'c']);
    const runtime = deployment.newRuntime('items', { clock: hurriedClock() });
    expect(await runtime.batch('shard-000', entries, 0)).toBe(entries[1]?.sequence);
    expect(ids()).toEqual([0]);
    expect(await runtime.batch('shard-000', entries.slice(1), DEADLINE)).toBeUndefined();
    expect(ids()).toEqual([0, 1, 2]);
  });

  test('that sends more than a part holds is committed in parts', async () => {
    const { deployment, entries, ids } = await deploymentWith(Array.from({ length: 25 }, () => 'x'));
    const limits = { partRecords: 10 };
    const runtime = deployment.newRuntime('items', { clock: hurriedClock(), limits });
    await runtime.batch('shard-000', entries, DEADLINE);
    expect(ids()).toEqual([...Array(25).keys()]);
    expect(deployment.sinks.get('out')?.batches.size).toBe(3);
  });

  test('whose records are larger than any row goes through an object', async () => {
    const { deployment, entries, ids } = await deploymentWith(Array.from({ length: 5 }, () => 'x'.repeat(300_000)));
    await deployment.newRuntime('items', { clock: hurriedClock() }).batch('shard-000', entries, DEADLINE);
    deployment.crash();
    expect(ids()).toEqual([0, 1, 2, 3, 4]);
    const rows = await deployment.table.rows('copying/1/items/shard-000', 0, 10);
    expect(Math.max(...rows.map(({ body }) => body.length))).toBeLessThan(1_000);
  });

  test('of a shard that the job did not begin with is refused, and waits in its stream', async () => {
    const { deployment, entries } = await deploymentWith(['a']);
    const [child] = deployment.stream('items').split('shard-000');
    const batch = deployment.newRuntime('items').batch(child, entries, DEADLINE);
    await expect(batch).rejects.toThrow(RetryableError);
    await expect(batch).rejects.toThrow(`shard ${child} is none of those that stage items began with`);
  });
});
