import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/local/system-clock.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { type FunctionOptions, LambdaFunction } from '../../functions/emulator/lambda/lambda-function.ts';

type More = Partial<Omit<FunctionOptions, 'start'>> & { readonly memoryMb?: number };

/** A function whose module is this code. */
async function functionOf(code: string, { memoryMb = 128, ...more }: More = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lambda-'));
  const file = join(folder, 'index.mjs');
  await writeFile(file, code);
  const lines: string[] = [];
  const lambda = new LambdaFunction({
    start: { module: pathToFileURL(file).href, handler: 'handler', functionName: 'f', functionArn: 'arn:f', memoryMb },
    variables: { COLOUR: 'red' },
    timeoutMs: 20_000,
    clock: systemClock,
    concurrency: 10,
    afterTimeout: 'stop',
    onLog: (line) => lines.push(line),
    ...more,
  });
  onTestFinished(async () => {
    await lambda.stop();
    await rm(folder, { recursive: true });
  });
  return { lambda, lines, invoke: (event: unknown = {}) => lambda.invoke(JSON.stringify(event)) };
}

describe('a function', () => {
  test('answers with what its handler returns, and sees its event, variables and context', async () => {
    const { invoke } = await functionOf(`export const handler = async (event, context) => ({
      event, colour: process.env.COLOUR, path: process.env.PATH, name: context.functionName,
      left: context.getRemainingTimeInMillis() > 10_000 });`);
    const end = await invoke({ a: [1] });
    expect(end.kind === 'answered' && JSON.parse(end.json)).toEqual({
      event: { a: [1] },
      colour: 'red',
      name: 'f',
      left: true,
    });
  });

  test('keeps what its module holds from one call to the next', async () => {
    const { invoke } = await functionOf('let calls = 0; export const handler = () => ++calls;');
    await invoke();
    expect(await invoke()).toMatchObject({ kind: 'answered', json: '2' });
  });

  test('that throws has failed, lives on, and its stack is in the log', async () => {
    const { invoke, lines } = await functionOf(
      'let calls = 0; export const handler = () => { if (++calls === 1) throw new TypeError("no"); return calls; };',
    );
    expect(await invoke()).toMatchObject({ kind: 'failed', reason: 'threw', message: 'TypeError: no' });
    expect(await invoke()).toMatchObject({ kind: 'answered', json: '2' });
    expect(lines.join('\n')).toMatch(/TypeError: no\n\s+at/);
  });

  test('that exits has crashed, and the next call begins anew', async () => {
    const { invoke } = await functionOf(
      'let calls = 0; export const handler = ({ die }) => { calls++; if (die) process.exit(3); return calls; };',
    );
    await invoke({});
    expect(await invoke({ die: true })).toMatchObject({ kind: 'failed', reason: 'crashed' });
    expect(await invoke({})).toMatchObject({ kind: 'answered', json: '1' });
  });

  test('whose processes were killed while they waited begins anew', async () => {
    const { invoke, lambda } = await functionOf('let calls = 0; export const handler = () => ++calls;');
    await invoke();
    await lambda.stop();
    expect(await invoke()).toMatchObject({ kind: 'answered', json: '1' });
  });

  test('that needs more memory than it has dies', async () => {
    const code =
      'export const handler = () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); };';
    const { invoke } = await functionOf(code, { memoryMb: 32 });
    const end = await invoke();
    expect(end).toMatchObject({ kind: 'failed', reason: 'crashed' });
    expect(end.kind === 'failed' && end.message).toMatch(/memory/);
  });

  test('that never ends is stopped at its time-out', async () => {
    const clock = new ManualClock();
    const { invoke, lambda } = await functionOf(
      'export const handler = ({ stall }) => { while (stall); return "ok"; };',
      {
        clock,
      },
    );
    await invoke({ stall: false });
    const stalled = invoke({ stall: true });
    await expect.poll(() => clock.nextAlarm).toBe(20_000);
    clock.moveTo(20_000);
    expect(await stalled).toMatchObject({
      kind: 'failed',
      reason: 'timed out',
      message: 'Task timed out after 20.00 seconds',
    });
    expect(await lambda.invoke('{}')).toMatchObject({ kind: 'answered', json: '"ok"' });
  });

  test('beyond its concurrency is throttled at once', async () => {
    const code = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));';
    const { invoke } = await functionOf(code, { concurrency: 2 });
    const ends = await Promise.all([invoke(), invoke(), invoke()]);
    expect(ends.map((end) => (end.kind === 'failed' ? end.reason : 'answered')).sort()).toEqual([
      'answered',
      'answered',
      'throttled',
    ]);
  });

  test('whose module does not load fails, and says why', async () => {
    const { invoke } = await functionOf('throw new Error("no such table");');
    const end = await invoke();
    expect(end.kind === 'failed' && end.message).toMatch(/InitError: .*no such table/);
  });

  test('is not called with more than 6 MB', async () => {
    const { invoke } = await functionOf('export const handler = () => 1;');
    expect(await invoke('x'.repeat(7_000_000))).toMatchObject({ kind: 'failed', reason: 'throttled' });
  });

  test('writes its console into the log, line by line', async () => {
    const { invoke, lines } = await functionOf('export const handler = () => { console.log("one\\ntwo"); };');
    await invoke();
    await expect.poll(() => lines).toEqual(['one', 'two']);
  });
});
