import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { fileSink } from '../../core/connector/file/file-sink.ts';
import { fileSource } from '../../core/connector/file/file-source.ts';
import { readAll, sourceContext, temporaryFolder } from '../connector/reading.ts';
import { filesIn, sinkContext, writeAll } from '../connector/writing.ts';
import type { Reading } from './fixture/slow-files.ts';
import { runKilled } from './run-killed.ts';

const root = await temporaryFolder();
const PER_FILE = 1_000;

/** Readings of one file: 100 records per second of event time, as in the other files. */
function readingsOf(fileNumber: number): readonly Reading[] {
  return Array.from({ length: PER_FILE }, (_, i) => {
    const n = fileNumber * PER_FILE + i;
    return { n, key: `k${(n * 7_919) % 11}`, at: i * 10 };
  });
}

async function writeInput(folder: string): Promise<readonly Reading[]> {
  const input = join(folder, 'in');
  await mkdir(input, { recursive: true });
  const files = Array.from({ length: 5 }, (_, fileNumber) => readingsOf(fileNumber));
  const [gzip = [], zstd = [], plain = [], csv = [], parquet = []] = files;
  const lines = (readings: readonly Reading[]) => `${readings.map((reading) => JSON.stringify(reading)).join('\n')}\n`;
  await writeFile(join(input, 'a.jsonl.gz'), gzipSync(lines(gzip)));
  await writeFile(join(input, 'b.jsonl.zst'), zstdCompressSync(lines(zstd)));
  await writeFile(join(input, 'c.jsonl'), lines(plain));
  await writeFile(join(input, 'd.csv'), `n,key,at\n${csv.map(({ n, key, at }) => `${n},${key},${at}`).join('\n')}\n`);
  await writeAll(fileSink({ path: 'made', format: 'parquet' }), parquet, sinkContext(folder));
  const [made = ''] = await filesIn(join(folder, 'made'));
  await rename(join(folder, 'made', made), join(input, 'e.parquet'));
  return files.flat();
}

/** Records per key and second, counted without any of the engine. */
function recount(readings: readonly Reading[]): readonly unknown[] {
  const rows = new Map<string, { records: number; total: number }>();
  for (const { n, key, at } of readings) {
    const name = `${key}/${Math.floor(at / 1_000) * 1_000}`;
    const { records, total } = rows.get(name) ?? { records: 0, total: 0 };
    rows.set(name, { records: records + 1, total: total + n });
  }
  return [...rows].map(([name, row]) => {
    const [key, start] = name.split('/');
    return { key, windowStart: Number(start), windowEnd: Number(start) + 1_000, ...row };
  });
}

const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort();

it.each([
  { name: 'one worker', parallelisms: [1] },
  { name: 'two workers', parallelisms: [2] },
  { name: 'a parallelism that changes at every restart', parallelisms: [1, 2, 1, 3, 2] },
])(
  'a job over files of every kind that is killed again and again writes each result once, with $name',
  async ({ parallelisms }) => {
    const folder = join(root, parallelisms.join('-'));
    const readings = await writeInput(folder);
    const module = new URL('./fixture/slow-files.ts', import.meta.url);
    expect(await runKilled(module, { folder, parallelisms, seed: parallelisms.length })).toBeGreaterThan(0);

    const written = async (path: string) => {
      const source = fileSource<unknown>({ path: `${path}/**/*`, types: { n: 'int', at: 'int' } });
      return sorted((await readAll(source, sourceContext(folder))).values);
    };
    for (const path of ['json', 'csv', 'parquet']) expect(await written(path)).toEqual(sorted(readings));
    expect(await written('counts')).toEqual(sorted(recount(readings)));
    expect((await filesIn(folder)).filter((name) => name.includes('inprogress'))).toEqual([]);
  },
  60_000,
);
