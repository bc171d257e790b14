import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../core/chain/dead-letter.ts';
import { type Collect, collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { file } from '../../core/connector/file/file.ts';
import { nodeFileSystem } from '../../core/connector/file/node-file-system.ts';
import { RetryableError } from '../../core/error/error.ts';
import type { Graph } from '../../core/graph/node.ts';
import { job } from '../../core/job/job.ts';
import { KeyedProcess } from '../../core/job/process.ts';
import type { Stream } from '../../core/job/stream.ts';
import { type RunOptions, runLocal } from '../../core/local/run-local.ts';
import { collectAll, count, sum } from '../../core/operator/aggregate/aggregates.ts';
import type { KeyedContext } from '../../core/operator/process-function.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { temporaryFolder } from '../connector/reading.ts';

const root = await temporaryFolder();
let folders = 0;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Runs a job to its end; gives the dead letters. */
async function run(graph: Graph, options: RunOptions = {}): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const deadLetters = { write: (letter: DeadLetter) => void letters.push(letter), flush: async () => {} };
  const { outcome, deadLetters: counted } = await (await runLocal(graph, { deadLetters, ...options })).done;
  expect(outcome).toBe('ended');
  expect(counted).toBe(letters.length);
  return letters;
}

type Visit = { readonly page: string; readonly at: number };

/** Views per page and ten seconds of a file of visits. */
function viewsOf(results: Collect<unknown>, options: { readonly maxAhead?: '1d' } = {}): Graph {
  return job('views', ({ source }) => {
    const views = source('visits', file<Visit>({ path: 'visits.jsonl' }), { eventTime: { from: 'at', ...options } })
      .keyBy('page')
      .window(tumbling('10s'))
      .aggregate({ views: count() })
      .uid('views');
    views.to('out', results);
    views.sideOutput('late').to('late', collect());
  }).graph;
}

const NOW = Date.UTC(2026, 0, 1);
const YEAR_9999 = Date.UTC(9999, 11, 31);

describe('input that is not what it should be', () => {
  it.each([
    ['broken JSON', '{"page":"/a","at":', /JSON/],
    ['a list', '[1,2]', 'not an object'],
    ['text', '"hello"', 'not an object'],
    ['bytes of no text', '\u0000\u0001', /JSON/],
    ['no event time', '{"page":"/a"}', 'field "at" is missing'],
    ['an event time of null', '{"page":"/a","at":null}', 'field "at" is missing'],
    ['an event time of another type', '{"page":"/a","at":{"ms":1}}', 'is of type object'],
    ['text that is no time', '{"page":"/a","at":"yesterday"}', '"yesterday"'],
    ['a number that is no time', '{"page":"/a","at":1e300}', 'epoch milliseconds'],
    ['a key of another type', '{"page":{"path":"/a"},"at":2}', 'key'],
    ['no key', '{"at":2}', 'key'],
    ['a key of 1 MB', `{"page":"${'k'.repeat(1_048_576)}","at":2}`, 'a key of 1048576 characters'],
    ['a polluting __proto__', '{"page":"/a","at":2,"__proto__":{"isAdmin":true}}', '__proto__'],
    [
      'a polluting constructor',
      '{"page":"/a","at":2,"constructor":{"prototype":{"isAdmin":true}}}',
      'constructor.prototype',
    ],
    ['a time in the year 9999', `{"page":"/a","at":${YEAR_9999}}`, 'ahead of the clock'],
  ])('%s is a dead letter, and every good record counts', async (_, bad, reason) => {
    const good = ['{"page":"/a","at":1}', '{"page":"/a","at":2}', '{"page":"/b","at":3}'];
    const baseFolder = await folderWith({ 'visits.jsonl': [good[0], bad, ...good.slice(1)].join('\n') });
    const results = collect<unknown>();
    const letters = await run(viewsOf(results, { maxAhead: '1d' }), { baseFolder, clock: new ManualClock(NOW) });
    expect(results.values).toEqual([
      { page: '/a', windowStart: 0, windowEnd: 10_000, views: 2 },
      { page: '/b', windowStart: 0, windowEnd: 10_000, views: 1 },
    ]);
    expect(letters).toEqual([expect.objectContaining({ reason: expect.stringMatching(reason) })]);
    expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
  });

  it('a time far in the future makes later records late, where no limit is set, and they are in the late output', async () => {
    const lines = [`{"page":"/a","at":1}`, `{"page":"/a","at":${YEAR_9999}}`, '{"page":"/a","at":2}'];
    const baseFolder = await folderWith({ 'visits.jsonl': lines.join('\n') });
    const [results, late] = [collect<Visit>(), collect<Visit>()];
    const { graph } = job('views', ({ source }) => {
      const first = source('visits', file<Visit>({ path: 'visits.jsonl' }), { eventTime: { from: 'at' } })
        .keyBy('page')
        .window(tumbling('10s'))
        .reduce((visit) => visit)
        .uid('first');
      first.to('out', results);
      first.sideOutput('late').to('late', late);
    });
    expect(await run(graph, { baseFolder })).toEqual([]);
    expect(results.values.map(({ at }) => at)).toEqual([1, YEAR_9999]);
    expect(late.values).toEqual([{ page: '/a', at: 2 }]);
  });

  it.each([
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['of no characters', ''],
    ['of one zero byte', '\u0000'],
    ['as long as a key may be', 'k'.repeat(65_536)],
  ])('the key %s is a key like any other, also after a restart', async (_, page) => {
    const visits = [
      { page, at: 1 },
      { page: 'other', at: 2 },
      { page, at: 3 },
    ];
    const results = collect<unknown>();
    const { graph } = job('pages', ({ source }) => {
      const pages = source('visits', collection<Visit>(visits), { eventTime: { from: 'at' } }).keyBy('page');
      pages.window(tumbling('10s')).aggregate({ views: count() }).uid('views').to('out', results);
      pages
        .reduce((a, b) => ({ ...b, at: a.at + b.at }))
        .uid('sums')
        .to('sums-out', results);
    });
    expect(await run(graph, { restoreEveryRecord: true, store: new MemoryStore() })).toEqual([]);
    expect(results.values).toEqual([
      { page, at: 1 },
      { page: 'other', at: 2 },
      { page, at: 4 },
      { page, windowStart: 0, windowEnd: 10_000, views: 2 },
      { page: 'other', windowStart: 0, windowEnd: 10_000, views: 1 },
    ]);
  });
});

