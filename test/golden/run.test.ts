import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const runner = fileURLToPath(new URL('./run.ts', import.meta.url));
const golden = (file: string) =>
  new Promise<{ code: number; stdout: string }>((resolve) =>
    execFile(process.execPath, [runner, file], (error, stdout) => resolve({ code: Number(error?.code ?? 0), stdout })),
  );

it.each(['windows', 'process', 'expressions-spec'])('`npm run golden` passes %s.json', async (name) => {
  const { code, stdout } = await golden(fileURLToPath(new URL(`./${name}.json`, import.meta.url)));
  expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed(, \d+ skipped)?\n$/);
  expect(code).toBe(0);
});

it('`npm run golden` names what fails, with what was expected, and counts it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-golden-'));
  const cases = [
    { kind: 'expression', name: 'right', expr: '1 + 1', type: 'INT', value: 2 },
    { kind: 'expression', name: 'wrong', expr: '1 + 1', type: 'INT', value: 3 },
    { kind: 'expression', name: 'not refused', expr: '1 + 1', error: 'why' },
    { kind: 'no-such-kind', name: 'strange' },
  ];
  await writeFile(join(folder, 'cases.json'), JSON.stringify(cases));
  const { code, stdout } = await golden(join(folder, 'cases.json'));
  await rm(folder, { recursive: true });
  expect(stdout).toBe(`wrong
  expected 3
  actual   2
not refused
  expected refused
  actual   2
strange
  expected "one of the kinds window, join, process, expression"
  actual   "the kind no-such-kind"
1 passed, 3 failed
`);
  expect(code).toBe(1);
});
