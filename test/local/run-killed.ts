import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../core/port/random.ts';

const PROGRAM = fileURLToPath(new URL('./fixture/run-job.ts', import.meta.url));
/** Then the job is left alone. */
const MAX_KILLS = 4;

export type Killed = {
  readonly folder: string;
  /** Of the first run, the second and so on; the last one again and again. */
  readonly parallelisms: readonly number[];
  readonly seed: number;
};

/**
 * Runs the job of a module in processes of its own that are killed without warning at random moments, each going on from the
 * checkpoint before, until one comes to the end; gives how many were killed.
 */
export async function runKilled(module: URL, { folder, parallelisms, seed }: Killed): Promise<number> {
  const random = seededRandom(seed);
  for (let kills = 0; ; kills++) {
    const parallelism = parallelisms[Math.min(kills, parallelisms.length - 1)] ?? 1;
    const afterMs = kills < MAX_KILLS ? 20 + random.next() * 150 : undefined;
    const written = await runOnce([module.href, folder, String(parallelism)], afterMs);
    if (written.includes('ended')) return kills;
    if (afterMs === undefined) throw new Error(`it was not killed and did not end: ${written}`);
  }
}

async function runOnce(words: readonly string[], afterMs: number | undefined): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written += text;
    if (afterMs !== undefined && written.includes('running')) setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  await once(child, 'close');
  return written;
}
