import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { parse } from 'yaml';
import { blackhole } from '../../core/connector/blackhole.ts';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { sourceOf } from '../../core/connector/connector.ts';
import { defineSink } from '../../core/connector/define-sink.ts';
import { defineSource } from '../../core/connector/define-source.ts';
import { file } from '../../core/connector/file/file.ts';
import { makeSink, makeSource, type SinkWord, type SourceWord } from '../../core/connector/registry.ts';
import type { Source } from '../../core/connector/source.ts';
import { decodeFrame } from '../../core/frame/frame-codec.ts';
import { systemClock } from '../../core/local/system-clock.ts';
import { seededRandom } from '../../core/port/random.ts';
import { FrameProducer } from '../../core/producer/frame-producer.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import type { KinesisProducerOptions } from '../../functions/producer/kinesis-producer.ts';
import { readAll, sourceContext } from './reading.ts';
import { sinkContext, writeAll } from './writing.ts';

type Click = { readonly page: string; readonly at: number };

const page = await readFile(join(import.meta.dirname, '../../docs/connectors.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block ?? '');
}

/** A scalar is the one option that says it all. */
function optionsOf(word: string, options: unknown): never {
  const scalar = (
    { kinesis: 'stream', dynamodb: 'stream', sqs: 'queue', firehose: 'stream' } as Record<string, string>
  )[word];
  return (typeof options === 'string' && scalar !== undefined ? { [scalar]: options } : options) as never;
}

test('every connector of the page is made from its options', () => {
  const names: string[] = [];
  for (const block of blocks('yaml')) {
    const { sources = {}, sinks = {} }: { sources?: object; sinks?: object } = parse(block);
    for (const [word, options] of Object.values(sources).flatMap((source) => Object.entries(source))) {
      names.push(makeSource(word as SourceWord, optionsOf(word, options)).name);
    }
    for (const [word, options] of Object.values(sinks).flatMap((sink) => Object.entries(sink))) {
      names.push(makeSink(word as SinkWord, optionsOf(word, options)).name);
    }
  }
  expect(names).toHaveLength(24);
});

test('the TypeScript of the page is this', async () => {
  const pages: string[] = [];

  // region: docs
  const clicks = file<Click>({ path: 'clicks.jsonl' });
  const some = collection([{ page: '/home', at: 1_000 }]);
  const squares = defineSource({
    name: 'squares',
    *records() {
      for (let n = 0; n < 10; n++) yield { n, square: n * n };
    },
  });

  const results = collect<Click>();
  const dropped = blackhole();
  const alarm = defineSink<Click>({ name: 'alarm', write: (click) => pages.push(click.page) });
  // endregion

  expectTypeOf(sourceOf(clicks)).toEqualTypeOf<Source<Click>>();
  const { values } = await readAll(some, sourceContext('/'));
  for (const sink of [results, dropped, alarm]) await writeAll(sink, values, sinkContext('/'));
  expect(results.values).toEqual([{ page: '/home', at: 1_000 }]);
  expect(dropped.count).toBe(1);
  expect(pages).toEqual(['/home']);
  expect((await readAll(squares, sourceContext('/'))).values[3]).toEqual({ n: 3, square: 9 });

  expect(blocks('ts')).toContain(await region('docs'));
});

test('the producer of the page is this', async () => {
  const log = new MemoryFrameLog();
  const kinesisProducer = <T>({ stream: _, ...options }: KinesisProducerOptions<T>) =>
    new FrameProducer<T>({ log, clock: systemClock, random: seededRandom(1) }, options);
  const clicks: readonly Click[] = [{ page: '/home', at: 1_000 }];

  // region: producer
  const producer = kinesisProducer<Click>({
    stream: 'clicks',
    key: (click) => click.page,
    timestamp: (click) => click.at,
  });
  for (const click of clicks) await producer.send(click);
  await producer.close();
  // endregion

  const [shard] = await log.shards();
  const frames = log.entries(shard?.id ?? '').map(({ bytes }) => decodeFrame(bytes).records());
  expect(frames).toMatchObject([{ values: clicks, timestamps: [1_000] }]);
  expect(blocks('ts')).toContain(await region('producer'));
  expect(blocks('ts')).toHaveLength(2);
});

/** The code of this file between two marks, as it stands in the page. */
async function region(name: string): Promise<string> {
  const own = await readFile(import.meta.filename, 'utf8');
  const found = own.split(`// region: ${name}\n`)[1]?.split('// endregion')[0] ?? '';
  return found.trimEnd().concat('\n').replaceAll(/^ {2}/gm, '');
}
