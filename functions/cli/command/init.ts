import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { JobSpecError } from '../../../core/error/error.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { version } from '../version.ts';

/** `millrace init`: a project that runs, from the folder `template` beside this one. */
export function initCommand(finish: (code: ExitCode) => void): Command {
  return new Command('init')
    .description('make a project that runs: a job, its input, a process function and its test')
    .argument('[folder]', 'where; made if it is not there', '.')
    .addHelpText(
      'after',
      `
  $ millrace init my-job
  $ cd my-job
  $ npm install
  $ npm start          # runs job.yaml
  $ npm test           # tests the process function`,
    )
    .action(async (folder: string) => {
      await init(resolve(folder));
      const place = relative(process.cwd(), resolve(folder));
      process.stdout.write(`Made a job in ${place === '' ? 'this folder' : place}. Next:\n\n`);
      process.stdout.write(`${place === '' ? '' : `  cd ${place}\n`}  npm install\n  npm start\n`);
      finish(EXIT.done);
    });
}

const TEMPLATE = fileURLToPath(new URL('../template', import.meta.url));

/** npm leaves these out of a package, or takes them for its own; they get their names here. */
const RENAMED: Readonly<Record<string, string>> = { 'gitignore.txt': '.gitignore', 'package.json.txt': 'package.json' };

async function init(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const taken = new Set(await readdir(folder));
  const entries = await readdir(TEMPLATE, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const faults = files
    .map((file) => RENAMED[file] ?? file)
    .filter((file) => taken.has(file))
    .map((file) => ({ path: '', message: `${join(folder, file)} is already there; name an empty folder` }));
  if (faults.length > 0) throw new JobSpecError(faults);
  for (const file of files) await cp(join(TEMPLATE, file), join(folder, RENAMED[file] ?? file));
  const manifest = join(folder, 'package.json');
  const text = await readFile(manifest, 'utf8');
  const name =
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'job';
  await writeFile(manifest, text.replace('{{name}}', name).replace('{{version}}', version()));
}
