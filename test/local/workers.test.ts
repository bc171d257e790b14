import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Graph } from '../../core/graph/node.ts';
import { planOf } from '../../core/graph/plan.ts';
import { runLocal } from '../../core/local/run-local.ts';
import keyedSum, { COUNT } from './fixture/keyed-sum.ts';
import windowedCount from './fixture/windowed-count.ts';
import { folderLines } from './folder-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-workers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(name: string, graph: Graph, parallelism: number): Promise<string> {
  const baseFolder = join(folder, String(parallelism));
  const module = new URL(`./fixture/${name}.ts`, import.meta.url);
  const { outcome } = await (await runLocal(graph, { parallelism, module, baseFolder })).done;
  expect(outcome).toBe('ended');
  return baseFolder;
}

describe('worker threads', () => {
  it('give exactly what one thread gives, where one split is read', async () => {
    const one = await folderLines(join(await run('keyed-sum', keyedSum.graph, 1), 'out'));
    expect(one).toHaveLength(COUNT);
    for (const parallelism of [2, 3]) {
      const folder = await run('keyed-sum', keyedSum.graph, parallelism);
      expect(await folderLines(join(folder, 'out'))).toEqual(one);
    }
  });

  it('give what one thread gives of windows that are combined before the shuffle, late records included', async () => {
    const { graph } = windowedCount;
    expect(planOf(graph).exchanges.filter(({ combined }) => combined)).toHaveLength(2);
    const one = await run('windowed-count', graph, 1);
    const two = await run('windowed-count', graph, 2);
    for (const output of ['out', 'late', 'slides']) {
      const expected = await folderLines(join(one, output));
      expect(expected.length).toBeGreaterThan(10);
      expect((await folderLines(join(two, output))).toSorted()).toEqual(expected.toSorted());
    }
  });
});
