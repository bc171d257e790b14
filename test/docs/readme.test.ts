import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('README.md draws the plan that explain gives of the job that it shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-readme-'));
  await cp(join(root, 'functions/cli/template'), folder, { recursive: true });
  const words = [join(root, 'functions/cli/bin.ts'), 'explain', '--format', 'mermaid', 'job.yaml'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder });
  await rm(folder, { recursive: true });
  expect(await readFile(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`mermaid\n${stdout}\`\`\``);
});
