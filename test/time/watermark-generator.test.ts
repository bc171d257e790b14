import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_TIMESTAMP } from '../../core/time/timestamp.ts';
import {
  boundedOutOfOrderness,
  monotonous,
  noWatermarks,
  periodic,
  punctuated,
} from '../../core/time/watermark-generator.ts';

describe('a watermark with bounded out-of-orderness', () => {
  it('is the largest timestamp so far less the bound and one, told when it rises', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 })), fc.integer({ min: 0, max: 20 }), (times, bound) => {
        const generator = boundedOutOfOrderness(bound)();
        times.forEach((at, place) => {
          const before = Math.max(...times.slice(0, place));
          expect(generator.onRecord(undefined, at)).toBe(at > before ? at - bound - 1 : undefined);
        });
      }),
    );
  });

  it('does not fall below the beginning of time', () => {
    expect(boundedOutOfOrderness('10s')().onRecord(undefined, MIN_TIMESTAMP + 5)).toBe(MIN_TIMESTAMP);
  });

  it('refuses a bound that is no duration', () => {
    expect(() => boundedOutOfOrderness('soon')).toThrow('eventTime.outOfOrderness: "soon" is not a duration');
  });

  it('is the record itself less one when timestamps never go down', () => {
    expect(monotonous()().onRecord(undefined, 100)).toBe(99);
  });
});

describe('other generators', () => {
  it('give what a record carries, what the user says every 200 ms, or nothing', () => {
    const carried = punctuated((value: { mark?: number }) => value.mark)();
    expect([carried.onRecord({ mark: 5 }, 9), carried.onRecord({}, 10)]).toEqual([5, undefined]);
    const timed = periodic<number>(() => {
      let largest = 0;
      return {
        onRecord: (value) => {
          largest = Math.max(largest, value);
        },
        onPeriodic: () => largest - 1,
      };
    })();
    expect([timed.onRecord(8, 0), timed.onPeriodic?.(0)]).toEqual([undefined, 7]);
    expect(noWatermarks()().onRecord(undefined, 1)).toBeUndefined();
  });
});
