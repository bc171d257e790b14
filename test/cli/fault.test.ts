import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobJsonSchema } from '../../core/job/spec/json-schema.ts';

const MAIN = fileURLToPath(new URL('../../functions/cli/bin.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-fault-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the command line answers in a folder with these files. */
async function millrace(words: readonly string[], files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return new Promise<{ code: number | null; stdout: string; lines: readonly string[] }>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words], { cwd: folder }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, lines: stderr.trimEnd().split('\n') });
    });
  });
}

const CLICKS = `# yaml-language-server: $schema=./node_modules/millrace/job.schema.json
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
    aggregate: { views: count(*), slowest: max(ms), p95: percentile(ms, 0.95) }
  spikes: { input: perPage, keyBy: page, process: ./spikes.ts#Spikes }
  stats: { input: perPage, process: ./own.ts#Statz }
  stats: { input: perPage, filter: views > 1 }
sinks:
  table: { input: perPage, file: { path: out, partitionBy: windowstart } }
  tooLate: { input: perPage.lat, stdout: table }
`;

describe('a job with faults is refused', () => {
  it.each(['validate', 'run', 'explain'])('by %s, which names them all in the order of the file', async (command) => {
    const { code, stdout, lines } = await millrace([command, 'clicks.yaml'], {
      'clicks.yaml': CLICKS,
      'own.ts': 'export class Stats {}',
    });
    expect(lines).toEqual([
      'clicks.yaml:9:37  operators.humans.filter: column "agnet" is not in clicks; did you mean "agent"?',
      'clicks.yaml:13:47  operators.perPage.window.allowedLateness: "1 parsec" is not a duration; write one like 500ms, 10s or 2h',
      'clicks.yaml:14:58  operators.perPage.aggregate.p95: "percentile(ms" ends at its comma, in the middle of its brackets; quote it: "percentile(ms, 0.95)"',
      'clicks.yaml:15:51  operators.spikes.process: there is no file ./spikes.ts beside clicks.yaml',
      'clicks.yaml:16:37  operators.stats.process: ./own.ts has no export "Statz"; did you mean "Stats"?',
      'clicks.yaml:17:3  operators.stats: two operators are named "stats"; give each its own',
      'clicks.yaml:19:60  sinks.table.file.partitionBy: column "windowstart" is not in perPage; did you mean "windowStart"?',
      'clicks.yaml:20:21  sinks.tooLate.input: "perPage" has no side output "lat"; it has late',
      '8 faults in clicks.yaml; nothing was run.',
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(await readdir(folder)).not.toContain('out');
  });

  it('in JSON as in YAML', async () => {
    const spec = { job: 'x', sources: { a: { stdin: 'json' } }, sinks: { o: { input: 'b', stdout: 'json' } } };
    const { code, lines } = await millrace(['validate', 'x.json'], { 'x.json': JSON.stringify(spec, null, 2) });
    expect(lines).toEqual([
      'x.json:10:16  sinks.o.input: "b" is not in this job; did you mean "a"?',
      '1 fault in x.json; nothing was run.',
    ]);
    expect(code).toBe(2);
  });

  it.each([
    [
      'a map that is not closed',
      'job: x\nsources:\n  a: { stdin: json\nsinks: {}\n',
      'x.yaml:4:1  a { or [ before this',
    ],
    ['a quote that is not closed', 'job: "x\n', 'a quote is not closed'],
    ['a tab', 'job: x\nsources:\n\ta: { stdin: json }\n', 'x.yaml:3:1  a tab stands in the indentation'],
    ['a list', '- job: x\n', 'x.yaml:1:1  a list stands where a map of names and values is expected'],
  ])('that is no YAML of a job: %s', async (_, text, message) => {
    const { code, lines } = await millrace(['validate', 'x.yaml'], { 'x.yaml': text });
    expect(lines.filter((line) => line.includes(message))).toHaveLength(1);
    expect(code).toBe(2);
  });

  it.each([
    ['is not there', 'nope.yaml', '', 'nope.yaml  there is no such file'],
    ['is no job', 'x.txt', '', 'x.txt  is no job; name a .ts, .js, .yaml or .json file'],
    ['exports no job', 'x.ts', 'export const job = 1;', 'x.ts  does not export a job as its default'],
    ['does not compile', 'x.ts', 'export default ;', 'x.ts:1:16  Unexpected ";"'],
  ])('whose file %s', async (_, name, text, message) => {
    const { code, lines } = await millrace(['run', name], name === 'nope.yaml' ? {} : { [name]: text });
    expect(lines[0]).toContain(message);
    expect([code, lines[1]]).toEqual([2, `1 fault in ${name}; nothing was run.`]);
  });

  it('that is a module, with all that its builder found', async () => {
    const text = `import { count, job, stdin, stdout, tumbling } from 'millrace';
export default job('x', ({ source }) => {
  const rows = source('rows', stdin<{ page: string }>());
  rows.keyBy('page').window(tumbling('1s')).aggregate({ n: count() }).uid('perPage').to('out', stdout());
  rows.to('out', stdout());
}, { parallelism: 0 });`;
    const { code, lines } = await millrace(['run', 'x.ts'], { 'x.ts': text });
    expect(lines).toEqual([
      'settings.parallelism: 0 is not a whole number above 0',
      'sinks.out: two sinks are named "out"; give each its own name (one sink may have several inputs)',
      '2 faults; nothing was run.',
    ]);
    expect(code).toBe(2);
  });

  it('with thousands of faults, of which it tells the first and their number', async () => {
    const operators = Array.from({ length: 3_000 }, (_, i) => `  o${i}: { input: x${i}, filter: n > ${i} }`).join('\n');
    const text = `job: x\nsources:\n  a: { stdin: json }\noperators:\n${operators}\nsinks:\n  o: { input: o1, stdout: json }\n`;
    const { code, lines } = await millrace(['validate', 'x.yaml'], { 'x.yaml': text });
    expect(lines).toHaveLength(1_001);
    expect(lines.at(-1)).toBe('3,000 faults in x.yaml, of which the first 1,000 are told; nothing was run.');
    expect(code).toBe(2);
  });
});

describe('a job without faults', () => {
  it('is told so, with what is doubtful', async () => {
    const text = `job: x
sources:
  a: { stdin: json }
  unread: { stdin: json }
sinks:
  o: { input: a, stdout: json }
`;
    const { code, stdout, lines } = await millrace(['validate', 'x.yaml'], { 'x.yaml': text });
    expect([code, stdout]).toEqual([0, 'x.yaml has no faults.\n']);
    expect(lines).toEqual([
      'warning: x.yaml:4:11  sources.unread: nothing reads it',
      'note: without schema on a, unread, names of columns are not checked',
    ]);
  });

  it.each([
    ['validate', []],
    ['explain', []],
    ['run', []],
    ['run', ['--json']],
  ])('whose state is under a derived name: %s warns of it %j', async (command, more) => {
    const text = `import { blackhole, collection, job } from 'millrace';
export default job('x', ({ source }) =>
  source('rows', collection([{ page: '/a', n: 1 }])).keyBy('page').sum('n').to('out', blackhole()));`;
    const { code, lines } = await millrace([command, 'x.ts', ...more], { 'x.ts': text });
    const message =
      'its state is kept under a name derived from its place in the job, and is lost when that changes; name it with uid(…)';
    const path = 'operators.rows.reduce';
    expect(code).toBe(0);
    expect(lines[0]).toBe(
      more.length > 0 ? JSON.stringify({ kind: 'warning', path, message }) : `warning: ${path}: ${message}`,
    );
  });
});

describe('millrace schema', () => {
  it('prints the JSON Schema of the spec, or writes it to a file', async () => {
    const { code, stdout } = await millrace(['schema'], {});
    expect([code, JSON.parse(stdout)]).toEqual([0, jobJsonSchema()]);
    await millrace(['schema', '-o', 'job.schema.json'], {});
    expect(await readFile(join(folder, 'job.schema.json'), 'utf8')).toBe(stdout);
  });
});
