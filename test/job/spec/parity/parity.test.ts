import { afterAll, describe, expect, it } from 'vitest';
import { blackhole } from '../../../../core/connector/blackhole.ts';
import { collect } from '../../../../core/connector/collect.ts';
import { collection } from '../../../../core/connector/collection.ts';
import type { Graph } from '../../../../core/graph/node.ts';
import type { AsyncOptions, AsyncRetry } from '../../../../core/job/async-options.ts';
import * as connected from '../../../../core/job/connected-streams.ts';
import type { EventTimeOptions } from '../../../../core/job/event-time.ts';
import type { IntervalBounds } from '../../../../core/job/interval-join.ts';
import * as intervalJoin from '../../../../core/job/interval-join.ts';
import { type Job, type JobOptions, job, type SourceOptions } from '../../../../core/job/job.ts';
import * as keyed from '../../../../core/job/keyed-stream.ts';
import * as plain from '../../../../core/job/stream.ts';
import * as windowJoin from '../../../../core/job/window-join.ts';
import * as windowed from '../../../../core/job/windowed-stream.ts';
import { runLocal } from '../../../../core/local/run-local.ts';
import { ManualClock } from '../../../../core/testing/manual-clock.ts';
import { noWatermarks } from '../../../../core/time/watermark-generator.ts';
import { evictor } from '../../../../core/window/evictors.ts';
import { trigger } from '../../../../core/window/triggers.ts';
import { restoreEveryRecord } from '../../../restore-mode.ts';
import { dataOf } from '../graph-data.ts';
import { specOf } from '../run-spec.ts';
import { CASES, type Case } from './cases.ts';
import type { Click } from './own.ts';
import * as own from './own.ts';

const MODULES = { './own.ts': own };
const EVENT_TIME = { from: 'at', outOfOrderness: '5s' } as const;
const SPEC_SOURCE = `{ collection: ${JSON.stringify(own.CLICKS)}, eventTime: { field: at, outOfOrderness: 5s } }`;

function specText({ spec, read = 'x' }: Case): string {
  const operators = spec
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `job: test
sources:
  clicks: ${SPEC_SOURCE}
  other: ${SPEC_SOURCE}
operators:
${operators}
sinks:
  out: { input: ${read}, blackhole: {} }
`;
}

function apiJob({ api }: Case): Job {
  return job('test', ({ source }) => {
    const clicks = source('clicks', collection(own.CLICKS), { eventTime: EVENT_TIME });
    const other = source('other', collection(own.CLICKS), { eventTime: EVENT_TIME });
    api({ clicks, other }).to('out', blackhole());
  });
}

async function resultsOf(graph: Graph) {
  const sink = collect<unknown>();
  const nodes = graph.nodes.map((node) => (node.kind === 'sink' ? { ...node, sink } : node));
  const clock = new ManualClock(0);
  const run = await runLocal({ ...graph, nodes }, { parallelism: 1, clock, restoreEveryRecord });
  const { deadLetters } = await run.done;
  return { values: sink.values, timestamps: sink.timestamps, deadLetters };
}

const CLASSES = [plain, keyed, windowed, connected, intervalJoin, windowJoin].flatMap((module) =>
  Object.values(module).filter((one): one is { prototype: object; name: string } => /^class\b/.test(String(one))),
);
const methodsOf = ({ prototype, name }: (typeof CLASSES)[number]): string[] =>
  Object.getOwnPropertyNames(prototype)
    .filter((method) => method !== 'constructor')
    .map((method) => `${name}.${method}`);

/** Notes which methods of the API the cases call, while a job of the API is built. */
const called = new Set<string>();
let isNoting = false;
const originals = CLASSES.map(({ prototype, name }) => {
  const before = Object.getOwnPropertyDescriptors(prototype);
  for (const [method, { value }] of Object.entries(before)) {
    if (method === 'constructor' || typeof value !== 'function') continue;
    Object.defineProperty(prototype, method, {
      ...before[method],
      value(this: unknown, ...parameters: unknown[]): unknown {
        if (isNoting) called.add(`${name}.${method}`);
        return Reflect.apply(value, this, parameters);
      },
    });
  }
  return { prototype, before };
});
afterAll(() => {
  for (const { prototype, before } of originals) Object.defineProperties(prototype, before);
});

/** Nothing comes of these: bounded input ends before the clock has moved, or they never fire. */
const SILENT = new Set([
  'windows of processing time',
  'trigger: processingTime',
  'trigger: continuousProcessingTime',
  'trigger: never',
]);

describe('everything that the API can say, the spec can say:', () => {
  it.each(Object.entries(CASES))('%s', async (name, given) => {
    isNoting = true;
    const api = apiJob(given);
    isNoting = false;
    const { job: spec, faults } = specOf(specText(given), MODULES);
    expect(faults).toEqual([]);
    expect(dataOf(spec.graph)).toEqual(dataOf(api.graph));
    const results = await resultsOf(spec.graph);
    expect(results).toEqual(await resultsOf(api.graph));
    expect(results.values.length === 0).toBe(SILENT.has(name));
  });

  it('no method of a stream is left out', () => {
    expect(CLASSES.length).toBeGreaterThan(14);
    expect(CLASSES.flatMap(methodsOf).filter((method) => !called.has(method))).toEqual([]);
  });

  it('no trigger and no evictor is left out', () => {
    const text = Object.values(CASES)
      .map(({ spec }) => spec)
      .join('\n');
    for (const word of Object.keys(trigger)) expect(text).toMatch(new RegExp(`(trigger: ({.*)?|, )${word}\\b`));
    for (const word of Object.keys(evictor)) expect(text).toMatch(new RegExp(`evictor: { ${word}:`));
  });
});

