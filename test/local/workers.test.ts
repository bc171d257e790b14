import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runLocal } from '../../core/local/run-local.ts';
import keyedSum, { COUNT } from './fixture/keyed-sum.ts';
import { folderLines } from './folder-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-workers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const module = new URL('./fixture/keyed-sum.ts', import.meta.url);

async function run(parallelism: number): Promise<readonly string[]> {
  const baseFolder = join(folder, String(parallelism));
  const { outcome } = await (await runLocal(keyedSum.graph, { parallelism, module, baseFolder })).done;
  expect(outcome).toBe('ended');
  return folderLines(join(baseFolder, 'out'));
}

describe('worker threads', () => {
  it('give exactly what one thread gives, where one split is read', async () => {
    const one = await run(1);
    expect(one).toHaveLength(COUNT);
    for (const parallelism of [2, 3]) expect(await run(parallelism)).toEqual(one);
  });
});
