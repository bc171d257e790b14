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
import { readAll, sourceContext } from './reading.ts';
import { sinkContext, writeAll } from './writing.ts';

type Click = { readonly page: string; readonly at: number };

const page = await readFile(join(import.meta.dirname, '../../docs/connectors.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block ?? '');
}

test('every connector of the page is made from its options', () => {
  const names: string[] = [];
  for (const block of blocks('yaml')) {
    const { sources = {}, sinks = {} }: { sources?: object; sinks?: object } = parse(block);
    for (const [word, options] of Object.values(sources).flatMap((source) => Object.entries(source))) {
      names.push(makeSource(word as SourceWord, options as never).name);
    }
    for (const [word, options] of Object.values(sinks).flatMap((sink) => Object.entries(sink))) {
      names.push(makeSink(word as SinkWord, options as never).name);
    }
  }
  expect(names).toHaveLength(10);
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

  const own = await readFile(import.meta.filename, 'utf8');
  const region = /\/\/ region: docs\n(.*?) *\/\/ endregion/s.exec(own)?.[1] ?? '';
  expect(blocks('ts')).toEqual([region.replaceAll(/^ {2}/gm, '')]);
});
