import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { defineSink } from '../../core/connector/define-sink.ts';
import { file } from '../../core/connector/file/file.ts';
import { RetryableError } from '../../core/error/error.ts';
import { type Job, type JobOptions, job } from '../../core/job/job.ts';
import { deadLetterFile } from '../../core/local/dead-letter-file.ts';
import { type LocalRun, MAX_FAILED_CHECKPOINTS } from '../../core/local/local-run.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { temporaryFolder } from '../connector/reading.ts';
import { diskFull, failingFiles } from './failing-files.ts';
import { type Feed, feed } from './feed.ts';
import { folderLines } from './folder-lines.ts';

const root = await temporaryFolder();
let folders = 0;
const freshFolder = () => join(root, String(folders++));

type Numbered = { readonly n: number };
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ n: from + i }));
const linesOf = (values: readonly Numbered[]) => values.map((value) => JSON.stringify(value)).sort();

function copying(input: Feed<Numbered>): Job {
  return job('copying', ({ source }) => source('numbers', input.source).to('out', file({ path: 'out' })));
}

/** Resolves when the sink has got so many records. */
function arrived(run: LocalRun, count: number): Promise<void> {
  return vi.waitFor(async () => {
    const metrics = await run.metrics();
    expect(metrics.find(({ uid }) => uid === 'out')?.recordsIn).toBe(count);
  });
}

describe('when something fails', () => {
  it('a commit that fails is made up for by the next checkpoint', async () => {
    const [baseFolder, files, input] = [freshFolder(), failingFiles(), feed<Numbered>()];
    const run = await runLocal(copying(input).graph, { baseFolder, ports: { files }, store: new MemoryStore() });
    input.push(...numbered(0, 5));
    await arrived(run, 5);
    files.failing = 'rename';
    await expect(run.checkpoint()).rejects.toThrow('the disk is full');
    expect(await folderLines(join(baseFolder, 'out'))).toEqual([]);
    files.failing = undefined;
    input.push(...numbered(5, 9));
    input.end();
    await run.done;
    expect(await folderLines(join(baseFolder, 'out'))).toEqual(linesOf(numbered(0, 9)));
  });

  it.each(['rename', 'write'] as const)(
    'a disk that is full for a %s loses nothing: resumed, the job goes on',
    async (failing) => {
      const [baseFolder, files, input] = [freshFolder(), failingFiles(), feed<Numbered>()];
      const options = { baseFolder, ports: { files }, store: new MemoryStore(), resume: 'latest' as const };
      const run = await runLocal(copying(input).graph, options);
      input.push(...numbered(0, 5));
      await arrived(run, 5);
      await run.checkpoint();
      input.push(...numbered(5, 9));
      input.end();
      files.failing = failing;
      await expect(run.done).rejects.toThrow(/the disk is full.*run again with --resume/);
      files.failing = undefined;
      expect((await (await runLocal(copying(input).graph, options)).done).outcome).toBe('ended');
      expect(await folderLines(join(baseFolder, 'out'))).toEqual(linesOf(numbered(0, 9)));
    },
  );

  it('a sink that cannot send what a checkpoint needs ends the run, since it has those records no more', async () => {
    const [baseFolder, files, input] = [freshFolder(), failingFiles(), feed<Numbered>()];
    const options = { baseFolder, ports: { files }, store: new MemoryStore(), resume: 'latest' as const };
    files.failing = 'write';
    const run = await runLocal(copying(input).graph, options);
    input.push(...numbered(0, 5));
    await expect(Promise.all([run.checkpoint(), run.done])).rejects.toThrow('the disk is full');
    await expect(run.done).rejects.toThrow(RetryableError);
    files.failing = undefined;
    input.end();
    await (await runLocal(copying(input).graph, options)).done;
    expect(await folderLines(join(baseFolder, 'out'))).toEqual(linesOf(numbered(0, 5)));
  });

  it('a checkpoint that is asked for while the job fails is answered', async () => {
    const input = feed<Numbered>();
    const failing = job('failing', ({ source }) =>
      source('numbers', input.source)
        .map(() => {
          throw new RetryableError('the service is away');
        })
        .to('out', collect()),
    );
    const run = await runLocal(failing.graph, { store: new MemoryStore() });
    input.push({ n: 1 });
    const asked = run.checkpoint();
    await expect(run.done).rejects.toThrow('the service is away');
    await expect(asked.then(() => run.checkpoint())).rejects.toThrow('the run is over');
  });

  it('a job whose checkpoints fail again and again is stopped', async () => {
    const [clock, store, input] = [new ManualClock(), new MemoryStore(), feed<Numbered>()];
    const { graph } = job('n', ({ source }) => source('numbers', input.source).to('out', collect()), {
      checkpointEvery: '1s',
    });
    const failures: number[] = [];
    const onCheckpointFailed = (_: unknown, inARow: number) => failures.push(inARow);
    const run = await runLocal(graph, { clock, store, onCheckpointFailed });
    store.failWith(diskFull());
    for (let failed = 1; failed <= MAX_FAILED_CHECKPOINTS; failed++) {
      clock.moveTo(failed * 1_000);
      await vi.waitFor(() => expect(failures).toHaveLength(failed));
    }
    await expect(run.done).rejects.toThrow(
      `${MAX_FAILED_CHECKPOINTS} checkpoints in a row have failed, the last one: ENOSPC`,
    );
  });

  it.each([true, false])(
    'dead letters that cannot be written fail the run instead of hanging it (savepoint: %s)',
    async (savepoint) => {
      const input = feed<Numbered>();
      const deadLetters = { write: () => {}, flush: () => Promise.reject(diskFull()) };
      const run = await runLocal(copying(input).graph, { baseFolder: freshFolder(), deadLetters });
      await expect(run.stop({ savepoint })).rejects.toThrow('ENOSPC');
    },
  );
});

