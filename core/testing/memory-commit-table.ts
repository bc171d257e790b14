import { InvariantError } from '../error/error.ts';
import { type CommitTable, type LogRow, MAX_ROW_BYTES } from '../port/commit-table.ts';

/** Commit logs in memory, for tests. */
export class MemoryCommitTable implements CommitTable {
  readonly #logs = new Map<string, Map<number, LogRow>>();

  async put(log: string, row: LogRow): Promise<'written' | 'taken'> {
    if (row.body.length > MAX_ROW_BYTES) throw new InvariantError(`a row of ${row.body.length} bytes`);
    let rows = this.#logs.get(log);
    if (rows === undefined) {
      rows = new Map();
      this.#logs.set(log, rows);
    }
    if (rows.has(row.n)) return 'taken';
    rows.set(row.n, { ...row, body: row.body.slice() });
    return 'written';
  }

  async head(log: string): Promise<LogRow | undefined> {
    return this.#sorted(log).at(-1);
  }

  async rows(log: string, first: number, limit: number): Promise<readonly LogRow[]> {
    return this.#sorted(log)
      .filter(({ n }) => n >= first)
      .slice(0, limit);
  }

  async delete(log: string, numbers: readonly number[]): Promise<void> {
    for (const n of numbers) this.#logs.get(log)?.delete(n);
  }

  #sorted(log: string): LogRow[] {
    return [...(this.#logs.get(log)?.values() ?? [])].sort((left, right) => left.n - right.n);
  }
}
