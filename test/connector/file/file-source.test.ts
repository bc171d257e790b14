import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { file } from '../../../core/connector/file/file.ts';
import type { FileOptions } from '../../../core/connector/file/file-options.ts';
import { fileSource } from '../../../core/connector/file/file-source.ts';
import type { FileSystem } from '../../../core/connector/file/file-system.ts';
import { nodeFileSystem } from '../../../core/connector/file/node-file-system.ts';
import type { Source } from '../../../core/connector/source.ts';
import { JobSpecError, RetryableError } from '../../../core/error/error.ts';
import { drain, readAll, readReopening, sourceContext, temporaryFolder } from '../reading.ts';

const folder = await temporaryFolder();
const context = sourceContext(folder);
let files = 0;

async function written(content: string | Uint8Array, ending: string): Promise<string> {
  const name = `file-${files++}.${ending}`;
  await writeFile(join(folder, name), content);
  return name;
}

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('é', '漢字', '😀', '"', ',', '\\', 'a\nb', 'a\r\nb', '\u2028', '7', 'true', ' '),
);
const record = fc.record({ id: fc.integer(), name: text });
const records = fc.array(record, { maxLength: 40 });
const lineEnd = fc.constantFrom('\n', '\r\n');
const limits = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const chunkBytes = fc.integer({ min: 1, max: 90 });