describe('the file of dead letters', () => {
  const letter = (record: unknown) => ({ operator: 'step', reason: 'bad', record });

  it('holds a record that JSON cannot as text', async () => {
    const path = join(freshFolder(), 'dead.jsonl');
    const itself: { self?: unknown } = {};
    itself.self = itself;
    const letters = deadLetterFile(path);
    for (const record of [itself, { n: 1n }, Object.create(null, { toJSON: { value: () => unknown() } })]) {
      letters.write(letter(record));
    }
    await letters.flush();
    const records = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).record);
    expect(records).toEqual(['[object Object]', { n: 1 }, 'a record of type object that cannot be shown']);
  });

  it('gets what could not be written before as soon as it can be', async () => {
    const folder = freshFolder();
    const letters = deadLetterFile(join(folder, 'dead.jsonl'));
    const inTheWay = failingFiles();
    await (await inTheWay.create(folder)).close();
    letters.write(letter(1));
    await expect(letters.flush()).rejects.toThrow(/EEXIST|ENOTDIR/);
    await inTheWay.remove(folder);
    letters.write(letter(2));
    await letters.flush();
    const text = await readFile(join(folder, 'dead.jsonl'), 'utf8');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).record),
    ).toEqual([1, 2]);
  });
});

describe('a job that says onPoison: stop', () => {
  const stop: JobOptions = { onPoison: 'stop' };
  const throwing = defineSink<unknown>({
    name: 'throwing',
    write() {
      throw new TypeError('no such column');
    },
  });
  const numbers = collection<{ at?: number }>([{ at: 1 }, {}]);
  const jobs: readonly [string, Job, string][] = [
    [
      'an operator',
      job(
        'j',
        ({ source }) =>
          source('n', numbers)
            .map(({ at }) => at?.toFixed() ?? unknown())
            .to('out', collect()),
        stop,
      ),
      'n.map: no value',
    ],
    [
      'the event time',
      job('j', ({ source }) => source('n', numbers, { eventTime: { from: 'at' } }).to('out', collect()), stop),
      'n: no event time: field "at" is missing',
    ],
    ['a sink', job('j', ({ source }) => source('n', numbers).to('out', throwing), stop), 'out: no such column'],
  ];

  it.each(jobs)('is stopped by a record that %s cannot handle', async (_, { graph }, message) => {
    await expect((await runLocal(graph)).done).rejects.toThrow(`${message}; the job says onPoison: stop`);
  });
});

function unknown(): never {
  throw new Error('no value');
}
