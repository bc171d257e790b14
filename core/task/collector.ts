import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import { InvariantError } from '../error/error.ts';
import type { Clock } from '../port/clock.ts';
import type { CommitTable, LogRow } from '../port/commit-table.ts';
import type { ObjectStore } from '../port/object-store.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * Removes what nothing reaches any more (P10): rows below the base of their log, and the objects that held their payloads.
 *
 * Once an hour the base of every log is noted, in a log of its own. A base that was noted a day ago has had all below it
 * unreachable for a day: no instance trusts its memory for that long, and no load is under way for that long. Age alone
 * deletes nothing: the rows of a task that stands still are old and alive, and its base does not move.
 *
 * 1. What is removed lies below a base that was noted at least {@link KEEP_MS} ago.
 * 2. The note that was carried out last stays, as it says where the next one begins. Carrying one out again changes nothing.
 */
export const KEEP_MS = 86_400_000;
export const NOTE_EVERY_MS = 3_600_000;

export type CollectorOptions = {
  readonly job: string;
  readonly incarnation: number;
  readonly table: CommitTable;
  readonly objects: ObjectStore;
  readonly clock: Clock;
};

/** The base of each log, by its name. */
export type Bases = ReadonlyMap<string, number>;

type Note = { readonly n: number; readonly at: Timestamp; readonly bases: Bases };

/** More notes than a day has hours are there only after an outage. */
const PAGE_NOTES = 100;

export class Collector {
  readonly #options: CollectorOptions;
  readonly #log: string;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#log = `${options.job}/${options.incarnation}/collection`;
  }

  /** Notes the bases if an hour has passed, and removes what is due. `writer`: an identity that no other attempt has. */
  async collect(bases: Bases, writer: string): Promise<void> {
    const { table, clock } = this.#options;
    const now = clock.now();
    const newest = await table.head(this.#log);
    if (newest !== undefined && noteOf(newest).at + NOTE_EVERY_MS > now) return;
    const n = (newest?.n ?? -1) + 1;
    // Taken: another coordinator has noted them just now.
    await table.put(this.#log, { n, writer, body: encodeValue([now, bases]) });
    await this.#carryOut(now);
  }

  async #carryOut(now: Timestamp): Promise<void> {
    const { table } = this.#options;
    const notes = (await table.rows(this.#log, 0, PAGE_NOTES)).map(noteOf);
    const due = notes.filter(({ at }) => at + KEEP_MS <= now);
    const [first, last] = [due[0], due.at(-1)];
    if (first === undefined || last === undefined) return;
    // The first note there is was carried out, unless it is the first that there ever was.
    const done: Bases = first.n === 0 ? new Map() : first.bases;
    for (const [log, base] of last.bases) await this.#remove(log, done.get(log) ?? 0, base);
    await table.delete(
      this.#log,
      due.slice(0, -1).map(({ n }) => n),
    );
  }

  async #remove(log: string, from: number, base: number): Promise<void> {
    if (from >= base) return;
    const { table, objects } = this.#options;
    for (const name of await objects.list(`payloads/${log}/`)) if (numberOf(name) < base) await objects.delete(name);
    await table.delete(
      log,
      Array.from({ length: base - from }, (_, i) => from + i),
    );
  }
}

function noteOf({ n, body }: LogRow): Note {
  const [at, bases] = decodeValue(body) as readonly [Timestamp, Bases];
  return { n, at, bases };
}

/** Of the commit whose payload it is: see task-name.ts. */
function numberOf(name: string): number {
  const n = Number.parseInt(name.slice(name.lastIndexOf('/') + 1), 10);
  if (Number.isNaN(n)) throw new InvariantError(`${name} is no payload of a commit`);
  return n;
}
