import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryableError, UnansweredError } from '../../core/error/error.ts';
import { FramePublisher, type OutgoingFrame } from '../../core/frame/frame-publisher.ts';
import { hashKeyOf, keyGroupsOf } from '../../core/frame/hash-key.ts';
import type { EntryResult, FrameLog, LogEntry } from '../../core/port/frame-log.ts';
import { seededRandom } from '../../core/port/random.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import { finish } from './alarm.ts';

const GROUPS = 16;

/** What happens at each put, in turn; after the last, all goes well. */
type Fault = 'none' | 'split' | 'merge' | 'refuse-first' | 'refuse-all' | 'lose-answer' | 'unreachable';

class FaultyLog implements FrameLog {
  readonly puts: (readonly LogEntry[])[] = [];
  readonly #inner: MemoryFrameLog;
  readonly #faults: Fault[];

  constructor(inner: MemoryFrameLog, faults: readonly Fault[]) {
    this.#inner = inner;
    this.#faults = [...faults];
  }

  async put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]> {
    this.puts.push(entries);
    const fault = this.#faults.shift() ?? 'none';
    if (fault === 'split' || fault === 'merge') await this.#reshard(fault);
    if (fault === 'unreachable') throw new RetryableError('no connection');
    if (fault === 'refuse-all') return entries.map(() => ({ kind: 'refused', reason: 'throttled' }));
    const results: EntryResult[] = [];
    for (const [place, entry] of entries.entries()) {
      if (fault === 'refuse-first' && place === 0) results.push({ kind: 'refused', reason: 'throttled' });
      else results.push(...(await this.#inner.put([entry])));
    }
    if (fault === 'lose-answer') throw new UnansweredError('the answer was lost');
    return results;
  }

  shards() {
    return this.#inner.shards();
  }

  after(shard: string, position: string | undefined) {
    return this.#inner.after(shard, position);
  }

  async #reshard(kind: 'split' | 'merge'): Promise<void> {
    const open = (await this.#inner.shards())
      .filter((shard) => shard.open)
      .sort((a, b) => (a.first < b.first ? -1 : 1));
    const [one, other] = open;
    if (kind === 'merge' && one !== undefined && other !== undefined) this.#inner.merge(one.id, other.id);
    else if (one !== undefined) this.#inner.split(one.id);
  }
}

function publisherOf(log: FrameLog) {
  const clock = new ManualClock();
  return { clock, publisher: new FramePublisher({ log, maxParallelism: GROUPS, clock, random: seededRandom(1) }) };
}

const frame = (first: number, last: number, name: number): OutgoingFrame => ({
  range: { first, last },
  bytes: Uint8Array.of(name),
});

/** The names of the frames that a key group got, in order: repeated ones once. */
async function framesOf(log: MemoryFrameLog, group: number, frames: readonly OutgoingFrame[]): Promise<number[]> {
  const point = hashKeyOf(group, GROUPS);
  const shards = (await log.shards()).filter(({ first, last }) => first <= point && point <= last);
  const held = shards.flatMap(({ id }) => log.entries(id)).sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  const own = held
    .map(({ bytes }) => bytes[0] as number)
    .filter((name) => {
      const range = frames[name]?.range;
      return range !== undefined && range.first <= group && group <= range.last;
    });
  return [...new Set(own)];
}

describe('publishing frames', () => {
  const fault = fc.constantFrom<Fault>(
    'none',
    'split',
    'merge',
    'refuse-first',
    'refuse-all',
    'lose-answer',
    'unreachable',
  );
  const range = fc
    .tuple(fc.nat({ max: GROUPS - 1 }), fc.nat({ max: GROUPS - 1 }))
    .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

  it('brings every frame to every key group of its range, in order, whatever fails and however shards change', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(range, { maxLength: 6 }),
        fc.array(fault, { maxLength: 12 }),
        async (shards, ranges, faults) => {
          const inner = new MemoryFrameLog(shards);
          const { clock, publisher } = publisherOf(new FaultyLog(inner, faults));
          const frames = ranges.map(({ first, last }, name) => frame(first, last, name));
          await finish(clock, publisher.publish(frames, Number.MAX_SAFE_INTEGER));
          for (let group = 0; group < GROUPS; group++) {
            const wanted = frames.flatMap(({ range: { first, last } }, name) =>
              first <= group && group <= last ? [name] : [],
            );
            expect(await framesOf(inner, group, frames)).toEqual(wanted);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('puts one frame in a call for a shard, and those of several shards together', async () => {
    const log = new FaultyLog(new MemoryFrameLog(2), []);
    const { clock, publisher } = publisherOf(log);
    expect(await publisher.ranges(0)).toEqual([
      { first: 0, last: 7 },
      { first: 8, last: 15 },
    ]);
    const frames = [frame(0, 7, 0), frame(8, 15, 1), frame(0, 7, 2), frame(8, 15, 3)];
    await finish(clock, publisher.publish(frames, 1000));
    expect(log.puts.map((entries) => entries.map(({ bytes }) => bytes[0]))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('puts a frame again, whole, for the other half of a shard that was split', async () => {
    const inner = new MemoryFrameLog(1);
    const log = new FaultyLog(inner, ['split']);
    const { clock, publisher } = publisherOf(log);
    await publisher.ranges(0);
    await finish(clock, publisher.publish([frame(0, 15, 0)], 1000));
    expect(log.puts.map(([entry]) => entry?.hashKey)).toEqual([hashKeyOf(0, GROUPS), hashKeyOf(8, GROUPS)]);
    const children = (await inner.shards()).filter(({ open }) => open);
    expect(children.map(({ id }) => inner.entries(id).map(({ bytes }) => [...bytes]))).toEqual([[[0]], [[0]]]);
    expect(children.map((shard) => keyGroupsOf(shard, GROUPS)?.first)).toEqual([0, 8]);
  });

  it('keeps calls below what the log takes at once', async () => {
    const log = new FaultyLog(new MemoryFrameLog(8), []);
    const { clock, publisher } = publisherOf(log);
    await publisher.ranges(0);
    const large = (first: number) => ({ range: { first, last: first }, bytes: new Uint8Array(1_000_000) });
    await finish(clock, publisher.publish([0, 2, 4, 6, 8, 10].map(large), 1000));
    expect(log.puts.map((entries) => entries.length)).toEqual([4, 2]);
  });

  it('gives up when its time is over, and says why', async () => {
    const log = new FaultyLog(
      new MemoryFrameLog(1),
      Array.from({ length: 100 }, () => 'refuse-all' as const),
    );
    const { clock, publisher } = publisherOf(log);
    const publishing = finish(clock, publisher.publish([frame(0, 15, 0)], 5_000));
    await expect(publishing).rejects.toThrow(new RetryableError('1 frames are not put: throttled'));
    expect(log.puts.length).toBeLessThan(30);
  });
});
