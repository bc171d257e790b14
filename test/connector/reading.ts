import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { DecodeFault, Source, SourceContext, SourceSplit, SplitReader } from '../../core/connector/source.ts';
import { seededRandom } from '../../core/port/random.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';

export function sourceContext(baseFolder: string, rest: Partial<SourceContext> = {}): SourceContext {
  const signal = new AbortController().signal;
  return { clock: new ManualClock(), random: seededRandom(1), baseFolder, signal, ...rest };
}

/** A folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type Everything<T> = { readonly values: T[]; readonly faults: DecodeFault[] };

/** All that a reader gives, in batches of `limit`. */
export async function drain<T>(reader: SplitReader<T>, limit = 100): Promise<Everything<T>> {
  const all: Everything<T> = { values: [], faults: [] };
  for (let rounds = 0; ; rounds++) {
    if (rounds > 1_000_000) throw new Error('the reader does not end');
    const batch = await reader.read(limit);
    if (batch.values.length > limit) throw new Error(`${batch.values.length} values are above the limit ${limit}`);
    all.values.push(...batch.values);
    all.faults.push(...(batch.faults ?? []));
    if (batch.ended) return all;
    if (batch.values.length === 0) await reader.arrived?.();
  }
}

/** All that the splits of a source give, one after another. */
export async function readAll<T>(source: Source<T>, context: SourceContext, parallelism = 1): Promise<Everything<T>> {
  const all: Everything<T> = { values: [], faults: [] };
  for (const split of await source.splits(context, parallelism)) {
    const reader = await source.open(split, undefined, context);
    try {
      const { values, faults } = await drain(reader);
      all.values.push(...values);
      all.faults.push(...faults);
    } finally {
      await reader.close();
    }
  }
  return all;
}

/** Reads a split in batches of `limits`, closing and opening again at the position after every batch, as a crash would. */
export async function readReopening<T>(
  source: Source<T>,
  split: SourceSplit,
  context: SourceContext,
  limits: readonly number[],
): Promise<Everything<T>> {
  const all: Everything<T> = { values: [], faults: [] };
  let position: unknown;
  for (let round = 0; ; round++) {
    if (round > 10_000) throw new Error('the split does not end');
    const reader = await source.open(split, position, context);
    const batch = await reader.read(limits[round % limits.length] as number);
    all.values.push(...batch.values);
    all.faults.push(...(batch.faults ?? []));
    position = JSON.parse(JSON.stringify(reader.position()));
    await reader.close();
    if (batch.ended) return all;
  }
}
