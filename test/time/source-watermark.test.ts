import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { SourceWatermark, type SplitWatermark } from '../../core/time/source-watermark.ts';
import { MAX_TIMESTAMP, NO_TIMESTAMP } from '../../core/time/timestamp.ts';
import { WatermarkAlignment } from '../../core/time/watermark-alignment.ts';
import { boundedOutOfOrderness, periodic } from '../../core/time/watermark-generator.ts';
import type { WatermarkStrategy } from '../../core/time/watermark-strategy.ts';

type Told = number | 'idle' | 'active';

function trackerOf(strategy: Partial<WatermarkStrategy<number>> = {}, restored?: number) {
  const told: Told[] = [];
  const clock = new ManualClock(0);
  const output = {
    watermark: (at: number) => told.push(at),
    idle: (isIdle: boolean) => told.push(isIdle ? 'idle' : 'active'),
  };
  const whole = { timestampOf: (value: number) => value, generator: boundedOutOfOrderness(0), ...strategy };
  const tracker = new SourceWatermark<number>(whole, clock, output, restored);
  const at = (now: number) => {
    clock.moveTo(now);
    tracker.periodic(now);
  };
  return { tracker, told, clock, at };
}

function read(split: SplitWatermark<number>, ...values: readonly number[]): void {
  for (const value of values) split.handled(value, split.timestampOf(value, NO_TIMESTAMP));
}

describe('the watermark of a source', () => {
  it('follows the records of its only split', () => {
    const { tracker, told } = trackerOf();
    read(tracker.open('a'), 10, 5, 20);
    expect(told).toEqual([9, 19]);
  });

  it('is the lowest of its splits, which may run ahead of each other', () => {
    const { tracker, told } = trackerOf();
    const a = tracker.open('a');
    const b = tracker.open('b');
    read(a, 100);
    read(b, 10);
    read(b, 50);
    expect(told).toEqual([9, 49]);
    tracker.close('b');
    expect(told).toEqual([9, 49, 99]);
  });

  it('does not wait for a split that has been idle, until its next record', () => {
    const { tracker, told, at } = trackerOf({ idleAfterMs: 1_000 });
    const a = tracker.open('a');
    const b = tracker.open('b');
    read(a, 100);
    read(b, 10);
    for (let now = 200; now <= 1_200; now += 200) {
      read(a, 100 + now);
      at(now);
    }
    expect(told).toEqual([9, 1_299]);
    read(b, 20);
    read(a, 2_000);
    expect(told).toEqual([9, 1_299]);
    read(b, 3_000);
    expect(told).toEqual([9, 1_299, 1_999]);
  });

  it('tells idleness when all splits are idle, and the return of one', () => {
    const { tracker, told, at } = trackerOf({ idleAfterMs: 400 });
    const a = tracker.open('a');
    read(a, 10);
    at(200);
    at(400);
    at(600);
    at(800);
    read(a, 5);
    expect(told).toEqual([9, 'idle', 'active']);
    tracker.close('a');
    tracker.end();
    expect(told).toEqual([9, 'idle', 'active', 'idle', 'active', MAX_TIMESTAMP]);
  });

  it('asks periodic generators every 200 ms', () => {
    const generator = periodic<number>(() => {
      let largest = 0;
      return {
        onRecord: (value) => {
          largest = Math.max(largest, value);
        },
        onPeriodic: () => largest,
      };
    });
    const { tracker, told, at } = trackerOf({ generator });
    read(tracker.open('a'), 10);
    at(199);
    expect(told).toEqual([]);
    at(200);
    expect(told).toEqual([10]);
    expect(tracker.nextPeriodic).toBe(400);
  });

  it('gives nothing below what it was restored with', () => {
    const { tracker, told } = trackerOf({}, 50);
    read(tracker.open('a'), 10, 51, 52);
    expect(told).toEqual([51]);
    expect(tracker.current).toBe(51);
  });
});

describe('the timestamp of a record', () => {
  it.each([undefined, Number.NaN, 1.5, 2 ** 60, '7', null])('is refused where it is %s', (at) => {
    const { tracker } = trackerOf({ timestampOf: () => at as number });
    expect(() => tracker.open('a').timestampOf(1, NO_TIMESTAMP)).toThrow('must be an integer of epoch milliseconds');
  });

  it('is refused where it is too far ahead of the clock, which alone moves on', () => {
    const { tracker, clock } = trackerOf({ maxAheadMs: 100 });
    const split = tracker.open('a');
    expect(split.timestampOf(100, NO_TIMESTAMP)).toBe(100);
    expect(() => split.timestampOf(101, NO_TIMESTAMP)).toThrow('is 101 ms ahead of the clock');
    clock.moveTo(1);
    expect(split.timestampOf(101, NO_TIMESTAMP)).toBe(101);
    expect(split.timestampOf(-5, NO_TIMESTAMP)).toBe(-5);
  });

  it('may be the one that the source gave', () => {
    const { tracker } = trackerOf({ timestampOf: (_value, previous) => previous });
    const split = tracker.open('a');
    expect(split.timestampOf(1, 77)).toBe(77);
    expect(() => split.timestampOf(1, NO_TIMESTAMP)).toThrow('the record has none');
  });
});

describe('aligned sources', () => {
  it('wait for the slowest that is neither idle nor ended', () => {
    const group = new WatermarkAlignment(100);
    group.report('fast', 1_000);
    expect(group.mayRead('fast')).toBe(true);
    group.report('slow', 899);
    expect([group.mayRead('fast'), group.mayRead('slow')]).toEqual([false, true]);
    group.report('slow', 900);
    expect(group.mayRead('fast')).toBe(true);
    group.report('slow', 0);
    group.leave('slow');
    expect(group.mayRead('fast')).toBe(true);
    group.report('slow', 0);
    group.report('slow', MAX_TIMESTAMP);
    expect([group.mayRead('fast'), group.mayRead('unknown')]).toEqual([true, true]);
  });
});
