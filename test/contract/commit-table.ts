import { describe, expect, test } from 'vitest';
import type { CommitTable, LogRow } from '../../core/port/commit-table.ts';
import { MAX_ROW_BYTES } from '../../core/port/commit-table.ts';

const row = (n: number, writer = `writer-${n}`, body: readonly number[] = [n]): LogRow => ({
  n,
  writer,
  body: Uint8Array.from(body),
});

export type CommitTableLimits = {
  /** Why rows of the largest size cannot be tried; undefined where they can. */
  readonly noLargestRow?: string | undefined;
};

/** The laws of the commit table; every implementation runs them. Each test works on a log of its own. */
export function commitTableContract(
  name: string,
  open: () => Promise<CommitTable>,
  { noLargestRow }: CommitTableLimits = {},
): void {
  describe(`commit table: ${name}`, () => {
    let logs = 0;
    const fresh = async () => ({ table: await open(), log: `job/1/${name}/${++logs}` });

    test('a log without rows has no head', async () => {
      const { table, log } = await fresh();
      expect(await table.head(log)).toBeUndefined();
      expect(await table.rows(log, 0, 10)).toEqual([]);
    });

    test('a row that was written is the head, body and writer as they were given', async () => {
      const { table, log } = await fresh();
      expect(await table.put(log, row(0, 'first', [0, 255, 128]))).toBe('written');
      expect(await table.put(log, row(1, 'second', []))).toBe('written');
      expect(await table.head(log)).toEqual(row(1, 'second', []));
      expect(await table.rows(log, 0, 1)).toEqual([row(0, 'first', [0, 255, 128])]);
    });

    test('a number that is taken is not written again, whoever asks', async () => {
      const { table, log } = await fresh();
      await table.put(log, row(7, 'first', [1]));
      expect(await table.put(log, row(7, 'second', [2]))).toBe('taken');
      expect(await table.put(log, row(7, 'first', [1]))).toBe('taken');
      expect(await table.head(log)).toEqual(row(7, 'first', [1]));
    });

    test('of many puts of one number at once, one is written', async () => {
      const { table, log } = await fresh();
      const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => table.put(log, row(3, `racer-${i}`))));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect((await table.head(log))?.writer).toBe(`racer-${answers.indexOf('written')}`);
    });

    test('rows are read by number, from one on, at most as many as asked for', async () => {
      const { table, log } = await fresh();
      for (const n of [9, 10, 2, 100]) await table.put(log, row(n));
      expect(await table.rows(log, 9, 10)).toEqual([row(9), row(10), row(100)]);
      expect(await table.rows(log, 3, 2)).toEqual([row(9), row(10)]);
      expect(await table.rows(log, 101, 10)).toEqual([]);
    });

    test('logs do not see each other', async () => {
      const { table, log } = await fresh();
      await table.put(log, row(0));
      expect(await table.put(`${log}0`, row(0, 'other'))).toBe('written');
      expect((await table.head(log))?.writer).toBe('writer-0');
    });

    test('what was deleted is gone, the rest stays', async () => {
      const { table, log } = await fresh();
      for (const n of [0, 1, 2]) await table.put(log, row(n));
      await table.delete(log, [0, 1, 55]);
      expect(await table.rows(log, 0, 10)).toEqual([row(2)]);
    });

    test('thirty rows are deleted in one call', async () => {
      const { table, log } = await fresh();
      const numbers = Array.from({ length: 31 }, (_, n) => n);
      await Promise.all(numbers.map((n) => table.put(log, row(n))));
      await table.delete(log, numbers.slice(0, 30));
      expect(await table.rows(log, 0, 100)).toEqual([row(30)]);
    });

    test('rows of the largest size are written, and read page by page', async ({ skip }) => {
      skip(noLargestRow !== undefined, noLargestRow);
      const { table, log } = await fresh();
      const body = new Uint8Array(MAX_ROW_BYTES).fill(7);
      for (const n of [0, 1, 2, 3]) expect(await table.put(log, { n, writer: 'large', body })).toBe('written');
      const read: LogRow[] = [];
      for (let next = 0; ; next = (read.at(-1)?.n ?? 0) + 1) {
        const page = await table.rows(log, next, 10);
        if (page.length === 0) break;
        read.push(...page);
      }
      expect(read.map(({ n, body: { length } }) => [n, length])).toEqual([0, 1, 2, 3].map((n) => [n, MAX_ROW_BYTES]));
    });
  });
}