function csvOf(rows: readonly { id: number; name: string }[], end: string): string {
  const lines = rows.map(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"`);
  return ['id,name', ...lines].join(end);
}

/** Every format of lines, with its encoding and the options to read it. */
const formats = [
  {
    name: 'JSON Lines',
    ending: 'jsonl',
    options: {},
    encode: (rows: readonly object[], end: string) => rows.map((row) => JSON.stringify(row)).join(end),
    expected: (rows: readonly object[]): readonly object[] => rows,
  },
  {
    name: 'CSV',
    ending: 'csv',
    options: { types: { id: 'int', name: 'string' } } as const,
    encode: (rows: readonly object[], end: string) => csvOf(rows as readonly { id: number; name: string }[], end),
    expected: (rows: readonly object[]): readonly object[] => rows,
  },
  {
    name: 'text',
    ending: 'txt',
    options: {},
    encode: (rows: readonly object[], end: string) => rows.map((row) => JSON.stringify(row)).join(end),
    expected: (rows: readonly object[]): readonly object[] => rows.map((row) => ({ line: JSON.stringify(row) })),
  },
];

const compressions = [
  { name: 'plain', ending: '', compress: (bytes: Buffer) => bytes },
  { name: 'gzip', ending: '.gz', compress: (bytes: Buffer) => gzipSync(bytes) },
  { name: 'zstd', ending: '.zst', compress: (bytes: Buffer) => zstdCompressSync(bytes) },
];

describe.each(formats)('$name', ({ ending, options, encode, expected }) => {
  describe.each(compressions)('$name', ({ ending: compressed, compress }) => {
    const property = fc.asyncProperty(
      records,
      lineEnd,
      fc.boolean(),
      fc.boolean(),
      limits,
      chunkBytes,
      async (rows, end, lastEnd, mark, sizes, chunk) => {
        const content = `${mark ? '\ufeff' : ''}${encode(rows, end)}${lastEnd && rows.length > 0 ? end : ''}`;
        const path = await written(compress(Buffer.from(content)), `${ending}${compressed}`);
        const source = fileSource({ path, ...options }, { chunkBytes: chunk }) as Source;
        const [split] = await source.splits(context, 1);
        if (split === undefined) throw new Error('there is no split');
        const all = await readReopening(source, split, context, sizes);
        expect(all).toEqual({ values: expected(rows), faults: [] });
      },
    );

    test('a reader opened again at any position goes on there, whatever the chunks', async () => {
      await fc.assert(property, { numRuns: 40 });
    });
  });
});

describe('ranges', () => {
  test.each(['json', 'text'] as const)('the ranges of a %s file give each line once and in order', async (format) => {
    const property = fc.asyncProperty(
      records,
      lineEnd,
      fc.integer({ min: 1, max: 200 }),
      chunkBytes,
      limits,
      async (rows, end, rangeBytes, chunk, sizes) => {
        const path = await written(rows.map((row) => `${JSON.stringify(row)}${end}`).join(''), 'data');
        const source = fileSource({ path, format }, { rangeBytes, chunkBytes: chunk }) as Source;
        const values: unknown[] = [];
        for (const split of await source.splits(context, 2)) {
          values.push(...(await readReopening(source, split, context, sizes)).values);
        }
        expect(values).toEqual(format === 'json' ? rows : rows.map((row) => ({ line: JSON.stringify(row) })));
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });

  test('the ranges are the same for every parallelism above 1', async () => {
    const path = await written('{"a":1}\n'.repeat(100), 'jsonl');
    const source = fileSource({ path }, { rangeBytes: 64 });
    expect(await source.splits(context, 2)).toEqual(await source.splits(context, 16));
    expect((await source.splits(context, 2)).length).toBe(13);
    expect(await source.splits(context, 1)).toHaveLength(1);
  });

  test('a fault in a later range tells its line of the whole file', async () => {
    const path = await written(`${'{"a":1}\n'.repeat(50)}oops\n${'{"a":1}\n'.repeat(10)}`, 'jsonl');
    const { values, faults } = await readAll(fileSource({ path }, { rangeBytes: 100 }), context, 4);
    expect(values).toHaveLength(60);
    expect(faults).toMatchObject([{ place: `${path}:51`, raw: 'oops' }]);
  });
});

describe('what cannot be decoded', () => {
  async function faultsOf(content: string | Uint8Array, ending: string, options: Partial<FileOptions> = {}) {
    const path = await written(content, ending);
    return { path, ...(await readAll(fileSource({ path, ...options }), context)) };
  }

  test('broken JSON is a fault at its line and the lines around it are read', async () => {
    const { path, values, faults } = await faultsOf('{"a":1}\n\n{"a":\n{"a":3}', 'jsonl');
    expect(values).toEqual([{ a: 1 }, { a: 3 }]);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ place: `${path}:3`, raw: '{"a":' });
    expect(faults[0]?.reason).toMatch(/JSON Lines holds one object per line/);
  });

  test.each(['7', 'null', '"text"', '[{"a":1}]', 'true'])('the top-level value %s is a fault', async (line) => {
    const { values, faults } = await faultsOf(`${line}\n{"a":1}\n`, 'jsonl');
    expect(values).toEqual([{ a: 1 }]);
    expect(faults).toMatchObject([{ raw: line }]);
  });

  test.each([
    '{"__proto__":{"admin":true}}',
    '{"a":{"b":[{"__proto__":1}]}}',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"constructor":{"\\u0070rototype":{"admin":true}}}',
  ])('the prototype-polluting record %s is a fault', async (line) => {
    const { values, faults } = await faultsOf(`${line}\n{"ok":1}\n`, 'jsonl');
    expect(values).toEqual([{ ok: 1 }]);
    expect(faults[0]?.reason).toMatch(/prototype-polluting/);
  });

  test.each(['{"note":"__proto__"}', '{"constructor":"Ferrari"}', '{"prototype":{"a":1}}', '{"a":"caf\\u00e9"}'])(
    'the harmless record %s is read',
    async (line) => {
      expect((await faultsOf(line, 'jsonl')).values).toEqual([JSON.parse(line)]);
    },
  );

  test('bytes that are no UTF-8 are a fault of their line alone', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"é"}\n{"a":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"a":"\ufffd"}\n'),
    ]);
    const { path, values, faults } = await faultsOf(bytes, 'jsonl');
    expect(values).toEqual([{ a: 'é' }, { a: '\ufffd' }]);
    expect(faults).toMatchObject([{ place: `${path}:2` }]);
    expect(faults[0]?.reason).toMatch(/not UTF-8/);
  });

  test('a line above the limit is a fault and the next one is read', async () => {
    const path = await written(`{"a":1}\n{"a":"${'x'.repeat(500)}"}\n{"a":3}\n`, 'jsonl');
    const source = fileSource({ path }, { maxRecordBytes: 100, chunkBytes: 50 });
    const { values, faults } = await readAll(source, context);
    expect(values).toEqual([{ a: 1 }, { a: 3 }]);
    expect(faults).toMatchObject([{ place: `${path}:2` }]);
    expect(faults[0]?.reason).toMatch(/longer than 100 bytes/);
  });

  test('a line above the limit at the end of the file is a fault', async () => {
    const path = await written(`{"a":1}\n{"a":"${'x'.repeat(500)}`, 'jsonl');
    const { values, faults } = await readAll(fileSource({ path }, { maxRecordBytes: 100, chunkBytes: 50 }), context);
    expect(values).toEqual([{ a: 1 }]);
    expect(faults).toHaveLength(1);
  });

  test('a faulty CSV record is refused alone', async () => {
    const csv = 'id,name\n1,a\n2\n3,b"c\n4,"d"e\n5,"two\nlines"\n6,f,7\n8,g\n';
    const { path, values, faults } = await faultsOf(csv, 'csv');
    expect(values).toEqual([
      { id: 1, name: 'a' },
      { id: 5, name: 'two\nlines' },
      { id: 8, name: 'g' },
    ]);
    expect(faults.map(({ place }) => place)).toEqual([3, 4, 5, 8].map((line) => `${path}:${line}`));
  });

  test('a cell of the wrong type is a fault that names its column', async () => {
    const { values, faults } = await faultsOf('id,at\n1,2024-01-01T00:00:00Z\nx,5\n', 'csv', {
      types: { id: 'int', at: 'timestamp' },
    });
    expect(values).toEqual([{ id: 1, at: Date.UTC(2024, 0, 1) }]);
    expect(faults).toMatchObject([{ reason: 'column id: "x" is not of type int', raw: 'x,5' }]);
  });

  test('a CSV column __proto__ makes every record a fault', async () => {
    const { values, faults } = await faultsOf('__proto__,a\n1,2\n', 'csv');
    expect(values).toEqual([]);
    expect(faults[0]?.reason).toMatch(/prototype-polluting/);
  });

  test('a column that stands twice is refused', async () => {
    await expect(faultsOf('a,a\n1,2\n', 'csv')).rejects.toThrow(/stands twice/);
  });
});