type Numbered = { readonly n: number };

function refuseThree(n: number): number {
  if (n === 3) throw new RangeError('three is bad');
  return n;
}

class Timed extends KeyedProcess<number, Numbered, Numbered> {
  process({ n }: Numbered, { timers }: KeyedContext<number, Numbered>) {
    timers.eventTime(n);
  }

  onTimer(n: number, { emit }: KeyedContext<number, Numbered>) {
    emit({ n: refuseThree(n) });
  }
}

describe('a function that throws', () => {
  const windowed = (input: Stream<Numbered>) => input.keyBy('n').window(tumbling(1));
  const steps: readonly [string, (input: Stream<Numbered>) => Stream<Numbered>][] = [
    ['map', (input) => input.map(({ n }) => ({ n: refuseThree(n) }))],
    ['filter', (input) => input.filter(({ n }) => refuseThree(n) > 0)],
    ['flatMap', (input) => input.flatMap(({ n }) => [{ n: refuseThree(n) }])],
    [
      'a key function',
      (input) =>
        input
          .keyBy(({ n }) => refuseThree(n))
          .reduce((a) => a)
          .uid('r'),
    ],
    [
      'a process function',
      (input) => input.process<Numbered>({ process: ({ n }, { emit }) => emit({ n: refuseThree(n) }) }),
    ],
    ['a timer', (input) => input.keyBy('n').process(Timed).uid('t')],
    [
      'an aggregate',
      (input) =>
        windowed(input)
          .aggregate(sum(({ n }) => refuseThree(n)))
          .uid('a')
          .map((n) => ({ n: n ?? 0 })),
    ],
    [
      'a window function',
      (input) =>
        windowed(input)
          .apply(([first]) => ({ n: refuseThree(first?.n ?? 0) }))
          .uid('w'),
    ],
    [
      'the result of a window',
      (input) =>
        windowed(input)
          .aggregate(
            collectAll(({ n }) => n),
            ([n = 0]) => ({ n: refuseThree(n) }),
          )
          .uid('c'),
    ],
    [
      'an asynchronous call',
      (input) => input.mapAsync(async ({ n }) => ({ n: refuseThree(n) }), { retry: { attempts: 1 } }),
    ],
    ['event time in mid-stream', (input) => input.assignTimestamps({ from: ({ n }) => refuseThree(n) })],
  ];

  it.each(steps)('(%s) sends its record to the dead letters, and all others go on', async (_, step) => {
    const results = collect<Numbered>();
    const { graph } = job('numbers', ({ source }) => {
      const items = [1, 2, 3, 4, 5].map((n) => ({ n }));
      step(source('numbers', collection(items), { eventTime: { from: 'n' } })).to('out', results);
    });
    const letters = await run(graph);
    expect(results.values.map(({ n }) => n)).toEqual([1, 2, 4, 5]);
    expect(letters).toEqual([expect.objectContaining({ reason: 'three is bad' })]);
    expect(JSON.stringify(letters[0]?.record)).toContain('3');
  });
});

describe('a file that vanishes', () => {
  it('fails the job with its name, and what it held is read once it is back', async () => {
    const lines = (from: number) => Array.from({ length: 3 }, (_, i) => `{"n":${from + i}}`).join('\n');
    const baseFolder = await folderWith({ 'a.jsonl': lines(0), 'b.jsonl': lines(3) });
    const [gone, away] = [join(baseFolder, 'b.jsonl'), join(baseFolder, 'away')];
    const results = collect<Numbered>({ onCommit: true });
    const { graph } = job('numbers', ({ source }) =>
      source('numbers', file<Numbered>({ path: '*.jsonl' })).to('out', results),
    );
    const files = {
      ...nodeFileSystem,
      async open(path: string) {
        if (path === gone) await rename(gone, away);
        return nodeFileSystem.open(path);
      },
    };
    const options = { baseFolder, store: new MemoryStore(), resume: 'latest' as const };
    const failed = await runLocal(graph, { ...options, ports: { files } });
    await expect(failed.done).rejects.toThrow(/b\.jsonl vanished.*--resume/);
    await expect(failed.done).rejects.toThrow(RetryableError);
    await rename(away, gone);
    await run(graph, options);
    expect(results.values.map(({ n }) => n).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
