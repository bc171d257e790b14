import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareText } from '../../core/expression/runtime/compare.ts';
import { dateFormat, datePattern, toTimestamp } from '../../core/expression/runtime/date-format.ts';
import { like, likePattern } from '../../core/expression/runtime/pattern.ts';
import { ceilTo, extract, floorTo, timestampAdd, timestampDiff } from '../../core/expression/runtime/time.ts';
import { formatTimestamp, parseTimestamp } from '../../core/expression/runtime/timestamp.ts';

const letters = fc.array(fc.constantFrom('a', 'b', '.', '*', '😀', '\n'), { maxLength: 12 }).map((all) => all.join(''));

const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['%', '[\\s\\S]*'],
  ['_', '[\\s\\S]'],
]);

describe('LIKE', () => {
  test('matches what the regular expression of the pattern matches', () => {
    const patterns = fc.array(fc.constantFrom('a', 'b', '.', '*', '😀', '\n', '%', '_', '%', '_'), { maxLength: 8 });
    fc.assert(
      fc.property(letters, patterns, (text, points) => {
        const source = points.map((point) => WILDCARDS.get(point) ?? point.replace(/[.*]/, '\\$&'));
        const compiled = likePattern(points.join(''));
        expect(compiled && like(text, compiled)).toBe(new RegExp(`^${source.join('')}$`, 'u').test(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('takes no time on a pattern that a regular expression would run away with', () => {
    const pattern = likePattern(`${'%a'.repeat(40)}%b`);
    expect(pattern && like('a'.repeat(100_000), pattern)).toBe(false);
  });
});

test('texts order as their code points do', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
      const bytes = Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      expect(Math.sign(compareText(left, right))).toBe(bytes);
    }),
  );
});

/** Years 0000 to 9999. */
const moments = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

describe('timestamps', () => {
  test('are written and read as JavaScript does', () => {
    fc.assert(
      fc.property(moments, (at) => {
        const iso = new Date(at).toISOString();
        expect(formatTimestamp(at)).toBe(iso.slice(0, -1).replace('T', ' '));
        expect(parseTimestamp(iso)).toBe(at);
        expect(parseTimestamp(formatTimestamp(at))).toBe(at);
      }),
    );
  });

  test('have the fields that JavaScript sees, before 1970 too', () => {
    fc.assert(
      fc.property(moments, (at) => {
        const date = new Date(at);
        const seen = (['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'DOW'] as const).map((unit) =>
          extract(unit, at),
        );
        expect(seen).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
          date.getUTCMilliseconds(),
          date.getUTCDay() + 1,
        ]);
      }),
    );
  });

  test('lie between the floor and the ceiling of any unit, which are begins of it', () => {
    const units = fc.constantFrom('SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR');
    fc.assert(
      fc.property(moments, units, (at, unit) => {
        const [floor, ceil] = [floorTo(unit, at) ?? 0, ceilTo(unit, at) ?? 0];
        expect(floor <= at && at <= ceil).toBe(true);
        expect([floorTo(unit, floor), floorTo(unit, ceil)]).toEqual([floor, ceil]);
        expect(ceil === floor || timestampAdd(unit, 1, floor) === ceil).toBe(true);
      }),
    );
  });

  test('differ by the most months that can be added without passing the later one', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 4_000_000_000_000 }), (from, span) => {
        const months = timestampDiff('MONTH', from, from + span) ?? 0;
        expect(timestampAdd('MONTH', months, from)).toBeLessThanOrEqual(from + span);
        expect(timestampAdd('MONTH', months + 1, from)).toBeGreaterThan(from + span);
      }),
    );
  });

  test('a pattern reads what it has written', () => {
    for (const text of ['yyyy-MM-dd HH:mm:ss.SSS', "dd MMM yyyy 'at' hh:mm:ss.SSS a", 'EEEE, d MMMM yyyy, H:m:s.SSS']) {
      const pattern = datePattern(text);
      if (pattern === undefined) throw new Error(text);
      fc.assert(
        fc.property(moments, (at) => {
          expect(toTimestamp(dateFormat(at, pattern), pattern)).toBe(at);
        }),
      );
    }
  });
});
