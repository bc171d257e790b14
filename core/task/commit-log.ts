import { FencedError, InvariantError, RetryableError, UnansweredError } from '../error/error.ts';
import type { Clock } from '../port/clock.ts';
import { type CommitTable, type LogRow, MAX_ROW_BYTES } from '../port/commit-table.ts';
import type { ObjectStore } from '../port/object-store.ts';
import type { CommitRow } from './commit-row.ts';
import {
  decodePayload,
  decodeRow,
  type EncodedPayload,
  encodePayload,
  encodeRow,
  type ObjectPlace,
  type RowHead,
} from './row-codec.ts';
import { logOf, payloadNameOf, type TaskName } from './task-name.ts';
import type { Trust } from './trust.ts';

/**
 * The commit log of one task.
 *
 * P1   A row is written once, and the numbers have no gap.
 * P2   A row is won by one conditional put. Who finds its number taken looks at the row: if it is its own, an answer was
 *      lost and it won; else it is fenced. A put without an answer is put again, unchanged.
 * P10  No put begins, and no object is written for one, once the memory that it stands on is too old to be trusted.
 *
 * A payload up to the threshold lives in the row; above, in one object that is written before the row.
 */
export type CommitLogOptions = {
  readonly task: TaskName;
  readonly table: CommitTable;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** A payload of more bytes goes to an object: one S3 PUT costs what 8 KB in DynamoDB do. */
  readonly inlineBytes: number;
};

export const DEFAULT_INLINE_BYTES = 8_192;

/** Room in a row for its head: positions, producers, destinations. */
const HEAD_ROOM_BYTES = 64 * 1024;

/** A put that is not answered or is throttled is repeated so often, waiting twice as long each time. */
const MAX_PUTS = 6;
const FIRST_WAIT_MS = 50;

/** Rows asked for at a time when a task is loaded. */
const PAGE_ROWS = 100;

export class CommitLog {
  readonly #options: CommitLogOptions;
  readonly #log: string;

  constructor(options: CommitLogOptions) {
    this.#options = options;
    this.#log = logOf(options.task);
  }

  /**
   * Appends a row.
   *
   * @throws FencedError where somebody else has written its number
   * @throws RetryableError where no answer tells whether it was written; only the log knows
   */
  async append(row: CommitRow, writer: string, trust: Trust): Promise<void> {
    const payload = encodePayload(row.payload);
    const place = await this.#place(row.n, writer, payload, trust);
    const body = encodeRow(row, place);
    await this.#put({ n: row.n, writer, body }, trust);
  }

  /** The highest row without its payload; undefined where the task has not begun. */
  async head(): Promise<RowHead | undefined> {
    const row = await this.#options.table.head(this.#log);
    return row && decodeRow(row.n, row.body).head;
  }

  /** The rows from the base of a head up to the highest, with their payloads. */
  async since({ base }: RowHead): Promise<readonly CommitRow[]> {
    const rows: LogRow[] = [];
    for (let next = base.n; ; ) {
      const page = await this.#options.table.rows(this.#log, next, PAGE_ROWS);
      rows.push(...page);
      const last = page.at(-1);
      if (last === undefined) break;
      next = last.n + 1;
    }
    rows.forEach(({ n }, i) => {
      if (n !== base.n + i) throw new InvariantError(`${this.#log}: row ${base.n + i} is missing; ${n} stands there`);
    });
    return Promise.all(rows.map((row) => this.#withPayload(row)));
  }

  /** Whether a row stands behind `n`: somebody else has gone on. */
  async hasAfter(n: number): Promise<boolean> {
    return (await this.#options.table.rows(this.#log, n + 1, 1)).length > 0;
  }

  async #withPayload({ n, body }: LogRow): Promise<CommitRow> {
    const { head, payload } = decodeRow(n, body);
    const bytes = 'name' in payload ? await this.#object(payload.name) : payload.bytes;
    return { ...head, payload: decodePayload(bytes, payload.parts) };
  }

  async #object(name: string): Promise<Uint8Array> {
    const bytes = await this.#options.objects.get(name);
    if (bytes === undefined) throw new InvariantError(`${this.#log}: the object ${name} of a row is gone`);
    return bytes;
  }

  async #place(
    n: number,
    writer: string,
    payload: EncodedPayload,
    trust: Trust,
  ): Promise<EncodedPayload | ObjectPlace> {
    const { task, objects, inlineBytes } = this.#options;
    if (payload.bytes.length <= Math.min(inlineBytes, MAX_ROW_BYTES - HEAD_ROOM_BYTES)) return payload;
    const name = payloadNameOf(task, n, writer);
    await this.#repeat(trust, () => objects.put(name, payload.bytes));
    return { kind: 'object', name, parts: payload.parts };
  }

  async #put(row: LogRow, trust: Trust): Promise<void> {
    const { table } = this.#options;
    const answer = await this.#repeat(trust, () => table.put(this.#log, row));
    if (answer === 'taken') {
      const [there] = await table.rows(this.#log, row.n, 1);
      if (there?.n !== row.n || there.writer !== row.writer) {
        throw new FencedError(`${this.#log}: ${there?.writer ?? 'somebody'} has written row ${row.n}`);
      }
    }
    trust.renew();
  }

  /** Does it again, the very same, while the answer is missing or the service says later. */
  async #repeat<T>(trust: Trust, ask: () => Promise<T>): Promise<T> {
    for (let put = 1; ; put++) {
      trust.check();
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        if (put < MAX_PUTS) await this.#wait(FIRST_WAIT_MS * 2 ** (put - 1));
        else if (error instanceof UnansweredError) throw unknown(this.#log, error);
        else throw error;
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }
}

function unknown(log: string, cause: unknown): RetryableError {
  return new RetryableError(`${log}: no answer says whether the row was written; the log will tell`, { cause });
}
