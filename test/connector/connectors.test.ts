import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { blackhole } from '../../core/connector/blackhole.ts';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { type AsSource, sinkOf, sourceOf } from '../../core/connector/connector.ts';
import { defineSink } from '../../core/connector/define-sink.ts';
import { defineSource } from '../../core/connector/define-source.ts';
import { file } from '../../core/connector/file/file.ts';
import { makeSink, makeSource, SINK_WORDS, SOURCE_WORDS } from '../../core/connector/registry.ts';
import type { Source } from '../../core/connector/source.ts';
import { stdin } from '../../core/connector/stdin.ts';
import { stdout } from '../../core/connector/stdout.ts';
import { InvariantError, JobSpecError } from '../../core/error/error.ts';
import { drain, readAll, readReopening, sourceContext } from './reading.ts';
import { sinkContext, writeAll } from './writing.ts';

const context = sourceContext('/');

describe('collection', () => {
  test('its splits give each item once and in order, from any position', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer()),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
      async (items, parallelism, limits) => {
        const source = collection(items) as Source;
        const values: unknown[] = [];
        for (const split of await source.splits(context, parallelism)) {
          values.push(...(await readReopening(source, split, context, limits)).values);
        }
        expect(values).toEqual(items);
      },
    );
    await fc.assert(property);
  });

  test('its timestamps go with the items', async () => {
    const source = collection(['a', 'b', 'c'], { timestamps: [1, 2, 3] });
    const [split] = await source.splits(context, 1);
    if (split === undefined) throw new Error('there is no split');
    const reader = await source.open(split, 1, context);
    expect(await reader.read(1)).toEqual({ values: ['b'], timestamps: [2], ended: false });
    expect(() => collection([1], { timestamps: [] })).toThrow(/1 items have 0 timestamps/);
  });
});

describe('stdin', () => {
  function input(chunks: readonly string[]) {
    return sourceContext('/', {
      input: (async function* () {
        for (const chunk of chunks) yield Buffer.from(chunk);
      })(),
    });
  }

  test('records are read whatever the pieces in which they come', async () => {
    const text = '{"a":1}\n{"a":"é"}\n{"a":3}';
    const bytes = [...Buffer.from(text)];
    const pieces = sourceContext('/', {
      input: (async function* () {
        for (const byte of bytes) yield Uint8Array.of(byte);
      })(),
    });
    expect((await readAll(stdin(), pieces)).values).toEqual([{ a: 1 }, { a: 'é' }, { a: 3 }]);
  });

  test('CSV and text are read too, and a fault has its line', async () => {
    expect((await readAll(stdin({ format: 'csv' }), input(['a,b\n1,', '2\n']))).values).toEqual([{ a: 1, b: 2 }]);
    expect((await readAll(stdin({ format: 'text' }), input(['x\ny']))).values).toEqual([{ line: 'x' }, { line: 'y' }]);
    expect((await readAll(stdin(), input(['{}\n', 'no\n']))).faults).toMatchObject([{ place: 'stdin:2' }]);
  });

  test('reading does not wait for what has not come', async () => {
    let give: (bytes: Uint8Array) => void = () => undefined;
    const first = new Promise<Uint8Array>((resolve) => {
      give = resolve;
    });
    const waiting = sourceContext('/', {
      input: (async function* () {
        yield await first;
      })(),
    });
    const source = stdin();
    const reader = await source.open({ id: 'stdin', split: null }, undefined, waiting);
    expect(reader.read(10)).toEqual({ values: [], ended: false });
    expect(reader.position()).toEqual({ offset: 0, line: 0 });
    const arrived = reader.arrived?.();
    give(Buffer.from('{"a":1}\n'));
    await arrived;
    expect(reader.read(10)).toMatchObject({ values: [{ a: 1 }] });
    expect((await drain(reader)).values).toEqual([]);
  });

  test('it can be closed while nothing comes', async () => {
    const never = sourceContext('/', {
      input: (async function* () {
        yield await new Promise<Uint8Array>(() => undefined);
      })(),
    });
    const reader = await stdin().open({ id: 'stdin', split: null }, undefined, never);
    reader.read(1);
    await reader.close();
  });

  test('an input that fails is told by the next read', async () => {
    const failing = sourceContext('/', {
      // biome-ignore lint/correctness/useYield: it fails before it gives anything
      input: (async function* (): AsyncGenerator<Uint8Array> {
        throw new Error('the pipe broke');
      })(),
    });
    await expect(readAll(stdin(), failing)).rejects.toThrow('the pipe broke');
  });

  test('a runtime without a standard input is refused with the way out', async () => {
    await expect(readAll(stdin(), context)).rejects.toThrow(InvariantError);
  });
});

describe('a source of one’s own', () => {
  const squares = defineSource({
    name: 'squares',
    *records() {
      for (let n = 0; n < 10; n++) yield { n, square: n * n };
    },
  });

  test('an iterable is a source that can be opened again', async () => {
    expectTypeOf(squares).toExtend<AsSource<{ n: number; square: number }>>();
    const source = squares as Source;
    const [split] = await source.splits(context, 4);
    if (split === undefined) throw new Error('there is no split');
    const all = await readReopening(source, split, context, [3, 1]);
    expect(all.values).toEqual(Array.from({ length: 10 }, (_, n) => ({ n, square: n * n })));
  });

  test('an asynchronous iterable is one too', async () => {
    const source = defineSource({
      name: 'later',
      async *records() {
        for (let n = 0; n < 5; n++) yield n;
      },
    }) as Source;
    const [split] = await source.splits(context, 1);
    if (split === undefined) throw new Error('there is no split');
    expect((await readReopening(source, split, context, [2])).values).toEqual([0, 1, 2, 3, 4]);
  });

  test('one with splits and readers is taken as it is, and missing parts are named at once', () => {
    const own = collection([1]);
    expect(defineSource(own)).toBe(own);
    const wrong = { name: 'wrong' } as unknown as Source;
    expect(() => defineSource(wrong)).toThrow(/source.bounded.*\n.*source.splits.*\n.*source.open/);
  });
});