/** Where a spec says what an option of the API says; one that is added must be added here, or this does not compile. */
type Words<O> = { readonly [Option in keyof O]-?: string };

const OPTIONS = [
  {
    order: 'order',
    timeout: 'timeout',
    capacity: 'capacity',
    fallback: 'fallback',
    retry: 'retry',
  } satisfies Words<AsyncOptions<Click, string>>,
  {
    attempts: 'attempts',
    delay: 'delay',
    backoff: 'backoff',
    maxDelay: 'maxDelay',
    onError: 'onError',
    onResult: 'onResult',
  } satisfies Words<AsyncRetry<string>>,
  {
    allowedLateness: 'allowedLateness',
    trigger: 'trigger',
    evictor: 'evictor',
  } satisfies Words<windowed.WindowOptions<Click>>,
  { lowerInclusive: 'lowerInclusive', upperInclusive: 'upperInclusive' } satisfies Words<IntervalBounds>,
  {
    from: 'field',
    outOfOrderness: 'outOfOrderness',
    watermarks: 'watermarks',
    idleAfter: 'idleAfter',
    maxAhead: 'maxAhead',
    alignment: 'alignment',
  } satisfies Words<EventTimeOptions<Click>>,
  { eventTime: 'eventTime', schema: 'schema', parallelism: 'parallelism' } satisfies Words<SourceOptions<Click>>,
  {
    parallelism: 'parallelism',
    maxParallelism: 'maxParallelism',
    checkpointEvery: 'checkpointEvery',
    onPoison: 'onPoison',
  } satisfies Words<JobOptions>,
];

describe('what is said of sources, sinks and the job as a whole', () => {
  const SPEC = `job: test
settings: { parallelism: 2, maxParallelism: 128, checkpointEvery: 30s, onPoison: stop }
sources:
  fields:
    source: ./own.ts#ownSource
    schema: { page: string, user: string, agent: string, ms: int, at: timestamp, tags: [string], geo: { zip: int } }
    eventTime: { field: at, outOfOrderness: 5s, idleAfter: 1m, maxAhead: 1d, alignment: { group: g, maxDrift: 10s } }
    parallelism: 1
  functions: { source: { from: ./own.ts#sourceOf, options: { copies: 2 } }, eventTime: { from: ./own.ts#timeOf, watermarks: ./own.ts#marks } }
  ticking: { collection: [], eventTime: { field: at, watermarks: ./own.ts#ticks } }
  ascending: { collection: [], eventTime: { field: at, watermarks: monotonous } }
  silent: { collection: [], eventTime: { field: at, watermarks: none } }
  given: { collection: { items: [1], timestamps: [5] }, eventTime: { outOfOrderness: 1s } }
  read: { collection: [], eventTime: ingestion }
  timeless: { collection: [] }
sinks:
  out: { input: [fields, functions, ticking, ascending, silent, given, read, timeless], sink: ./own.ts#ownSink, partition: rebalance, parallelism: 1 }
`;
  const api = job(
    'test',
    ({ source }) => {
      const fields = source('fields', own.ownSource, {
        schema: {
          page: 'string',
          user: 'string',
          agent: 'string',
          ms: 'int',
          at: 'timestamp',
          tags: ['string'],
          geo: { zip: 'int' },
        },
        eventTime: {
          from: 'at',
          outOfOrderness: '5s',
          idleAfter: '1m',
          maxAhead: '1d',
          alignment: { group: 'g', maxDrift: '10s' },
        },
        parallelism: 1,
      });
      const none = collection<Click>([]);
      const others = [
        source('functions', own.sourceOf({ copies: 2 }), { eventTime: { from: own.timeOf, watermarks: own.marks } }),
        source('ticking', none, { eventTime: { from: 'at', watermarks: own.ticks } }),
        source('ascending', none, { eventTime: { from: 'at', watermarks: 'monotonous' } }),
        source('silent', none, { eventTime: { from: 'at', watermarks: noWatermarks() } }),
        source('given', collection([1], { timestamps: [5] }), { eventTime: { outOfOrderness: '1s' } }),
        source('read', none, { eventTime: 'ingestion' }),
        source('timeless', none),
      ];
      fields
        .union(...others)
        .rebalance()
        .to('out', own.ownSink, { parallelism: 1 });
    },
    { parallelism: 2, maxParallelism: 128, checkpointEvery: '30s', onPoison: 'stop' },
  );

  it('is said alike in a spec', async () => {
    const { job: spec, faults } = specOf(SPEC, MODULES);
    expect(faults).toEqual([]);
    expect(dataOf(spec.graph)).toEqual(dataOf(api.graph));
  });

  it('has a word for every option of the API', () => {
    const text = [SPEC, ...Object.values(CASES).map(({ spec }) => spec)].join('\n');
    for (const word of OPTIONS.flatMap((words) => Object.values(words))) {
      expect(text).toMatch(new RegExp(`\\b${word}:`));
    }
  });
});
