import { describe, expect, test } from 'vitest';
import { Collector, KEEP_MS, NOTE_EVERY_MS } from '../../core/task/collector.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryCommitTable } from '../../core/testing/memory-commit-table.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';

const LOG = 'job/1/stage/shard';
const payload = (n: number) => `payloads/${LOG}/${String(n).padStart(12, '0')}-writer-${n}`;

/** A log of so many rows, each with a payload object. */
async function logOf(rows: number) {
  const table = new MemoryCommitTable();
  const objects = new MemoryStore();
  const clock = new ManualClock(0);
  for (let n = 0; n < rows; n++) {
    await table.put(LOG, { n, writer: `writer-${n}`, body: Uint8Array.of(n) });
    await objects.put(payload(n), Uint8Array.of(n));
  }
  const collector = new Collector({ job: 'job', incarnation: 1, table, objects, clock });
  let writers = 0;
  const hours = async (count: number, base: number) => {
    for (let i = 0; i < count; i++) {
      clock.moveTo(clock.now() + NOTE_EVERY_MS);
      await collector.collect(new Map([[LOG, base]]), `writer ${writers++}`);
    }
  };
  const left = async () => (await table.rows(LOG, 0, 1_000)).map(({ n }) => n);
  return { table, objects, clock, collector, hours, left };
}

const DAY = KEEP_MS / NOTE_EVERY_MS;

describe('rows and payloads below the base of a log', () => {
  test('go one day after the base was first noted, and no sooner', async () => {
    const { hours, left, objects } = await logOf(10);
    await hours(1, 4);
    await hours(DAY - 1, 4);
    expect(await left()).toHaveLength(10);
    await hours(1, 4);
    expect(await left()).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await objects.list('payloads/')).toEqual([4, 5, 6, 7, 8, 9].map(payload));
  });

  test('go as far as the base that was noted a day ago, however far it has come since', async () => {
    const { hours, left } = await logOf(40);
    for (let base = 1; base <= DAY + 3; base++) await hours(1, base);
    expect((await left())[0]).toBe(3);
  });

  test('go also where the collector was away for days', async () => {
    const { hours, left, clock } = await logOf(40);
    for (let base = 1; base <= 20; base++) await hours(1, base);
    clock.moveTo(clock.now() + 5 * KEEP_MS);
    await hours(1, 30);
    expect((await left())[0]).toBe(20);
    await hours(DAY, 30);
    expect((await left())[0]).toBe(30);
  });

  test('stay for as long as the base stands, however old they are', async () => {
    const { hours, left } = await logOf(3);
    await hours(10 * DAY, 0);
    expect(await left()).toEqual([0, 1, 2]);
  });

  test('are noted once an hour: what is asked in between does nothing', async () => {
    const { clock, collector, table } = await logOf(1);
    for (let minute = 0; minute < 90; minute++) {
      clock.moveTo(clock.now() + 60_000);
      await collector.collect(new Map([[LOG, 0]]), `writer ${minute}`);
    }
    expect(await table.rows('job/1/collection', 0, 100)).toHaveLength(2);
  });
});

test('notes that were carried out go, so that their log stays short', async () => {
  const { hours, table } = await logOf(2);
  await hours(3 * DAY, 1);
  expect((await table.rows('job/1/collection', 0, 1_000)).length).toBeLessThanOrEqual(DAY + 1);
});
