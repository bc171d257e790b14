import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRows } from '../../../core/connector/file/csv-rows.ts';

const signs = fc
  .array(fc.constantFrom('a', 'b', ',', '"', '\n', '\r\n', '""', ' '), { maxLength: 25 })
  .map((parts) => parts.join(''));

/** What csv-parse makes of one row by itself; undefined where it finds a fault, or more rows than one. */
function oracle(raw: string): readonly string[] | undefined {
  try {
    const rows: string[][] = parse(raw, {
      delimiter: ',',
      quote: '"',
      escape: '"',
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
    });
    return rows.length > 1 ? undefined : (rows[0] ?? ['']);
  } catch {
    return undefined;
  }
}

describe('rows of CSV', () => {
  test('are what csv-parse makes of each, and faulty where it finds a fault', () => {
    fc.assert(
      fc.property(signs, (text) => {
        for (const { raw, cells, reason } of csvRows(text, ',', '"')) {
          expect([raw, reason === undefined ? cells : undefined]).toEqual([raw, oracle(raw)]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('are the whole text, but for the ends of lines', () => {
    fc.assert(
      fc.property(signs, (text) => {
        const lines = csvRows(text, ',', '"').map(({ raw }) => raw);
        expect(lines.join('').replaceAll(/\r?\n/g, '')).toBe(text.replaceAll(/\r?\n/g, ''));
      }),
    );
  });

  test('give back what was written, whatever it holds', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'ü') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const text = rows.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(';')).join('\r\n');
        expect(csvRows(text, ';', '"').map(({ cells }) => cells)).toEqual(rows);
      }),
    );
  });
});
