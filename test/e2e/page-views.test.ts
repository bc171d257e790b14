import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/local/system-clock.ts';
import type { Clock } from '../../core/port/clock.ts';
import { seededRandom } from '../../core/port/random.ts';
import { type PreparedStack, prepareStack, type UpStack } from '../../functions/cli/up/run-stack.ts';
import type { Gate, ServiceCall } from '../../functions/emulator/server/gate.ts';
import { ServiceError } from '../../functions/emulator/server/service-error.ts';
import { ADMINISTRATOR } from '../../functions/emulator/stack/access-keys.ts';
import {
  clicks,
  emulated,
  expectRows,
  fileOf,
  localPageViews,
  PAGE_VIEWS,
  pageViews,
  START,
  WITH_KILLER,
} from './emulated-job.ts';

/** The deployed handlers on emulators give what the local runtime gives, whatever fails on the way. */
let folder: string;
let prepared: PreparedStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  prepared = await prepareStack(PAGE_VIEWS, join(folder, 'cdk.out'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** After six deaths in a row a record is blamed for them, and goes to the dead letters. */
const MOST_KILLS = 4;

/** What the functions of the stack have. */
const TIMEOUT_MS = 60_000;

const LIMIT = { timeout: 150_000 };

/** What a stage put among the dead letters. */
function deadLettersOf({ stack: { aws } }: UpStack, stage: string): readonly (string | undefined)[] {
  const [bucket = ''] = aws.s3.table.buckets;
  const keys = aws.s3.table.keys(bucket, `dead-letters/${stage}/`);
  return keys.map((key) => aws.s3.table.get(bucket, key)?.body.toString());
}

const throttled = new ServiceError('ProvisionedThroughputExceededException', 'Rate exceeded, for a trial');
const unavailable = new ServiceError('ServiceUnavailable', 'out of order, for a trial', 503);

/** Calls of functions, not of whoever runs the test. */
const ofFunctions = ({ accessKey }: ServiceCall) => accessKey !== ADMINISTRATOR;

/** Of the calls of functions a part fails, in every way that a call can. */
function failing(seed: number, part: number): Gate {
  const random = seededRandom(seed);
  return (call) => {
    if (!ofFunctions(call) || random.next() >= part) return 'answer';
    const kinds = ['lose-request', 'lose-reply', 'partly', throttled, unavailable] as const;
    const kind = kinds[Math.floor(random.next() * kinds.length)] ?? 'answer';
    if (kind instanceof ServiceError) throw kind;
    return kind;
  };
}

describe('a job on emulators', () => {
  test('gives for 20,000 clicks what the local runtime gives', LIMIT, async () => {
    const input = await fileOf(clicks(20_000));
    const expected = await localPageViews(input);
    expect(expected.length).toBeGreaterThan(2_000);
    const running = await emulated(prepared);
    await running.feed({ clicks: input });
    await expectRows(running, expected);
  });

  test(
    'does so when a tenth of all calls fails: lost requests, lost replies, throttling, parts of batches',
    LIMIT,
    async () => {
      const input = await fileOf(clicks(2_000));
      const running = await emulated(prepared, { gate: failing(7, 0.1), recut: seededRandom(7) });
      await running.feed({ clicks: input });
      await expectRows(running, await localPageViews(input));
    },
  );

  test('does so when its processes are killed again and again, before and after their writes', LIMIT, async () => {
    const input = await fileOf(clicks(2_000));
    let writes = 0;
    let kills = 0;
    let stack: UpStack['stack'] | undefined;
    // The process is dead before its call is answered; every second time the call is done all the same.
    const gate: Gate = async (call) => {
      if (stack === undefined || !ofFunctions(call) || !call.operation.startsWith('Put')) return 'answer';
      if (kills === MOST_KILLS || ++writes % 2 === 0) return 'answer';
      kills++;
      await Promise.all([stack.kill('page-views-clicks'), stack.kill('page-views-perPage')]);
      return kills % 2 === 0 ? 'lose-request' : 'lose-reply';
    };
    const running = await emulated(prepared, { gate });
    stack = running.stack;
    await running.feed({ clicks: input });
    await expectRows(running, await localPageViews(input));
    expect(kills).toBe(MOST_KILLS);
  });

  test('does so behind a record that is none, which is kept with the reason', LIMIT, async () => {
    const all = clicks(2_000);
    const expected = await localPageViews(await fileOf(all));
    const running = await emulated(prepared);
    const broken = Buffer.from('{"page":').toString('base64');
    await running.feed({ clicks: await fileOf(all.slice(0, 1_000)) });
    await running.stack.aws.kinesis.call('PutRecord', { StreamName: 'clicks', PartitionKey: 'a', Data: broken });
    await running.feed({ clicks: await fileOf(all.slice(1_000)) });
    await expectRows(running, expected);
    expect(deadLettersOf(running, 'clicks')).toEqual([expect.stringMatching(/JSON/)]);
  });

  test('does so when S3 is out of order for its first ten calls', LIMIT, async () => {
    const input = await fileOf(clicks(6_000));
    let failed = 0;
    const gate: Gate = (call) => {
      if (call.service === 's3' && failed < 10) {
        failed++;
        throw unavailable;
      }
      return 'answer';
    };
    const running = await emulated(prepared, { gate });
    await running.feed({ clicks: input });
    await expectRows(running, await localPageViews(input));
    expect(failed).toBe(10);
  });

  test('does so where shards take no more than AWS lets them', LIMIT, async () => {
    const input = await fileOf(clicks(3_000));
    const running = await emulated(prepared, { throttled: true });
    await running.feed({ clicks: input });
    await expectRows(running, await localPageViews(input));
  });

  test('finds the record that kills its process, and goes on behind it', LIMIT, async () => {
    const all = clicks(2_000);
    const killer = { page: '/kill', user: 'nobody', ms: 0, at: START };
    const mortal = await prepareStack(WITH_KILLER, join(folder, 'mortal'));
    const running = await emulated(mortal);
    await running.feed({ clicks: await fileOf([...all.slice(0, 700), killer, ...all.slice(700)]) });
    await expectRows(running, await localPageViews(await fileOf(all)));
    expect(deadLettersOf(running, 'clicks')).toEqual([expect.stringMatching(/the process died or stalled/)]);
  });

  test(
    'does so when a batch timed out and its process runs on: its row comes late, and is refused',
    LIMIT,
    async () => {
      const input = await fileOf(clicks(2_000));
      const timeouts = new Set<() => void>();
      const clock: Clock = {
        ...systemClock,
        after(ms, alarm) {
          const cancel = systemClock.after(ms, alarm);
          if (ms === TIMEOUT_MS) timeouts.add(alarm);
          return () => {
            timeouts.delete(alarm);
            cancel();
          };
        },
      };
      const late = Promise.withResolvers<'answer'>();
      let rows = 0;
      const gate: Gate = (call) => {
        const caller = Buffer.from(call.accessKey.slice('AKIA'.length), 'hex').toString();
        const isRow = call.operation === 'PutItem' && call.input.TableName !== 'PageViews';
        if (!caller.includes('perPage') || !isRow || ++rows > 1) {
          if (rows === 3) late.resolve('answer');
          return 'answer';
        }
        for (const timeout of timeouts) timeout();
        return late.promise;
      };
      const running = await emulated(prepared, { gate, clock, afterTimeout: 'let run' });
      await running.feed({ clicks: input });
      await expectRows(running, await localPageViews(input));
      expect(rows).toBeGreaterThanOrEqual(3);
      expect(running.log.join('\n')).toContain('Task timed out after 60.00 seconds');
    },
  );

  test('in a folder goes on after a restart from where it stood', LIMIT, async () => {
    const all = clicks(2_000);
    const data = join(folder, 'data');
    const before = await emulated(prepared, { folder: data });
    await before.feed({ clicks: await fileOf(all.slice(0, 1_000)) });
    await expect.poll(async () => (await pageViews(before)).length, { timeout: 60_000 }).toBeGreaterThan(0);
    await before.stack.stop();
    const after = await emulated(prepared, { folder: data });
    await after.feed({ clicks: await fileOf(all.slice(1_000)) });
    await expectRows(after, await localPageViews(await fileOf(all)));
  });
});
