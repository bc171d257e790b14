import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, formatDuration, parseDuration } from '../../core/time/duration.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    [' 2 d ', 172_800_000],
    ['-5m', -300_000],
    ['0s', 0],
    [250, 250],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'soon', '1 parsec', '5', 's', '1s 5', '--1s', '1s-1s', `${'9'.repeat(400)}d`, Number.NaN, Infinity])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
      expect(() => durationMs(text, 'settings.checkpointEvery')).toThrow(
        /^settings\.checkpointEvery: .*is not a duration/,
      );
    },
  );

  it('is written so that it is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
