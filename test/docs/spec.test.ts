import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collect, collection, type Graph, type Job, replaceConnectors } from '../../core/index.ts';
import { SinkConnectors, SourceConnectors } from '../../core/job/spec/connector-schema.ts';
import { jobJsonSchema } from '../../core/job/spec/json-schema.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { dataOf } from '../job/spec/graph-data.ts';
import { specOf } from '../job/spec/run-spec.ts';
import * as own from './spec.ts';

const { first, keys, streams, two, windows } = own;
const JOBS: Readonly<Record<string, Job>> = { first, keys, streams, two, windows };

const page = readFileSync(new URL('../../docs/spec.md', import.meta.url), 'utf8');
const code = readFileSync(new URL('./spec.ts', import.meta.url), 'utf8');

const blocksOf = (language: string) =>
  new Map(
    [...page.matchAll(new RegExp(`^\`\`\`${language} ([\\w-]+)\\n([\\s\\S]*?)\\n\`\`\`$`, 'gm'))].map(
      ([, name = '', text = '']) => [name, text],
    ),
  );

const at = (seconds: number): string => new Date(Date.UTC(2024, 4, 1) + seconds * 1_000).toISOString();
const RECORDS: Readonly<Record<string, readonly object[]>> = {
  clicks: [
    { page: '/home', user: 'ann', agent: 'web', ms: 100, at: at(1) },
    { page: '/home', user: 'bob', agent: 'web', ms: 400, at: at(2) },
    { page: '/shop', user: 'ann', agent: 'bot', ms: 10, at: at(3) },
    { page: '/shop', user: 'ann', agent: 'web', ms: 90, at: at(400) },
    { page: '/home', user: 'ann', agent: 'web', ms: 80, at: at(12) },
  ],
  orders: [
    { id: 'a', item: 'book', at: at(0) },
    { id: 'b', item: 'pen', at: at(60) },
  ],
  payments: [{ order: 'a', amount: 7, at: at(120) }],
  prices: [{ item: 'book', price: 6 }],
};

const namesOf = ({ nodes }: Graph, wanted: string): string[] =>
  nodes.filter(({ kind }) => kind === wanted).map(({ uid }) => uid);

/** What each sink of a job got of the records above. */
async function resultsOf({ graph }: Job) {
  const sources = namesOf(graph, 'source').map((name) => [name, collection(RECORDS[name] ?? [])] as const);
  const sinks = namesOf(graph, 'sink').map((name) => [name, collect<unknown>()] as const);
  const replaced = replaceConnectors(graph, { sources: Object.fromEntries(sources), sinks: Object.fromEntries(sinks) });
  await (await runLocal(replaced)).done;
  return Object.fromEntries(sinks.map(([name, { values }]) => [name, values]));
}

describe('docs/spec.md', () => {
  it('shows code that is compiled and run, all of it', () => {
    const regions = new Map(
      [...code.matchAll(/^\/\/ #region ([\w-]+)\n([\s\S]*?)\n\/\/ #endregion$/gm)].map(([, name = '', text = '']) => [
        name,
        text,
      ]),
    );
    expect(Object.fromEntries(blocksOf('ts'))).toEqual(Object.fromEntries(regions));
    expect(page.match(/^```(ts|yaml|text)/gm)).toHaveLength(regions.size + blocksOf('yaml').size + 1);
  });

  const specs = [...blocksOf('yaml')];
  it.each(specs)('gives of the spec "%s" the graph and the results of the TypeScript after it', async (name, text) => {
    const { job: spec, faults } = specOf(text, { './own.ts': own });
    expect(faults).toEqual([]);
    const api = JOBS[name] as Job;
    expect(dataOf(spec.graph)).toEqual(dataOf(api.graph));
    const results = await resultsOf(spec);
    expect(results).toEqual(await resultsOf(api));
    expect(Object.entries(results).filter(([, values]) => values.length === 0)).toEqual([]);
  });

  it('has every word of the schema', () => {
    const words = new Set<string>();
    const visit = (node: unknown, path: readonly string[]): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, below] of Object.entries(node)) {
        const isConnector = path.at(-1) === 'properties' && CONNECTORS.has(name);
        if (isConnector) continue;
        if (path.at(-1) === 'properties') words.add(name);
        visit(below, [...path, name]);
      }
    };
    visit(jobJsonSchema(), []);
    expect(words.size).toBeGreaterThan(80);
    const shown = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => text.match(/\$?\w+/g) ?? []));
    expect([...words].filter((word) => !shown.has(word))).toEqual([]);
  });

  it('tells faults as they are told', () => {
    const text = `# a job with faults
job: page-views
sources:
  clicks:
    file: clicks.jsonl
    schema: { page: string, user: string, agent: string, ms: int, at: timestamp }
    eventTime: { field: at, outOfOrderness: 5s, idleAfter: 1m }
operators:
  humans: { input: clicks, filter: "agnet <> 'bot'" }
  perPage:
    input: humans
    keyBy: page
    window: { tumbling: 10s, allowedLateness: 1 parsec }
    aggregate: { views: count(*) }
  rare: { input: perPage, filter: views < 2 }
  often: { input: perPage, filter: views > 99 }
sinks:
  list: { input: [rare, often], stdout: json }
  table: { input: perPage, file: { path: out, partitionBy: windowstart } }
`;
    const told = specOf(text).faults.map((fault) => fault.replace('job.yaml', 'clicks.yaml'));
    const shown = blocksOf('text').get('faults')?.split('\n') ?? [];
    expect(shown.slice(0, -1).sort()).toEqual(told.toSorted());
  });
});

/** They and their options stand in connectors.md. */
const CONNECTORS = new Set([...Object.keys(SourceConnectors), ...Object.keys(SinkConnectors)]);
