import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../connector/reading.ts';
import { folderLines } from '../local/folder-lines.ts';

const root = await temporaryFolder();
const MAIN = fileURLToPath(new URL('../../functions/cli/bin.ts', import.meta.url));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** `millrace run` in a process of its own, with what it writes. */
function start(folder: string, words: readonly string[], input = '') {
  const child = spawn(process.execPath, [MAIN, 'run', ...words], { cwd: folder, stdio: 'pipe' });
  child.stdin.end(input);
  running.add(child);
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    written.err += text;
  });
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return {
    written,
    ended,
    interrupt: () => child.kill('SIGINT'),
    /** Resolves when the process has written something; fails where it ends before. */
    async until(stream: 'stdout' | 'stderr', test: () => boolean): Promise<void> {
      while (!test()) {
        const over = await Promise.race([once(child[stream], 'data').then(() => false), ended.then(() => true)]);
        if (over && !test()) throw new Error(`it ended: ${written.out}${written.err}`);
      }
    },
  };
}

const COUNT = 1_500;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'job-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const TICKS = `job: ticks
sources:
  numbers: { datagen: { count: ${COUNT}, rate: 1000, fields: { n: { kind: sequence } } } }
sinks:
  out: { input: numbers, file: { path: out } }
  shown: { input: numbers, stdout: {} }
`;

/** An asynchronous call that is never answered, so that the job cannot come to rest. */
const STUCK = `job: stuck
sources:
  numbers: { datagen: { rate: 20, fields: { n: { kind: sequence } } } }
operators:
  asked: { input: numbers, async: { call: ./ask.ts#ask, timeout: 10m } }
sinks:
  shown: { input: numbers, stdout: {} }
  out: { input: asked, stdout: {} }
`;

describe('millrace run', () => {
  it.each([1, 2])(
    'stops with a savepoint at an interrupt, and --resume gives the rest (%i workers)',
    async (parallelism) => {
      const folder = await folderWith({ 'job.yaml': TICKS });
      const words = ['job.yaml', '--parallelism', String(parallelism)];
      const first = start(folder, words);
      await first.until('stdout', () => first.written.out.includes('"n":20'));
      first.interrupt();
      expect(await first.ended).toBe(0);
      expect(first.written.err).toMatch(
        /Stopping with a savepoint.*\n(.*\n)*.*Stopped with savepoint 1; --resume goes on/,
      );
      const before = await folderLines(join(folder, 'out'));
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(COUNT);

      const second = start(folder, [...words, '--resume']);
      expect(await second.ended).toBe(0);
      const all = Array.from({ length: COUNT }, (_, n) => JSON.stringify({ n })).sort();
      expect(await folderLines(join(folder, 'out'))).toEqual(all);
      const shown = `${first.written.out}${second.written.out}`.trimEnd().split('\n');
      expect(shown.sort()).toEqual(all);
    },
    60_000,
  );

  it.each([1, 2])(
    'reads its standard input to the end (%i workers)',
    async (parallelism) => {
      const folder = await folderWith({ 'job.yaml': TICKS });
      const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ n })).sort();
      const words = ['job.yaml', '--source', 'numbers=-', '--parallelism', String(parallelism)];
      expect(await start(folder, words, lines.join('\n')).ended).toBe(0);
      expect(await folderLines(join(folder, 'out'))).toEqual(lines);
    },
    60_000,
  );

  it('is ended at once by a second interrupt, where the first one waits', async () => {
    const folder = await folderWith({ 'job.yaml': STUCK, 'ask.ts': 'export const ask = () => new Promise(() => {});' });
    const run = start(folder, ['job.yaml']);
    await run.until('stdout', () => run.written.out.includes('"n":1'));
    run.interrupt();
    await run.until('stderr', () => run.written.err.includes('once more stops at once'));
    run.interrupt();
    expect(await run.ended).toBe(130);
  }, 60_000);
});
