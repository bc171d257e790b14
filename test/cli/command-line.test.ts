import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The command line as a person uses it: a process of its own, in a folder that `init` has made. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(root, 'functions/cli/bin.ts');
const COMMANDS = ['run', 'explain', 'validate', 'schema', 'init', 'version'];

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  project = join(folder, 'clicks');
  expect((await millrace(folder, 'init', 'clicks')).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };

function millrace(cwd: string, ...words: readonly string[]): Promise<Answer> {
  return start([BIN, ...words], cwd);
}

function start(words: readonly string[], cwd: string): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...words], { cwd }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('help', () => {
  it('names every command, shows what to type and says what exit codes mean', async () => {
    const { code, stdout } = await millrace(folder, '--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(stdout).toContain('$ millrace init my-job');
    expect(stdout).toMatch(/Exit codes\n {2}0 {4}done\n {2}1 {4}the job failed/);
  });

  it.each(COMMANDS)('of %s says what it does', async (command) => {
    const { code, stdout } = await millrace(folder, command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: millrace ${command}`);
  });

  it('comes after a word that is wrong, with the one that was meant, and code 2', async () => {
    const { code, stdout, stderr } = await millrace(folder, 'rum', 'job.yaml');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("unknown command 'rum'");
    expect(stderr).toContain('Did you mean run?');
  });

  it('is given where nothing is said', async () => {
    expect((await millrace(folder)).stderr).toContain('Usage: millrace');
  });
});

describe('run', () => {
  it('writes results to standard output and plain lines of progress to standard error', async () => {
    const { code, stdout, stderr } = await millrace(project, 'run', 'job.yaml', '--sink', 'table=-');
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n');
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({ page: '/shoes', windowStart: 1_709_283_600_000 });
    expect(stderr).toMatch(/^page-views {3}339 records .*\/s/m);
    expect(`${stdout}${stderr}`).not.toContain('\u001b');
  });

  it('tells with -v what each operator did', async () => {
    const { stderr } = await millrace(project, 'run', 'job.yaml', '--sink', 'table=out', '-v');
    for (const uid of ['clicks', 'humans', 'perPage', 'spikes'])
      expect(stderr).toMatch(new RegExp(`^ {2}${uid} +in `, 'm'));
  });

  it('tells with --json the result as one line that a program reads', async () => {
    const { stderr } = await millrace(project, 'run', 'job.yaml', '--sink', 'table=out', '--json');
    const last = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({ kind: 'result', outcome: 'ended', deadLetters: 0 });
    expect(last.metrics).toContainEqual(expect.objectContaining({ uid: 'clicks', recordsOut: 339 }));
  });

  it('says where records went that could not be handled, and ends well', async () => {
    await writeFile(join(project, 'bad.jsonl'), '{"page":"/home","user":"u","agent":"a","ms":1,"at":1}\nnot JSON\n');
    const { code, stderr } = await millrace(
      project,
      'run',
      'job.yaml',
      '--source',
      'clicks=bad.jsonl',
      '--sink',
      'table=-',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('1 record could not be handled; see ');
    const place = /see (.*)/.exec(stderr)?.[1] ?? '';
    expect(await readFile(join(project, place), 'utf8')).toContain('bad.jsonl:2');
  });

  it('ends with 1 where the job fails while it runs', async () => {
    await writeFile(
      join(project, 'failing.ts'),
      `import { collection, InvariantError, job, stdout } from 'millrace';
       export default job('failing', ({ source }) =>
         source('ones', collection([1])).map(() => { throw new InvariantError('it broke'); }).uid('broken').to('out', stdout()));`,
    );
    const { code, stderr } = await millrace(project, 'run', 'failing.ts');
    expect(code).toBe(1);
    expect(stderr).toContain('millrace: it broke');
  });

  it.each([
    [['run', 'missing.yaml'], 'there is no such file'],
    [['run', 'job.yaml', '--source', 'clics=x.jsonl'], 'the job has no source "clics"; did you mean "clicks"?'],
    [['run', 'job.yaml', '--parallelism', 'many'], 'it must be a whole number above 0'],
    [['run', 'README.md'], 'is no job; name a .ts, .js, .yaml or .json file'],
    [['explain', 'job.yaml', '--format', 'svg'], 'Allowed choices are text, json, mermaid'],
    [['run'], "missing required argument 'job'"],
  ])('refuses %j with 2 and says why', async (words, why) => {
    const { code, stdout, stderr } = await millrace(project, ...words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(why);
  });
});

describe('the other commands', () => {
  it('explain shows the plan as text, JSON and Mermaid', async () => {
    expect((await millrace(project, 'explain', 'job.yaml')).stdout).toContain('clicks ─▶ humans');
    const json = (await millrace(project, 'explain', 'job.yaml', '-f', 'json')).stdout;
    expect((JSON.parse(json) as { stages: unknown[] }).stages).toHaveLength(3);
    expect((await millrace(project, 'explain', 'job.yaml', '-f', 'mermaid')).stdout).toMatch(/^flowchart LR\n/);
  });

  it('validate says that a job is right, on standard output', async () => {
    const { code, stdout } = await millrace(project, 'validate', 'job.yaml');
    expect([code, stdout]).toEqual([0, 'job.yaml has no faults.\n']);
  });

  it('schema prints a JSON Schema, or writes it to a file', async () => {
    const { stdout } = await millrace(project, 'schema');
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
    await millrace(project, 'schema', '--output', 'schema.json');
    expect(await readFile(join(project, 'schema.json'), 'utf8')).toBe(stdout);
  });

  it('version says which millrace and which Node this is', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await millrace(folder, 'version')).stdout).toBe(`millrace ${version}, Node ${process.versions.node}\n`);
    expect((await millrace(folder, '--version')).stdout).toBe(`${version}\n`);
  });

  it('init names a package after its folder, and overwrites nothing', async () => {
    const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: 'clicks', dependencies: { millrace: expect.stringMatching(/^\^\d/) } });
    const before = await readdir(project);
    const { code, stderr } = await millrace(folder, 'init', 'clicks');
    expect(code).toBe(2);
    expect(stderr).toContain('job.yaml is already there; name an empty folder');
    expect(await readdir(project)).toEqual(before);
  });
});

describe('the launcher', () => {
  it('starts the command line, and hands on what it was told and how it ended', async () => {
    const launcher = join(root, 'functions/launch.cjs');
    expect((await start([launcher, 'version'], folder)).stdout).toMatch(/^millrace \d/);
    expect((await start([launcher, 'run', 'nowhere.yaml'], root)).code).toBe(2);
  });
});
