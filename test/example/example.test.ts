import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderLines } from '../local/folder-lines.ts';

/** Every example, run by the command line in a copy of its folder: what it prints and what it writes. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = ['clickstream.yaml', 'earthquakes.yaml', 'enrichment.ts', 'flights.ts', 'fraud.yaml'];
/** Those that are run as they are deployed. */
const deployed = ['page-views.yaml'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-examples-'));
  await cp(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const nameOf = (file: string): string => file.split('.')[0] as string;

/** What an example prints, and the sorted lines of each folder that it writes. */
async function run(file: string): Promise<string> {
  const place = join(folder, 'examples', nameOf(file));
  const words = [join(root, 'functions/cli/bin.ts'), 'run', join(place, file)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: place });
  const written: string[] = [];
  for (const entry of await readdir(place, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === '.millrace') continue;
    written.push(`${entry.name}/`, ...(await folderLines(join(place, entry.name))));
  }
  return [stdout.trimEnd(), ...written, ''].join('\n');
}

/** What leaves the sinks of a deployed example, in order, without the versions that a table's sink keeps. */
async function up(file: string): Promise<string> {
  const place = join(folder, 'examples', nameOf(file));
  const words = [join(root, 'functions/cli/bin.ts'), 'up', join(place, file), '--until-idle', '6'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: place });
  const lines = stdout.trimEnd().split('\n');
  return [...lines.map((line) => line.replace(/,"_version":"[^"]*"/, '')).toSorted(), ''].join('\n');
}

describe('the examples give the results expected of them', () => {
  it.each(deployed)(
    '%s, deployed',
    async (file) => {
      await expect(await up(file)).toMatchFileSnapshot(`./expected/${nameOf(file)}.txt`);
    },
    120_000,
  );

  it.each(examples)(
    '%s',
    async (file) => {
      await expect(await run(file)).toMatchFileSnapshot(`./expected/${nameOf(file)}.txt`);
    },
    120_000,
  );

  it('are all tried', async () => {
    const folders = (await readdir(join(root, 'examples'), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.map(({ name }) => name).sort()).toEqual([...examples, ...deployed].map(nameOf).sort());
  });
});