describe('CSV', () => {
  test('cells are inferred only where nothing is lost', async () => {
    const path = await written('a,b,c,d,e,f,g\n1,-2.5,true,007,12345678901234567890,,1e3\n', 'csv');
    const { values } = await readAll(fileSource({ path }), context);
    expect(values).toEqual([{ a: 1, b: -2.5, c: true, d: '007', e: '12345678901234567890', f: null, g: 1000 }]);
  });

  test('types: text keeps every cell as it is', async () => {
    const path = await written('a,b\n1,\n', 'csv');
    expect((await readAll(fileSource({ path, types: 'text' }), context)).values).toEqual([{ a: '1', b: '' }]);
  });

  test('a file without a header has the columns of the option, and a tsv has tabs', async () => {
    const path = await written('1\tx\n2\ty\n', 'tsv');
    const { values } = await readAll(fileSource({ path, columns: ['n', 't'] }), context);
    expect(values).toEqual([
      { n: 1, t: 'x' },
      { n: 2, t: 'y' },
    ]);
  });
});

describe('compression', () => {
  const lines = '{"a":1}\n'.repeat(1_000);

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('files of several %s members are read to the end, also without an ending', async (_name, compress) => {
    const bytes = Buffer.from(lines);
    const path = await written(Buffer.concat([compress(bytes), compress(bytes), compress(bytes)]), 'data');
    expect((await readAll(fileSource({ path, format: 'json' }), context)).values).toHaveLength(3_000);
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('a %s file that is cut short fails with its name', async (_name, compress) => {
    const bytes = compress(Buffer.from(Array.from({ length: 5_000 }, (_, a) => JSON.stringify({ a })).join('\n')));
    const path = await written(bytes.subarray(0, bytes.length - 20), 'jsonl');
    const failure = readAll(fileSource({ path }), context);
    await expect(failure).rejects.toThrow(RetryableError);
    await expect(failure).rejects.toThrow(path);
  });

  test('a reader of a compressed file can be closed in its middle', async () => {
    const path = await written(gzipSync(Buffer.from(lines.repeat(200))), 'jsonl.gz');
    const source = fileSource({ path });
    const [split] = await source.splits(context, 1);
    if (split === undefined) throw new Error('there is no split');
    const reader = await source.open(split, undefined, context);
    expect((await reader.read(10)).values).toHaveLength(10);
    await reader.close();
  });
});

describe('finding files', () => {
  test('globs, folders and several paths give each file once and nothing hidden', async () => {
    const base = join(folder, 'find [me]');
    await mkdir(join(base, 'in', 'deep'), { recursive: true });
    await mkdir(join(base, 'in', '_temporary'), { recursive: true });
    const names = [
      'in/b.jsonl',
      'in/a.jsonl',
      'in/deep/c.jsonl',
      'in/.part-1.jsonl.inprogress',
      'in/_temporary/d.jsonl',
    ];
    for (const name of names) await writeFile(join(base, name), '{"a":1}\n');
    const ids = async (path: string | string[]) =>
      (await fileSource({ path }).splits(sourceContext(base), 1)).map(({ id }) => id);
    expect(await ids('in')).toEqual(['in/a.jsonl', 'in/b.jsonl', 'in/deep/c.jsonl']);
    expect(await ids('in/*.jsonl')).toEqual(['in/a.jsonl', 'in/b.jsonl']);
    expect(await ids(['in/b.jsonl', 'in/{a,b}.jsonl'])).toEqual(['in/b.jsonl', 'in/a.jsonl']);
    expect(await ids('in/_temporary/*')).toEqual(['in/_temporary/d.jsonl']);
    expect(await ids(join(base, 'in/a.jsonl'))).toEqual(['in/a.jsonl']);
  });

  test('a path that finds nothing is refused with the path and the folder', async () => {
    const failure = fileSource({ path: 'nowhere/*.jsonl' }).splits(context, 1);
    await expect(failure).rejects.toThrow(JobSpecError);
    await expect(failure).rejects.toThrow(`nowhere/*.jsonl in ${folder}`);
  });

  test('a name without a format is refused with the way out', async () => {
    const path = await written('x', 'strange');
    await expect(readAll(fileSource({ path }), context)).rejects.toThrow(/say format: json, csv, parquet or text/);
  });

  test('a watched folder is unbounded and gives the files that came since', async () => {
    const base = join(folder, 'watched');
    await mkdir(base);
    const source = fileSource({ path: '*.jsonl', watch: '250ms' });
    expect(source.bounded).toBe(false);
    expect(source.discoverEveryMs).toBe(250);
    expect(await source.splits(sourceContext(base), 2)).toEqual([]);
    await writeFile(join(base, 'new.jsonl'), '{"a":1}\n');
    expect((await source.splits(sourceContext(base), 2)).map(({ id }) => id)).toEqual(['new.jsonl']);
  });

  test('options of the other side are refused', () => {
    expect(() => file({ path: 'a', rollBytes: 1 }).source).toThrow(/a source has no rollBytes/);
    expect(() => file({ path: 'a', watch: true }).sink).toThrow(/a sink has no watch/);
    expect(() => file({ path: ['a', 'b'] }).sink).toThrow(/one folder/);
  });
});

describe('files that change', () => {
  test('a file that vanishes after it was listed fails with its name and the way out', async () => {
    const path = await written('{"a":1}\n', 'jsonl');
    const source = fileSource({ path });
    const [split] = await source.splits(context, 1);
    if (split === undefined) throw new Error('there is no split');
    await nodeFileSystem.remove(join(folder, path));
    const failure = source.open(split, undefined, context);
    await expect(failure).rejects.toThrow(RetryableError);
    await expect(failure).rejects.toThrow(/vanished.*--resume/);
  });

  test('a file that is cut short or fails while it is read fails with its name', async () => {
    const path = await written('{"a":1}\n'.repeat(100), 'jsonl');
    const failing = (read: (position: number) => number): FileSystem => ({
      ...nodeFileSystem,
      async open(name) {
        const opened = await nodeFileSystem.open(name);
        return {
          ...opened,
          async read(target, at, position) {
            const count = await opened.read(target, at, position);
            return Math.min(count, read(position));
          },
        };
      },
    });
    const short = failing((position) => (position < 200 ? 100 : 0));
    const broken = failing((position) => {
      if (position >= 200) throw new Error('EIO: the cable is out');
      return 100;
    });
    const read = (files: FileSystem) =>
      readAll(fileSource({ path }, { chunkBytes: 64 }), sourceContext(folder, { files }));
    await expect(read(short)).rejects.toThrow(/cut short: it ends at byte \d+ of 800/);
    await expect(read(broken)).rejects.toThrow(/cable is out/);
    await expect(read(broken)).rejects.toThrow(RetryableError);
  });
});

test('a reader that has a block at hand gives a batch without a promise', async () => {
  const path = await written('{"a":1}\n'.repeat(100), 'jsonl');
  const source = fileSource({ path });
  const [split] = await source.splits(context, 1);
  if (split === undefined) throw new Error('there is no split');
  const reader = await source.open(split, undefined, context);
  await reader.read(10);
  expect(reader.read(10)).toMatchObject({ ended: false });
  expect((await drain(reader)).values).toHaveLength(80);
  await reader.close();
});
