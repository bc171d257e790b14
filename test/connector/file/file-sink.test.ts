import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileOptions } from '../../../core/connector/file/file-options.ts';
import { type FileCommittable, fileSink } from '../../../core/connector/file/file-sink.ts';
import { fileSource } from '../../../core/connector/file/file-source.ts';
import type { FileSystem } from '../../../core/connector/file/file-system.ts';
import { nodeFileSystem } from '../../../core/connector/file/node-file-system.ts';
import type { Source } from '../../../core/connector/source.ts';
import { PoisonRecordError, RetryableError } from '../../../core/error/error.ts';
import { readAll, readReopening, sourceContext, temporaryFolder } from '../reading.ts';
import { filesIn, sinkContext, writeAll } from '../writing.ts';

const root = await temporaryFolder();
let folders = 0;

function freshFolder(): string {
  return join(root, `out-${folders++}`);
}

async function roundTrip(values: readonly unknown[], options: Partial<FileOptions>, read: Partial<FileOptions> = {}) {
  const base = freshFolder();
  await writeAll(fileSink({ path: 'out', ...options }), values, sinkContext(base));
  const source = fileSource({ path: 'out', ...read });
  return (await readAll(source, sourceContext(base))).values;
}

const row = fc.record({
  id: fc.integer(),
  price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((price) => price + 0),
  name: fc.string(),
  good: fc.boolean(),
  note: fc.option(fc.string({ minLength: 1 })),
});
const rows = fc.array(row, { minLength: 1, maxLength: 30 });

test.each([
  { format: 'json', compression: 'none' },
  { format: 'json', compression: 'gzip' },
  { format: 'json', compression: 'zstd' },
  { format: 'csv', compression: 'none' },
  { format: 'csv', compression: 'zstd' },
  { format: 'parquet', compression: 'none' },
  { format: 'parquet', compression: 'gzip' },
  { format: 'parquet', compression: 'zstd' },
] as const)('what is written as $format with $compression compression is read back the same', async (options) => {
  const types = { id: 'int', price: 'double', name: 'string', good: 'boolean', note: 'string' } as const;
  const property = fc.asyncProperty(rows, async (values) => {
    const read = await roundTrip(values, options, { types });
    const expected = options.format === 'csv' ? values.map((value) => ({ ...value, note: value.note ?? '' })) : values;
    expect(read).toEqual(expected.map((value) => ({ ...value, price: value.price + 0 })));
  });
  await fc.assert(property, { numRuns: 25 });
});

test('a Parquet reader opened again at any row goes on there, and the row groups give each row once', async () => {
  const base = freshFolder();
  const values = Array.from({ length: 60_000 }, (_, id) => ({ id, name: `name ${id % 7}` }));
  await writeAll(fileSink({ path: 'out', format: 'parquet' }), values, sinkContext(base));
  const source = fileSource({ path: 'out' }) as Source;
  const context = sourceContext(base);
  const [whole] = await source.splits(context, 1);
  if (whole === undefined) throw new Error('there is no split');
  expect((await readReopening(source, whole, context, [20_000, 4_999])).values).toEqual(values);
  expect((await readAll(source, context, 4)).values).toEqual(values);
});

test('a Parquet file keeps times, large integers, nested values and mixtures', async () => {
  const values = [
    { at: new Date(5), big: 2n ** 60n, nested: { a: [1, { b: 'x' }] }, mixed: 1, only: undefined },
    { at: new Date(6), big: 7n, nested: null, mixed: 'two', only: 1.5 },
  ];
  expect(await roundTrip(values, { format: 'parquet' })).toEqual([
    { at: 5, big: 2n ** 60n, nested: { a: [1, { b: 'x' }] }, mixed: 1, only: null },
    { at: 6, big: 7, nested: null, mixed: 'two', only: 1.5 },
  ]);
});

test.each(['csv', 'parquet'] as const)(
  'a %s record with other columns begins a part that has them too',
  async (format) => {
    const base = freshFolder();
    const sink = fileSink({ path: '.', format });
    const context = sinkContext(base);
    const writer = await sink.open(context);
    const values: unknown[] = [];
    for (let index = 0; index < 10; index++) {
      const value = index % 2 === 0 ? { a: index } : { a: index, b: 'x' };
      values.push({ b: null, ...value });
      writer.write(value, 0);
      await writer.flush();
    }
    await sink.commit?.((await writer.prepareCommit?.()) ?? [], context);
    const read = (await readAll(fileSource({ path: '.' }), sourceContext(base))).values;
    expect(read.map((value) => ({ b: null, ...(value as object) }))).toEqual(values);
    expect((await filesIn(base)).length).toBeLessThanOrEqual(2);
  },
);

