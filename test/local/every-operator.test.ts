import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { DeadLetter } from '../../core/chain/dead-letter.ts';
import type { LocalRun } from '../../core/local/local-run.ts';
import { type RunOptions, runLocal } from '../../core/local/run-local.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { temporaryFolder } from '../connector/reading.ts';
import { everyOperator } from './fixture/every-operator.ts';
import { folderLines } from './folder-lines.ts';

const root = await temporaryFolder();
let runs = 0;

type Outputs = { readonly [name: string]: readonly string[] };

/** A place to run the job of a seed, and what came of it. */
function placeOf(seed: number) {
  const { job, outputs } = everyOperator(seed);
  const baseFolder = join(root, String(runs++));
  const letters: DeadLetter[] = [];
  const deadLetters = { write: (letter: DeadLetter) => void letters.push(letter), flush: async () => {} };
  const module = new URL(`./fixture/every-operator.ts?seed=${seed}`, import.meta.url);
  return {
    start: (options: RunOptions) => runLocal(job.graph, { baseFolder, deadLetters, module, ...options }),
    async outputs(): Promise<Outputs> {
      const lines = outputs.map(async (name) => [name, await folderLines(join(baseFolder, name))] as const);
      // A restart meets the poison since its checkpoint once more.
      const dead = new Set(letters.map(({ operator, record }) => JSON.stringify({ operator, record })));
      return { ...Object.fromEntries(await Promise.all(lines)), deadLetters: [...dead].sort() };
    },
  };
}

async function inOneThread(seed: number): Promise<Outputs> {
  const place = placeOf(seed);
  expect((await (await place.start({})).done).outcome).toBe('ended');
  const expected = await place.outputs();
  expect(Object.entries(expected).filter(([, lines]) => lines.length === 0)).toEqual([]);
  return expected;
}

const seeds = fc.nat(1_000_000);

it('every kind of operator gives on several workers what it gives in one thread', async () => {
  const property = fc.asyncProperty(seeds, fc.integer({ min: 2, max: 3 }), async (seed, parallelism) => {
    const place = placeOf(seed);
    await (await place.start({ parallelism })).done;
    expect(await place.outputs()).toEqual(await inOneThread(seed));
  });
  await fc.assert(property, { numRuns: 3, endOnFailure: true });
}, 120_000);

/** Resolves when a source has given so many records, or there are no more. */
function given(run: LocalRun, records: number): Promise<unknown> {
  const enough = async () => {
    const metrics = await run.metrics();
    expect(metrics.find(({ uid }) => uid === 'left')?.recordsOut).toBeGreaterThanOrEqual(records);
  };
  return Promise.race([run.done, vi.waitFor(enough, { interval: 1, timeout: 10_000 })]);
}

it('every kind of operator goes on from a savepoint at another parallelism as if nothing had been', async () => {
  const stop = fc.record({ parallelism: fc.integer({ min: 1, max: 3 }), after: fc.nat(120) });
  const property = fc.asyncProperty(seeds, fc.array(stop, { minLength: 2, maxLength: 4 }), async (seed, stops) => {
    const place = placeOf(seed);
    const options = { store: new MemoryStore(), resume: 'latest' } as const;
    for (const { parallelism, after } of stops) {
      const run = await place.start({ ...options, parallelism });
      await run.checkpoint();
      await given(run, after);
      expect((await run.stop()).outcome).toBe('stopped');
    }
    await (await place.start(options)).done;
    expect(await place.outputs()).toEqual(await inOneThread(seed));
  });
  await fc.assert(property, { numRuns: 2, endOnFailure: true });
}, 120_000);
