import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../core/error/error.ts';
import type { FrameHeader } from '../../core/frame/frame.ts';
import { decodeFrame } from '../../core/frame/frame-codec.ts';
import type { EntryResult, FrameLog, LogEntry } from '../../core/port/frame-log.ts';
import { seededRandom } from '../../core/port/random.ts';
import { FrameProducer, type ProducerOptions } from '../../core/producer/frame-producer.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';

type Click = { readonly user: string; readonly page: string };

const HOUR = 3_600_000;
const click = (i: number): Click => ({ user: `user-${i % 50}`, page: `/page/${i}` });

/** A log whose puts wait until they are let through, or fail. */
class GatedLog implements FrameLog {
  readonly inner: MemoryFrameLog;
  puts = 0;
  #open: (() => void) | undefined;
  #gate: Promise<void> | undefined;
  failure: Error | undefined;

  constructor(shards: number) {
    this.inner = new MemoryFrameLog(shards);
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open?.();
    this.#gate = undefined;
  }

  async put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]> {
    this.puts++;
    await this.#gate;
    if (this.failure !== undefined) throw this.failure;
    return this.inner.put(entries);
  }

  shards() {
    return this.inner.shards();
  }

  after(shard: string, position: string | undefined) {
    return this.inner.after(shard, position);
  }
}

function setUp<T = Click>(options: ProducerOptions<T> = {}, shards = 1) {
  const log = new GatedLog(shards);
  const clock = new ManualClock(1_000);
  return { log, clock, producer: new FrameProducer<T>({ log, clock, random: seededRandom(3) }, options) };
}

async function framesIn({ inner }: GatedLog) {
  const shards = await inner.shards();
  return shards.flatMap(({ id }) => inner.entries(id).map(({ bytes }) => decodeFrame(bytes)));
}

const numbers = (headers: readonly FrameHeader[]) => headers.map(({ n, chunk }) => [n, chunk]);

/** Lets what is ready run. */
async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