test('nothing is visible before its commit, and committing twice changes nothing', async () => {
  const base = freshFolder();
  const sink = fileSink({ path: 'out' });
  const context = sinkContext(base);
  const writer = await sink.open(context);
  writer.write({ a: 1 }, 0);
  await writer.flush();
  expect(await filesIn(base)).toEqual(['out/.part-results-0-0-0.jsonl.inprogress']);
  const committables = (await writer.prepareCommit?.()) ?? [];
  const plain: readonly FileCommittable[] = JSON.parse(JSON.stringify(committables));
  expect(await filesIn(base)).toEqual(['out/.part-results-0-0-0.jsonl.inprogress']);
  await sink.commit?.(plain, context);
  await sink.commit?.(plain, context);
  expect(await filesIn(base)).toEqual(['out/part-results-0-0-0.jsonl']);
  expect(await readFile(join(base, 'out/part-results-0-0-0.jsonl'), 'utf8')).toBe('{"a":1}\n');
  expect(await writer.prepareCommit?.()).toEqual([]);
});

test('a crash at any moment loses and doubles nothing that a checkpoint holds', async () => {
  const steps = fc.array(fc.constantFrom('write', 'flush', 'checkpoint', 'checkpoint without commit', 'crash'), {
    maxLength: 30,
  });
  const property = fc.asyncProperty(steps, fc.boolean(), async (plan, partitioned) => {
    const base = freshFolder();
    const sink = fileSink({ path: 'out', rollBytes: 40, ...(partitioned ? { partitionBy: 'half' } : {}) });
    let incarnation = 0;
    let context = sinkContext(base, { incarnation });
    let writer = await sink.open(context);
    let durable: readonly FileCommittable[] = [];
    let written = 0;
    let kept = 0;
    const checkpoint = async (commit: boolean) => {
      await writer.flush();
      durable = [...durable, ...((await writer.prepareCommit?.()) ?? [])];
      kept = written;
      if (!commit) return;
      await sink.commit?.(durable, context);
      durable = [];
    };
    for (const step of plan) {
      if (step === 'write') writer.write({ number: written, half: written++ % 2 }, 0);
      else if (step === 'flush') await writer.flush();
      else if (step !== 'crash') await checkpoint(step === 'checkpoint');
      else {
        await writer.close();
        written = kept;
        context = sinkContext(base, { incarnation: ++incarnation });
        await sink.commit?.(durable, context);
        writer = await sink.open(context);
        await sink.abandon?.(context);
      }
    }
    await checkpoint(true);
    await writer.close();
    await sink.abandon?.(sinkContext(base, { incarnation: incarnation + 1 }));
    expect((await filesIn(root)).filter((name) => name.startsWith(`${base}/.`))).toEqual([]);
    const read =
      written === 0 ? [] : (await readAll(fileSource<{ number: number }>({ path: 'out' }), sourceContext(base))).values;
    const numbers = read.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: written }, (_, index) => index));
  });
  await fc.assert(property, { numRuns: 60 });
});

test('abandoning leaves other sinks, its own incarnation and strangers alone', async () => {
  const base = freshFolder();
  const sink = fileSink({ path: '.' });
  const open = async (uid: string, incarnation: number) => {
    const writer = await sink.open(sinkContext(base, { uid, incarnation }));
    writer.write({ a: 1 }, 0);
    await writer.flush();
    await writer.close();
  };
  await open('results', 0);
  await open('results', 1);
  await open('results-1', 0);
  await sink.abandon?.(sinkContext(base, { incarnation: 1 }));
  expect(await filesIn(base)).toEqual([
    '.part-results-0-1-0.jsonl.inprogress',
    '.part-results-1-0-0-0.jsonl.inprogress',
  ]);
});

test('a job that is run once more without --resume overwrites nothing', async () => {
  const base = freshFolder();
  const sink = fileSink({ path: 'out' });
  for (const a of [1, 2]) await writeAll(sink, [{ a }], sinkContext(base));
  expect(await filesIn(base)).toEqual(['out/part-results-0-0-0.jsonl', 'out/part-results-0-0-1.jsonl']);
});

test('parts are rolled at their size and partitioned by a field', async () => {
  const base = freshFolder();
  const sink = fileSink({ path: 'out', partitionBy: 'day', rollBytes: 30 });
  const context = sinkContext(base);
  const writer = await sink.open(context);
  for (let index = 0; index < 4; index++) {
    writer.write({ day: 'a/b', index }, 0);
    await writer.flush();
  }
  writer.write({ index: 9 }, 0);
  await writer.flush();
  await sink.commit?.((await writer.prepareCommit?.()) ?? [], context);
  const names = await filesIn(base);
  expect(names.filter((name) => name.startsWith('out/day=a%2Fb/part-results-0-0-')).length).toBeGreaterThan(1);
  expect(names).toContainEqual(expect.stringMatching(/^out\/day=__null__\/part-.*\.jsonl$/));
});

