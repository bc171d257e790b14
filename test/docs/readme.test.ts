import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('README.md draws the plan that explain gives of the job that it shows', async () => {
  const words = ['functions/cli/main.ts', 'explain', '--format', 'mermaid', 'functions/cli/template/job.yaml'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root });
  expect(readFileSync(`${root}/README.md`, 'utf8')).toContain(`\`\`\`mermaid\n${stdout}\`\`\``);
});