describe('sinks', () => {
  test('a function is a sink', async () => {
    const seen: unknown[] = [];
    await writeAll(defineSink<number>({ name: 'seen', write: (value) => seen.push(value) }), [1, 2], sinkContext('/'));
    expect(seen).toEqual([1, 2]);
    expect(() => defineSink({ name: 'x' } as never)).toThrow(JobSpecError);
  });

  test('blackhole counts what it drops', async () => {
    const sink = blackhole();
    await writeAll(sink, [1, 2, 3], sinkContext('/'));
    expect(sink.count).toBe(3);
  });

  test('collect shows values at once', async () => {
    const sink = collect<number>();
    const writer = await sink.open(sinkContext('/'));
    writer.write(7, 100);
    expect(sink.values).toEqual([7]);
    expect(sink.timestamps).toEqual([100]);
  });

  test('collect on commit shows each value once, and forgets what a crash left', async () => {
    const sink = collect<number>({ onCommit: true });
    const writer = await sink.open(sinkContext('/'));
    writer.write(1, 0);
    const ids = (await writer.prepareCommit?.()) ?? [];
    writer.write(2, 0);
    await writer.prepareCommit?.();
    expect(sink.values).toEqual([]);
    const restored = sinkContext('/', { incarnation: 1 });
    await sink.commit?.(ids, restored);
    await sink.commit?.(ids, restored);
    await sink.abandon?.(restored);
    expect(sink.values).toEqual([1]);
  });
});

describe('stdout', () => {
  function recorder(free = true) {
    const texts: string[] = [];
    const state = { drained: 0 };
    const output = {
      write(text: string) {
        texts.push(text);
        return free;
      },
      async drained() {
        state.drained++;
      },
    };
    return { texts, state, context: sinkContext('/', { output }) };
  }

  test('JSON Lines come whole and in order', async () => {
    const { texts, context: recording } = recorder();
    const values = Array.from({ length: 5_000 }, (_, id) => ({ id, big: 1n }));
    await writeAll(stdout(), values, recording);
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) expect(text.endsWith('\n')).toBe(true);
    expect(texts.join('')).toBe(values.map(({ id }) => `{"id":${id},"big":1}\n`).join(''));
  });

  test('an output that is behind is waited for', async () => {
    const { state, context: recording } = recorder(false);
    await writeAll(stdout(), [{ a: 1 }], recording);
    expect(state.drained).toBe(1);
  });

  test('a table has the columns of all rows, its limit, and nothing that moves the cursor', async () => {
    const { texts, context: recording } = recorder();
    const values = [{ a: 1 }, { a: 2, b: '\u001b[2Jgone' }, { a: 3 }, { a: 4 }];
    await writeAll(stdout({ format: 'table', rows: 2 }), values, recording);
    const text = texts.join('');
    expect(text).toMatch(/│ a │ b/);
    expect(text).toMatch(/│ 2 │ +\[2Jgone/);
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/… and 2 more\n$/);
  });

  test('a runtime without a standard output is refused', async () => {
    expect(() => stdout().open(sinkContext('/'))).toThrow(InvariantError);
  });
});

describe('words', () => {
  test('each word makes its connector', () => {
    expect(makeSource('file', { path: 'a.jsonl' }).name).toBe('file a.jsonl');
    expect(makeSource('stdin', {}).name).toBe('stdin json');
    expect(makeSource('collection', { items: [1] }).bounded).toBe(true);
    expect(makeSource('datagen', { fields: {} }).bounded).toBe(false);
    expect(makeSource('nexmark', { count: 5 }).bounded).toBe(true);
    expect(makeSink('file', { path: 'out' }).guarantee).toBe('exactly-once');
    expect(makeSink('stdout', {}).guarantee).toBe('at-least-once');
    expect(makeSink('collect', { onCommit: true }).guarantee).toBe('exactly-once');
    expect(makeSink('blackhole', {}).guarantee).toBe('none');
    expect(SOURCE_WORDS).toEqual([
      'file',
      'stdin',
      'collection',
      'datagen',
      'nexmark',
      'kinesis',
      'dynamodb',
      's3',
      'sqs',
    ]);
    expect(SINK_WORDS).toEqual([
      ...['file', 'stdout', 'collect', 'blackhole', 'kinesis', 'dynamodb', 's3', 'sqs'],
      'sns',
      'eventbridge',
      'firehose',
      'http',
    ]);
  });

  test('an unknown word is refused with the known ones', () => {
    expect(() => makeSource('fiel' as 'file', { path: '' })).toThrow(/fiel is no source; there are file, stdin/);
    expect(() => makeSink('toString' as 'file', { path: '' })).toThrow(/toString is no sink/);
  });

  test('the word file stands on both sides, with its type', () => {
    const clicks = file<{ page: string }>({ path: 'clicks.jsonl' });
    expectTypeOf(sourceOf(clicks)).toEqualTypeOf<Source<{ page: string }>>();
    expect(sourceOf(clicks).name).toBe('file clicks.jsonl');
    expect(sinkOf(file({ path: 'out' })).name).toBe('file out');
    expectTypeOf(sourceOf(collection([1, 2]))).toExtend<Source<number>>();
  });
});
