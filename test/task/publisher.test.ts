import { expect, test } from 'vitest';
import { RetryableError, UnansweredError } from '../../core/error/error.ts';
import type { EncodedBody } from '../../core/frame/frame-codec.ts';
import { decodeFrame, encodeBody, encodeFrame } from '../../core/frame/frame-codec.ts';
import { keyGroupsOf } from '../../core/frame/hash-key.ts';
import type { Clock } from '../../core/port/clock.ts';
import { type EntryResult, type FrameLog, type LogEntry, MAX_PUT_BYTES } from '../../core/port/frame-log.ts';
import { InboxMap } from '../../core/task/inbox-map.ts';
import { Publisher } from '../../core/task/publisher.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import { KeepingWriter } from './deployment.ts';

/** Nobody waits in a test. */
const IMPATIENT: Clock = {
  now: () => 0,
  elapsedMs: () => 0,
  after: (_, alarm) => {
    setImmediate(alarm);
    return () => {};
  },
};

const GROUPS = 16;
const body = encodeBody({ values: ['x'], timestamps: [0], groups: [0] }) as EncodedBody;
const identity = { incarnation: 1, task: 'a/s0', n: 3 };

function frame(first: number, last: number, chunk: number) {
  const range = { first, last };
  const header = {
    job: 'j',
    incarnation: 1,
    producer: 'a/s0',
    n: 3,
    chunk,
    last: true,
    prev: [],
    port: 0,
    range,
    watermark: 0,
    idle: false,
    barrier: 0,
  };
  return { stage: 'b', range, bytes: encodeFrame(header, body) };
}

async function publisherOf(log: FrameLog, wrap: (log: FrameLog) => FrameLog = (same) => same) {
  const shards = (await log.shards()).map((shard) => ({
    id: shard.id,
    range: keyGroupsOf(shard, GROUPS) ?? { first: 0, last: 0 },
  }));
  return new Publisher({
    inboxes: new Map([['b', new InboxMap(wrap(log), shards, GROUPS)]]),
    writers: new Map(),
    deadLetters: new KeepingWriter(),
    maxParallelism: GROUPS,
    clock: IMPATIENT,
  });
}

const chunksIn = (log: MemoryFrameLog, shard: string) =>
  log.entries(shard).map(({ bytes }) => decodeFrame(bytes).header.chunk);

test('a frame for a shard that was split is put into both halves, whole (P8)', async () => {
  const log = new MemoryFrameLog(2);
  const publisher = await publisherOf(log);
  const [left, right] = log.split('shard-000');
  await publisher.publish(identity, { frames: [frame(0, 7, 0), frame(8, 15, 1)], batches: [] });
  expect(chunksIn(log, left)).toEqual([0]);
  expect(chunksIn(log, right)).toEqual([0]);
  expect(chunksIn(log, 'shard-001')).toEqual([1]);
});

test('frames for shards that were merged are put into the one that holds both', async () => {
  const log = new MemoryFrameLog(2);
  const publisher = await publisherOf(log);
  const merged = log.merge('shard-000', 'shard-001');
  await publisher.publish(identity, { frames: [frame(0, 7, 0), frame(8, 15, 1)], batches: [] });
  expect(chunksIn(log, merged).sort()).toEqual([0, 1]);
});

test('to one shard at most one frame is in flight, in the order of the outbox', async () => {
  const log = new MemoryFrameLog(2);
  const puts: number[][] = [];
  const watched = (of: FrameLog): FrameLog => ({
    shards: () => of.shards(),
    after: (shard, position) => of.after(shard, position),
    put: (entries) => {
      puts.push(entries.map(({ bytes }) => decodeFrame(bytes).header.chunk));
      return of.put(entries);
    },
  });
  const publisher = await publisherOf(log, watched);
  await publisher.publish(identity, {
    frames: [frame(0, 15, 0), frame(0, 7, 1), frame(8, 15, 2), frame(0, 7, 3)],
    batches: [],
  });
  expect(puts).toEqual([[0, 0], [1, 2], [3]]);
  expect(chunksIn(log, 'shard-000')).toEqual([0, 1, 3]);
});

test('what was refused is put again, and what was taken is not', async () => {
  const log = new MemoryFrameLog(2);
  let calls = 0;
  const refusing = (of: FrameLog): FrameLog => ({
    shards: () => of.shards(),
    after: (shard, position) => of.after(shard, position),
    put: async (entries: readonly LogEntry[]): Promise<readonly EntryResult[]> => {
      if (calls++ > 0) return of.put(entries);
      const [first, ...others] = entries as [LogEntry, ...LogEntry[]];
      return [...(await of.put([first])), ...others.map(() => ({ kind: 'refused', reason: 'throttled' }) as const)];
    },
  });
  const publisher = await publisherOf(log, refusing);
  await publisher.publish(identity, { frames: [frame(0, 7, 0), frame(8, 15, 1)], batches: [] });
  expect([chunksIn(log, 'shard-000'), chunksIn(log, 'shard-001')]).toEqual([[0], [1]]);
});

test('a put without an answer is put again; where none ever comes, the call fails and may be repeated', async () => {
  const log = new MemoryFrameLog(1);
  const silent = (of: FrameLog): FrameLog => ({
    shards: () => of.shards(),
    after: (shard, position) => of.after(shard, position),
    put: async (entries) => {
      await of.put(entries);
      throw new UnansweredError('no answer');
    },
  });
  const publisher = await publisherOf(log, silent);
  const publishing = publisher.publish(identity, { frames: [frame(0, 15, 0)], batches: [] });
  await expect(publishing).rejects.toThrow(RetryableError);
  expect(new Set(chunksIn(log, 'shard-000'))).toEqual(new Set([0]));
});

test('frames for many shards that are too large for one call go in several', async () => {
  const shards = Array.from({ length: 8 }, (_, place) => ({
    id: `s${place}`,
    range: { first: 2 * place, last: 2 * place + 1 },
  }));
  const calls: number[] = [];
  const puts: string[] = [];
  const log: FrameLog = {
    put: async (entries) => {
      calls.push(entries.reduce((sum, { bytes }) => sum + bytes.length, 0));
      return entries.map(({ hashKey }): EntryResult => {
        const shard = shards[Number((hashKey * 8n) >> 128n)]?.id ?? '';
        puts.push(shard);
        return { kind: 'taken', shard };
      });
    },
    shards: async () => [],
    after: async () => 'nothing',
  };
  const publisher = new Publisher({
    inboxes: new Map([['b', new InboxMap(log, shards, GROUPS)]]),
    writers: new Map(),
    deadLetters: new KeepingWriter(),
    maxParallelism: GROUPS,
    clock: IMPATIENT,
  });
  const frames = shards.map(({ range }) => ({ stage: 'b', range, bytes: new Uint8Array(1_000_000) }));
  await publisher.publish(identity, { frames, batches: [] });
  expect(puts.toSorted()).toEqual(shards.map(({ id }) => id));
  expect(Math.max(...calls)).toBeLessThanOrEqual(MAX_PUT_BYTES);
});
