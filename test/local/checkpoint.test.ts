import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { file } from '../../core/connector/file/file.ts';
import { job } from '../../core/job/job.ts';
import { FolderStore } from '../../core/local/folder-store.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { slowKeyedSum } from './fixture/slow-keyed-sum.ts';
import { folderLines } from './folder-lines.ts';
import { runKilled } from './run-killed.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const module = new URL('./fixture/slow-keyed-sum.ts', import.meta.url);

/** What an uninterrupted run writes. */
async function expectedLines(): Promise<readonly string[]> {
  await (await runLocal(slowKeyedSum.graph, { baseFolder: join(folder, 'whole') })).done;
  return folderLines(join(folder, 'whole', 'out'));
}

/** The same job over and over, each with sinks of its own. */
function sums(path = 'out') {
  return job('sums', ({ source }) =>
    source('numbers', collection(Array.from({ length: 5_000 }, (_, n) => ({ n, key: n % 7 }))))
      .keyBy('key')
      .reduce((a, b) => ({ ...b, n: a.n + b.n }))
      .uid('sums')
      .to('out', file({ path })),
  );
}

describe('checkpoints', () => {
  it.each([1, 2])(
    'bring a job of parallelism %i that is killed at any moment to the very same output',
    async (parallelism) => {
      const expected = await expectedLines();
      const place = join(folder, 'killed');
      const kills = await runKilled(module, { folder: place, parallelisms: [parallelism], seed: parallelism });
      expect(kills).toBeGreaterThan(0);
      expect(await folderLines(join(place, 'out'))).toEqual(expected);
    },
  );

  it('hold a stop: the savepoint is where a resumed run goes on', async () => {
    const expected = await expectedLines();
    const place = join(folder, 'stopped');
    const store = new FolderStore(join(place, 'state'));
    const options = { baseFolder: place, store, resume: 'latest' as const };
    const run = await runLocal(slowKeyedSum.graph, options);
    await run.checkpoint();
    const stopped = await run.stop();
    expect(stopped.outcome).toBe('stopped');
    expect((await folderLines(join(place, 'out'))).length).toBeLessThan(expected.length);
    expect((await (await runLocal(slowKeyedSum.graph, options)).done).outcome).toBe('ended');
    expect(await folderLines(join(place, 'out'))).toEqual(expected);
  });

  it('may be restored at another parallelism', async () => {
    const expected = await expectedLines();
    const place = join(folder, 'rescaled');
    const options = {
      baseFolder: place,
      store: new MemoryStore(),
      resume: 'latest' as const,
      module,
    };
    for (const parallelism of [1, 3, 2]) {
      const run = await runLocal(slowKeyedSum.graph, { ...options, parallelism });
      await run.stop();
    }
    await (await runLocal(slowKeyedSum.graph, options)).done;
    expect(await folderLines(join(place, 'out'))).toEqual(expected);
  });

  it('that were taken at the end have nothing left to run', async () => {
    const store = new MemoryStore();
    const results = collect<unknown>();
    const numbers = job('n', ({ source }) => source('numbers', collection([1, 2])).to('results', results));
    await (await runLocal(numbers.graph, { store })).done;
    await (await runLocal(numbers.graph, { store, resume: 'latest' })).done;
    expect(results.values).toEqual([1, 2]);
  });

  it('that cannot be written fail alone, and the next one is tried', async () => {
    const store = new MemoryStore();
    const run = await runLocal(slowKeyedSum.graph, { baseFolder: folder, store });
    store.failWith(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
    await expect(run.checkpoint()).rejects.toThrow('no space left');
    store.failWith(undefined);
    expect(await run.checkpoint()).toBeGreaterThan(1);
    expect((await run.done).outcome).toBe('ended');
    expect(await folderLines(join(folder, 'out'))).toEqual(await expectedLines());
  });

  it('that are damaged are refused by name, with those that may be resumed instead', async () => {
    const store = new MemoryStore();
    const run = await runLocal(slowKeyedSum.graph, { baseFolder: folder, store });
    const first = await run.checkpoint('savepoint');
    const second = await run.checkpoint('savepoint');
    await run.stop({ savepoint: false });
    const part = `checkpoints/0000000${second}/part-0`;
    const bytes = (await store.get(part)) ?? new Uint8Array();
    await store.put(
      part,
      bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
    );
    await expect(runLocal(slowKeyedSum.graph, { baseFolder: folder, store, resume: second })).rejects.toThrow(
      new RegExp(`${part} is damaged.*resume another: .*${first}`),
    );
  });

  it('with state that the job no longer has are refused, unless it may be dropped', async () => {
    const store = new MemoryStore();
    const before = await runLocal(sums().graph, { baseFolder: folder, store });
    await before.stop();
    const renamed = job('sums', ({ source }) =>
      source('numbers', collection(Array.from({ length: 5_000 }, (_, n) => ({ n, key: n % 7 }))))
        .keyBy('key')
        .reduce((a, b) => ({ ...b, n: a.n + b.n }))
        .uid('totals')
        .to('out', file({ path: 'out' })),
    );
    const options = { baseFolder: folder, store, resume: 'latest' as const };
    await expect(runLocal(renamed.graph, options)).rejects.toThrow('operators.sums: the checkpoint has state');
    const run = await runLocal(renamed.graph, { ...options, allowDroppedState: true });
    expect((await run.done).outcome).toBe('ended');
  });

  it('of another job are refused', async () => {
    const store = new MemoryStore();
    await (await runLocal(sums().graph, { baseFolder: folder, store })).stop();
    await expect(runLocal(slowKeyedSum.graph, { baseFolder: folder, store, resume: 'latest' })).rejects.toThrow(
      'is of the job "sums"',
    );
  });
});
