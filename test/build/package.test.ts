import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The package as a user gets it: built, packed, installed into an empty folder, and used there. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const windows = process.platform === 'win32';

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  project = join(folder, 'my-job');
  await run(process.execPath, [join(root, 'functions/build/main.ts'), join(folder, 'built')], root);
  await run('npm', ['pack', './built', '--silent'], folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  await run('npm', ['install', `./${tarball}`, '--prefer-offline', '--no-audit', '--no-fund'], folder);
  await run('npx', ['millrace', 'init', 'my-job'], folder);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(command: string, words: readonly string[], cwd: string): Promise<string> {
  // The Node of this test before the machine's; and what npm and the test runner have set for this run stays out.
  const own = /^(npm_(lifecycle|package|command|execpath)|INIT_CWD$|NODE_(ENV|OPTIONS|PATH)$|VITEST)/;
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name));
  const env = { ...Object.fromEntries(inherited), PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
  // npm is a script of the shell on Windows, and Node refuses to start one without it.
  const shell = windows && (command === 'npm' || command === 'npx');
  const ran = promisify(execFile)(command, [...words], { cwd, env, shell });
  const { stdout } = await ran.catch((error: { message: string; stdout: string }) => {
    throw new Error(`${error.message}\n${error.stdout}`);
  });
  return stdout;
}

describe('the package, installed into an empty folder,', () => {
  it('runs the project that init makes, and prints its windows', async () => {
    const table = await run('npm', ['start', '--silent'], project);
    expect(table).toContain('page');
    expect(table.split('\n').filter((line) => line.includes('/home')).length).toBeGreaterThan(3);
    const alerts = await readdir(join(project, 'alerts'));
    expect(alerts).toHaveLength(1);
  });

  it('passes the test that init makes', async () => {
    expect(await run('npm', ['test', '--silent'], project)).toMatch(/pass 1\n/);
  });

  it('has types for a job in TypeScript', async () => {
    await writeFile(
      join(project, 'typed.ts'),
      `import { collection, count, job, tumbling } from 'millrace';
       export default job('typed', ({ source }) => {
         const rows = source('numbers', collection([{ key: 'a', at: 1 }]), { eventTime: { from: 'at' } })
           .keyBy('key').window(tumbling('1s')).aggregate({ n: count() });
         rows.map(({ key, n }): [string, number] => [key, n]);
         // @ts-expect-error there is no such column
         rows.map(({ missing }) => missing);
       });`,
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [compiler, '--typeRoots', join(root, 'node_modules/@types')], project);
  });

  it('makes a stack of a job for those who bring the CDK and the clients of AWS, and tells the others', async () => {
    const spec = 'job: copy\nsources: { clicks: { kinesis: clicks } }\nsinks: { out: { input: clicks, sqs: out } }\n';
    await writeFile(join(project, 'deployed.yaml'), spec);
    const synth = () => run('npx', ['millrace', 'synth', 'deployed.yaml'], project);
    await expect(synth()).rejects.toThrow('this needs the package aws-cdk-lib');
    for (const name of ['aws-cdk-lib', 'constructs', '@aws-sdk', '@smithy']) {
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    }
    await synth();
    const template = await readFile(join(project, 'cdk.out', 'copy.template.json'), 'utf8');
    expect(template).toContain('"FunctionName": "copy-clicks"');
  });

  it('says nothing of what only the repository needs, and asks for no platform', async () => {
    const path = join(folder, 'node_modules/millrace/package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(manifest.devDependencies).toBeUndefined();
    expect(manifest.peerDependenciesMeta).toMatchObject({ 'aws-cdk-lib': { optional: true } });
    expect(Object.keys(manifest)).not.toContain('scripts');
  });

  it('brings the schema that the first line of a job names', async () => {
    const job = await readFile(join(project, 'job.yaml'), 'utf8');
    const named = /\$schema=\.\/(\S+)/.exec(job)?.[1] ?? '';
    const schema = JSON.parse(await readFile(join(folder, named), 'utf8')) as { properties: object };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['job', 'sources', 'operators', 'sinks']));
  });
});
