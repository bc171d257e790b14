/** How tightly operators bind, as in Flink's SQL; a sign binds tighter than all of them. */
export const POWER = { or: 1, and: 2, not: 3, is: 4, comparison: 5, range: 6, sum: 7, product: 8, sign: 9 } as const;

/** Words that are never columns unless they stand in backticks. All others, such as `from` or `timestamp`, may be. */
const RESERVED: ReadonlySet<string> = new Set([
  'AND',
  'BETWEEN',
  'CASE',
  'ELSE',
  'END',
  'FALSE',
  'IN',
  'IS',
  'LIKE',
  'NOT',
  'NULL',
  'OR',
  'SIMILAR',
  'THEN',
  'TRUE',
  'WHEN',
]);

/** Whether a word, in any case, is part of the grammar wherever it stands. */
export function isReserved(word: string): boolean {
  return RESERVED.has(word.toUpperCase());
}

/** Words that with a text after them make a literal: `TIMESTAMP '2026-01-01 00:00:00'`. */
export function isTypedLiteral(word: string): boolean {
  return word === 'TIMESTAMP' || word === 'INTERVAL' || word === 'DATE' || word === 'TIME' || word === 'X';
}