test('more partitions than may be open are written all the same', async () => {
  const base = freshFolder();
  const values = Array.from({ length: 600 }, (_, index) => ({ key: index % 300, index }));
  await writeAll(fileSink({ path: 'out', partitionBy: 'key' }), values, sinkContext(base));
  expect((await readAll(fileSource({ path: 'out' }), sourceContext(base))).values).toHaveLength(600);
});

test('compressed parts are whole files that other tools read', async () => {
  const base = freshFolder();
  const values = Array.from({ length: 20_000 }, (_, a) => ({ a }));
  for (const compression of ['gzip', 'zstd'] as const) {
    const sink = fileSink({ path: compression, compression });
    const context = sinkContext(base);
    const writer = await sink.open(context);
    for (const value of values) {
      writer.write(value, 0);
      if (writer.buffered > 10_000) await writer.flush();
    }
    await sink.commit?.((await writer.prepareCommit?.()) ?? [], context);
  }
  const expected = values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const gzip = await readFile(join(base, 'gzip/part-results-0-0-0.jsonl.gz'));
  const zstd = await readFile(join(base, 'zstd/part-results-0-0-0.jsonl.zst'));
  expect(gunzipSync(gzip).toString()).toBe(expected);
  expect(zstdDecompressSync(zstd).toString()).toBe(expected);
});

test('a full disk fails with the file and the way out, and what was committed stays', async () => {
  const base = freshFolder();
  await writeAll(fileSink({ path: 'out' }), [{ a: 1 }], sinkContext(base));
  const full: FileSystem = {
    ...nodeFileSystem,
    async create(path) {
      const created = await nodeFileSystem.create(path);
      return {
        ...created,
        write: () => Promise.reject(Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' })),
      };
    },
  };
  const context = sinkContext(base, { files: full, incarnation: 1 });
  const sink = fileSink({ path: 'out' });
  const writer = await sink.open(context);
  writer.write({ a: 2 }, 0);
  const failure = writer.flush();
  await expect(failure).rejects.toThrow(RetryableError);
  await expect(failure).rejects.toThrow(/the disk is full.*free some space/);
  await writer.close();
  await sink.abandon?.(sinkContext(base, { incarnation: 2 }));
  expect(await filesIn(base)).toEqual(['out/part-results-0-0-0.jsonl']);
});

test.each([
  ['csv', {}],
  ['parquet', {}],
  ['text', {}],
  ['json', { partitionBy: 'day' }],
] as const)('a record that %s cannot hold is poison, and no part is made for it', async (format, options) => {
  const base = freshFolder();
  const sink = fileSink({ path: '.', format, ...options });
  const writer = await sink.open(sinkContext(base));
  expect(() => writer.write(7, 0)).toThrow(PoisonRecordError);
  expect(await writer.prepareCommit?.()).toEqual([]);
});

test.each(['json', 'csv', 'parquet'] as const)(
  '%s refuses what it cannot write when it is written, not later',
  async (format) => {
    const base = freshFolder();
    const sink = fileSink({ path: 'out', format });
    const context = sinkContext(base);
    const writer = await sink.open(context);
    const circle: { a: number; self?: unknown } = { a: 0 };
    circle.self = circle;
    writer.write({ a: 1, self: null }, 0);
    expect(() => writer.write(circle, 0)).toThrow();
    if (format !== 'json') expect(() => writer.write({ a: new Date(Number.NaN) }, 0)).toThrow();
    writer.write({ a: 2, self: null }, 0);
    await sink.commit?.((await writer.prepareCommit?.()) ?? [], context);
    const { values } = await readAll(fileSource<{ a: number }>({ path: 'out' }), sourceContext(base));
    expect(values.map(({ a }) => a)).toEqual([1, 2]);
  },
);

test('a row that its owner changes after it was written is kept as it was', async () => {
  const base = freshFolder();
  const context = sinkContext(base);
  for (const format of ['json', 'csv', 'parquet'] as const) {
    const sink = fileSink({ path: format, format });
    const writer = await sink.open(context);
    const row = { a: 1 };
    writer.write(row, 0);
    row.a = 2;
    await sink.commit?.((await writer.prepareCommit?.()) ?? [], context);
    expect((await readAll(fileSource({ path: format }), sourceContext(base))).values).toEqual([{ a: 1 }]);
  }
});

test('committing a part that someone removed says so', async () => {
  const base = freshFolder();
  const sink = fileSink({ path: '.' });
  const lost = [{ temporary: '.part-x.inprogress', final: 'part-x' }];
  await expect(sink.commit?.(lost, sinkContext(base))).rejects.toThrow(/gone under both its names/);
});
