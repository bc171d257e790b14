import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobSpecError, PoisonRecordError } from '../../core/error/error.ts';
import { timestampFrom, watermarkStrategy } from '../../core/job/event-time.ts';
import { NO_TIMESTAMP } from '../../core/time/timestamp.ts';

type Click = { at: unknown };

describe('an event time', () => {
  it.each([
    [1714564800000, 1714564800000],
    [1714564800000n, 1714564800000],
    [1.9, 1],
    [new Date(5), 5],
    ['2024-05-01T12:00:00Z', 1714564800000],
    ['2024-05-01T12:00:00.250Z', 1714564800250],
    ['2024-05-01T14:00:00+02:00', 1714564800000],
    ['2024-05-01T14:00:00+0200', 1714564800000],
    ['2024-05-01T14:00:00+02', 1714564800000],
    ['2024-05-01 12:00:00', 1714564800000],
    ['2024-05-01T12:00', 1714564800000],
    ['2024-05-01', 1714521600000],
  ])('of %s is %d', (value, expected) => {
    expect(timestampFrom(value, 'field "at"')).toBe(expected);
  });

  it.each([
    [undefined, 'no event time: field "at" is missing'],
    [null, 'no event time: field "at" is missing'],
    ['yesterday', 'field "at" is "yesterday"; it must be epoch milliseconds, a Date or ISO 8601 text'],
    ['2024-13-01', 'field "at" is "2024-13-01"'],
    [Number.NaN, 'field "at" is NaN'],
    [Number.POSITIVE_INFINITY, 'is Infinity'],
    [2 ** 60, 'is 1152921504606847000'],
    [new Date(Number.NaN), 'of type object'],
    [{}, 'of type object'],
    [true, 'of type boolean'],
  ])('of %s is refused with the record', (value, message) => {
    const read = () => timestampFrom(value, 'field "at"');
    expect(read).toThrow(PoisonRecordError);
    expect(read).toThrow(message);
  });

  it('survives being written as ISO text', () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
    fc.assert(fc.property(dates, (date) => timestampFrom(date.toISOString(), 'it') === date.getTime()));
  });

  it('comes from a field, a function, or the source', () => {
    expect(watermarkStrategy<{ at: number }>({ from: 'at' }).timestampOf({ at: 7 }, 3)).toBe(7);
    expect(
      watermarkStrategy<{ at: string }>({ from: (click) => `${click.at}Z` }).timestampOf({ at: '2024-05-01T12:00' }, 3),
    ).toBe(1714564800000);
    expect(watermarkStrategy<Click>({}).timestampOf({ at: 7 }, 3)).toBe(3);
    expect(() => watermarkStrategy<Click>({}).timestampOf({ at: 7 }, NO_TIMESTAMP)).toThrow(PoisonRecordError);
  });
});

describe('a watermark strategy', () => {
  it('trails the largest time by the out-of-orderness, and by nothing where times are monotonous', () => {
    const late = watermarkStrategy<Click>({ outOfOrderness: '5s' }).generator();
    expect(late.onRecord({ at: 0 }, 10_000)).toBe(4_999);
    const monotonous = watermarkStrategy<Click>({ watermarks: 'monotonous' }).generator();
    expect(monotonous.onRecord({ at: 0 }, 10_000)).toBe(9_999);
  });

  it('makes a generator for each split', () => {
    const { generator } = watermarkStrategy<Click>({});
    generator().onRecord({ at: 0 }, 10_000);
    expect(generator().onRecord({ at: 0 }, 5)).toBe(4);
  });

  it('takes a generator of the user', () => {
    const generator = { onRecord: () => 42 };
    expect(watermarkStrategy<Click>({ watermarks: () => generator }).generator()).toBe(generator);
  });

  it('reads durations, and names the one that is none', () => {
    const alignment = { group: 'all', maxDrift: '1m' };
    expect(watermarkStrategy<Click>({ idleAfter: '1m', maxAhead: '1h', alignment })).toMatchObject({
      idleAfterMs: 60_000,
      maxAheadMs: 3_600_000,
      alignment: { group: 'all', maxDriftMs: 60_000 },
    });
    const wrong = () => watermarkStrategy<Click>({ idleAfter: 'soon' }, 'sources.clicks.eventTime');
    expect(wrong).toThrow(JobSpecError);
    expect(wrong).toThrow('sources.clicks.eventTime.idleAfter: "soon" is not a duration');
  });
});