describe('the producer', () => {
  it('packs events into one frame once the linger is over', async () => {
    const { log, clock, producer } = setUp({ linger: '100ms' });
    for (let i = 0; i < 20; i++) await producer.send(click(i));
    clock.moveTo(1_099);
    await turns();
    expect(log.puts).toBe(0);
    clock.moveTo(1_100);
    await turns();
    const [frame, ...others] = await framesIn(log);
    expect(others).toEqual([]);
    expect(frame?.records().values).toEqual(Array.from({ length: 20 }, (_, i) => click(i)));
    expect(frame?.records().timestamps).toEqual(Array.from({ length: 20 }, () => 1_000));
  });

  it('waits for no others once a batch is large enough', async () => {
    const { log, producer } = setUp({ batchBytes: 10 * 1024 });
    for (let i = 0; i < 10; i++) await producer.send(click(i));
    await turns();
    expect((await framesIn(log)).map(({ count }) => count)).toEqual([10]);
  });

  it('sends events of one key to one shard, in order', async () => {
    const { log, producer } = setUp<Click>({ key: ({ user }) => user }, 4);
    for (let i = 0; i < 500; i++) {
      await producer.send(click(i));
      if (i % 100 === 99) await producer.flush();
    }
    const shardOfUser = new Map<string, string>();
    const pages = new Map<string, string[]>();
    for (const { id } of await log.inner.shards()) {
      for (const { bytes } of log.inner.entries(id)) {
        for (const { user, page } of decodeFrame(bytes).records().values as Click[]) {
          expect(shardOfUser.get(user) ?? id).toBe(id);
          shardOfUser.set(user, id);
          pages.set(user, [...(pages.get(user) ?? []), page]);
        }
      }
    }
    expect(new Set(shardOfUser.values()).size).toBe(4);
    for (let user = 0; user < 50; user++) {
      const sent = Array.from({ length: 10 }, (_, i) => `/page/${i * 50 + user}`);
      expect(pages.get(`user-${user}`)).toEqual(sent);
    }
  });

  it('numbers its frames, and each names the one before it', async () => {
    const { log, producer } = setUp();
    for (let i = 0; i < 3; i++) {
      await producer.send(click(i));
      await producer.flush();
    }
    const headers = (await framesIn(log)).map(({ header }) => header);
    expect(new Set(headers.map(({ producer: name }) => name)).size).toBe(1);
    expect(numbers(headers)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    const range = { first: 0, last: 1023 };
    expect(headers.map(({ prev }) => prev)).toEqual([[], [{ range, n: 0, chunk: 0 }], [{ range, n: 1, chunk: 0 }]]);
  });

  it('names the frame before for each part of a range after a split', async () => {
    const { log, producer } = setUp<Click>({ key: ({ user }) => user });
    await producer.send(click(0));
    await producer.flush();
    const [only] = await log.inner.shards();
    log.inner.split(only?.id ?? '');
    for (const first of [0, 50]) {
      for (let i = first; i < first + 50; i++) await producer.send(click(i));
      await producer.flush();
    }
    const headers = (await framesIn(log)).map(({ header }) => header);
    const covering = { range: { first: 0, last: 1023 }, n: 1 };
    expect(headers.filter(({ n }) => n === 1)).toMatchObject([covering, covering]);
    expect(headers.filter(({ n }) => n === 2)).toMatchObject([
      { range: { first: 0, last: 511 }, prev: [{ range: { first: 0, last: 511 }, n: 1, chunk: 0 }] },
      { range: { first: 512, last: 1023 }, prev: [{ range: { first: 512, last: 1023 }, n: 1, chunk: 0 }] },
    ]);
  });

  it('cuts a batch that is too large for a frame into chunks, the last marked', async () => {
    const { log, producer } = setUp<{ readonly noise: Uint8Array }>({ batchBytes: 1e9 });
    const random = seededRandom(5);
    for (let i = 0; i < 30; i++) {
      await producer.send({ noise: Uint8Array.from({ length: 100_000 }, () => random.next() * 256) });
    }
    await producer.flush();
    const headers = (await framesIn(log)).map(({ header }) => header);
    expect(headers.length).toBeGreaterThan(2);
    expect(numbers(headers)).toEqual(headers.map((_, chunk) => [0, chunk]));
    expect(headers.map(({ last }) => last)).toEqual(headers.map((_, chunk) => chunk === headers.length - 1));
    expect(headers[2]?.prev).toMatchObject([{ n: 0, chunk: 1 }]);
  });

  it('keeps its order and its frames when puts fail and are tried again', async () => {
    const { log, clock, producer } = setUp();
    log.failure = new RetryableError('throttled');
    const sent = producer.send(click(0)).then(() => producer.flush());
    await turns();
    const before = log.puts;
    expect(before).toBeGreaterThan(0);
    await producer.send(click(1));
    log.failure = undefined;
    clock.moveTo(10_000);
    await sent;
    await producer.flush();
    const frames = await framesIn(log);
    expect(frames.flatMap((frame) => frame.records().values)).toEqual([click(0), click(1)]);
    expect(numbers(frames.map(({ header }) => header))).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('makes the sender wait while too much is not put', async () => {
    const { log, producer } = setUp({ batchBytes: 4 * 1024, bufferBytes: 8 * 1024 });
    log.hold();
    let taken = 0;
    const sending = (async () => {
      for (; taken < 2000; taken++) await producer.send(click(taken));
    })();
    await turns(5_000);
    expect(taken).toBeGreaterThan(4);
    expect(taken).toBeLessThan(1_000);
    log.release();
    await sending;
    await producer.flush();
    const frames = await framesIn(log);
    expect(frames.flatMap((frame) => frame.records().values)).toEqual(
      Array.from({ length: 2_000 }, (_, i) => click(i)),
    );
  });

  it('takes another name after half a day of silence, and begins at 0', async () => {
    const { log, clock, producer } = setUp();
    for (const at of [0, 11 * HOUR, 23.5 * HOUR]) {
      clock.moveTo(1_000 + at);
      await producer.send(click(0));
      await producer.flush();
    }
    const headers = (await framesIn(log)).map(({ header }) => header);
    expect(numbers(headers)).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(headers[1]?.producer).toBe(headers[0]?.producer);
    expect(headers[2]?.producer).not.toBe(headers[0]?.producer);
    expect(headers[2]?.prev).toEqual([]);
  });

  it('fails for good when a batch is not taken for too long', async () => {
    const { log, clock, producer } = setUp({ giveUpAfter: '1s' });
    log.failure = new RetryableError('throttled');
    await producer.send(click(0));
    const flushed = producer.flush();
    const outcome = expect(flushed).rejects.toThrow('1 frames are not put: throttled');
    for (let at = 1_000; at < 4_000; at += 20) {
      clock.moveTo(at);
      await turns(5);
    }
    await outcome;
    log.failure = undefined;
    await expect(producer.send(click(1))).rejects.toThrow(RetryableError);
  });

  it('tells at the flush of an event that no frame can carry, and puts the others', async () => {
    const { log, producer } = setUp<unknown>();
    for (const event of [{ a: 1 }, { a: Symbol('s') }, { a: 2 }]) await producer.send(event);
    await expect(producer.flush()).rejects.toThrow('an event is not put: field a: the value is a symbol');
    expect((await framesIn(log)).flatMap((frame) => frame.records().values)).toEqual([{ a: 1 }, { a: 2 }]);
    await producer.flush();
  });

  it('refuses an event whose key is none, and goes on', async () => {
    const { log, producer } = setUp<{ readonly user: string | null }>({ key: ({ user }) => user as string });
    await expect(producer.send({ user: null })).rejects.toThrow('a key must be');
    await producer.send({ user: 'u' });
    await producer.close();
    expect((await framesIn(log)).flatMap((frame) => frame.records().values)).toEqual([{ user: 'u' }]);
  });

  it('takes nothing after it was closed', async () => {
    const { producer } = setUp();
    await producer.close();
    await producer.close();
    await expect(producer.send(click(0))).rejects.toThrow('the producer is closed');
  });

  it('spreads events without a key over all shards, batch by batch', async () => {
    const { log, producer } = setUp({}, 4);
    for (let batch = 0; batch < 12; batch++) {
      for (let i = 0; i < 10; i++) await producer.send(click(i));
      await producer.flush();
    }
    const counts = (await log.inner.shards()).map(({ id }) => log.inner.entries(id).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(12);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});
