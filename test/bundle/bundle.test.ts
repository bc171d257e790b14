import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SINK_WORDS, SOURCE_WORDS } from '../../core/connector/registry.ts';
import { JobSpecError } from '../../core/error/error.ts';
import { bundleHandler } from '../../functions/bundle/bundle-handler.ts';
import { BUNDLED_WORDS } from '../../functions/bundle/deployed-connector.ts';
import { describeJob } from '../../functions/bundle/describe-job.ts';
import { type JobSource, jobModuleOf } from '../../functions/bundle/job-module.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url));
const described = (source: JobSource) => describeJob(jobModuleOf(source));

function fileOf(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-')), name);
  writeFileSync(file, text);
  return file;
}

function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof JobSpecError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a job that is described', () => {
  it('has the same stages as a spec and as a module', () => {
    const [spec, module] = ['page-views.yaml', 'page-views.ts'].map((name) => described(fixture(name)));
    for (const description of [spec, module]) {
      expect(description?.plan.stages.map(({ name }) => name)).toEqual(['clicks', 'perPage']);
      expect(description?.sources).toEqual({ clicks: { kind: 'kinesis-stream', name: 'clicks' } });
      expect(description?.sinks).toEqual({ table: { kind: 'dynamodb-table', name: 'PageViews' } });
    }
  });

  it('may be a spec as a value', () => {
    const spec = { job: 'copy', sources: { clicks: { source: `${fixture('clicks.ts')}#clicks` } }, sinks: {} };
    expect(described(spec).plan.job).toBe('copy');
  });

  it('has all its faults told at once, each with its place', () => {
    const file = fileOf('job.yaml', 'job: a\nsources: {}\noperators:\n  b: { input: nowhere, filter: "1 +" }\n');
    expect(faultsOf(() => described(file)).map((fault) => fault.replace(/^\S*job/, 'job'))).toEqual([
      'job.yaml:2:10  sources: the job has no source, so it would read nothing',
      'job.yaml:4:15  operators.b.input: "nowhere" is not in this job',
      'job.yaml:4:36  operators.b.filter: a value is expected; the text ends here',
    ]);
  });

  it('is refused where a module exports none, waits while it is loaded, or does not compile', () => {
    expect(faultsOf(() => described(fileOf('a.ts', 'export default 1;')))).toEqual([
      expect.stringContaining('a.ts  does not export a job as its default'),
    ]);
    expect(faultsOf(() => described(fileOf('b.ts', 'export default await Promise.resolve(1);')))).toEqual([
      expect.stringContaining('b.ts  awaits something while it is loaded'),
    ]);
    expect(faultsOf(() => described(fileOf('c.ts', 'import "./nowhere.ts";')))).toEqual([
      expect.stringMatching(/c\.ts:1:8 {2}Could not resolve/),
    ]);
    expect(faultsOf(() => described('nowhere.yaml'))).toEqual(['nowhere.yaml  there is no such file']);
    expect(faultsOf(() => described('README.md'))).toEqual([expect.stringContaining('README.md  is no job')]);
  });
});

it('a bundle can hold the connector of every word of the spec', () => {
  expect(BUNDLED_WORDS).toEqual({ sources: [...SOURCE_WORDS], sinks: [...SINK_WORDS] });
});

describe('the bundle of a function', () => {
  const sdk = /node_modules\/(@aws-sdk|@smithy|@aws-crypto|@aws\/|tslib|uuid|fast-xml-parser|bowser|strnum)/;
  const jobs = ['page-views.yaml', 'page-views.ts', 'clicks.yaml'].map(fixture);

  // A job with every sink there is brings Parquet and CSV along.
  const limits = jobs.map((job) => [job, job.endsWith('clicks.yaml') ? 350_000 : 300_000] as const);

  it.each(limits)('of %s is at most %i bytes without the SDK', (job, limit) => {
    const { plan, writers, deployed } = described(job);
    for (const entry of [
      { kind: 'stage', writers },
      { kind: 'coordinator', plan },
    ] as const) {
      const { inputs } = bundleHandler(deployed, entry);
      const bytes = Object.entries(inputs).filter(([file]) => !sdk.test(file));
      expect(bytes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(limit);
    }
  });

  it.each(jobs)('of %s has nothing in it that only finds mistakes, reads files or deploys', (job) => {
    const inputs = Object.keys(bundleHandler(described(job).deployed, { kind: 'stage', writers: [] }).inputs);
    const unwanted =
      /node_modules\/(zod|yaml|aws-cdk|constructs|commander|esbuild|csv-stringify|hyparquet|cli-table3)|nexmark|core\/local\/(?!system-clock)|core\/expression\/(parser|check|emitter)/;
    expect(inputs.filter((file) => unwanted.test(file))).toEqual([]);
    expect(inputs.some((file) => file.endsWith('core/graph/plan.ts'))).toBe(true);
  });

  it.each(jobs)('of %s is the same bytes each time, without a path of this machine', (job) => {
    const [first, second] = [1, 2].map(() => bundleHandler(described(job).deployed, { kind: 'stage', writers: [] }));
    expect(first?.text).toBe(second?.text);
    expect(first?.text).not.toContain(fileURLToPath(new URL('../..', import.meta.url)));
  });

  it('holds the clients of its own sinks and of no others', () => {
    const file = fileOf(
      'c.yaml',
      'job: c\nsources: { clicks: { kinesis: clicks } }\nsinks: { out: { input: clicks, sqs: alerts }, table: { input: clicks, dynamodb: { table: T, key: id } } }',
    );
    const { writers, sinks, deployed } = described(file);
    expect(writers).toEqual(['sqs', 'dynamodb']);
    expect(sinks).toEqual({ out: { kind: 'sqs-queue', name: 'alerts' }, table: { kind: 'dynamodb-table', name: 'T' } });
    const { inputs } = bundleHandler(deployed, { kind: 'stage', writers });
    const own = Object.entries(inputs).filter(([input]) => !sdk.test(input));
    expect(own.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(300_000);
    expect(own.filter(([input]) => /node_modules\/(csv-|hyparquet)/.test(input))).toEqual([]);
    const clients = new Set(
      Object.keys(inputs).flatMap((input) => /@aws-sdk\/(client-[a-z-]+)/.exec(input)?.[1] ?? []),
    );
    expect([...clients]).toEqual(expect.arrayContaining(['client-sqs', 'client-dynamodb']));
    expect([...clients]).not.toEqual(expect.arrayContaining(['client-sns']));
    expect([...clients]).not.toEqual(expect.arrayContaining(['client-eventbridge']));
  });

  it('exports a handler that a stage can be told from its environment', async () => {
    const { folder } = bundleHandler(described(fixture('page-views.yaml')).deployed, { kind: 'stage', writers: [] });
    const { handler } = (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as { handler: unknown };
    expect(handler).toBeTypeOf('function');
  });
});
