import type { Clock } from '../port/clock.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { refusal } from './state-scope.ts';
import type { Cell } from './state-table.ts';

/**
 * How long a state lives (Flink: StateTtlConfig), in processing time: a value expires `time` after it was written, at
 * `written + time` exactly. Lists and maps expire entry by entry.
 *
 * What is expired is dropped when it is met, when a snapshot is taken, and little by little: each access of a state looks
 * at {@link CLEAN_UP_PER_ACCESS} cells of other keys.
 */
export type TimeToLive =
  | Duration
  | {
      readonly time: Duration;
      /** `onCreateAndWrite` unless said; `onReadAndWrite`: reading keeps it alive too. */
      readonly update?: 'onCreateAndWrite' | 'onReadAndWrite';
      /** `neverReturnExpired` unless said; the other gives a value that has expired until it is dropped. */
      readonly visibility?: 'neverReturnExpired' | 'returnExpiredIfNotCleanedUp';
    };

/** A bound on the cost of an access; two see every cell in half as many accesses as there are cells. */
export const CLEAN_UP_PER_ACCESS = 2;

/** A value and when it was last touched. */
export type Timed<T> = { readonly value: T; readonly at: Timestamp };

/** The rules of one state's life. */
export class Expiry {
  readonly timeMs: number;
  readonly refreshOnRead: boolean;
  readonly showExpired: boolean;

  constructor(name: string, ttl: TimeToLive) {
    const { time, update, visibility } = typeof ttl === 'object' ? ttl : { time: ttl };
    this.timeMs = durationMs(time, `state.${name}.ttl`);
    if (this.timeMs <= 0) throw refusal(name, `a time to live must be above 0; it is ${JSON.stringify(time)}`);
    this.refreshOnRead = update === 'onReadAndWrite';
    this.showExpired = visibility === 'returnExpiredIfNotCleanedUp';
  }

  expired(timed: Timed<unknown>, now: Timestamp): boolean {
    return timed.at + this.timeMs <= now;
  }
}

/** Walks a table's cells a few at a time, again and again. Cells may come and go meanwhile. */
export class CleanUp<V> {
  readonly #cells: () => Iterable<Cell<V>>;
  readonly #visit: (cell: Cell<V>) => void;
  #place: Iterator<Cell<V>> | undefined;

  constructor(cells: () => Iterable<Cell<V>>, visit: (cell: Cell<V>) => void) {
    this.#cells = cells;
    this.#visit = visit;
  }

  step(): void {
    this.#place ??= this.#cells()[Symbol.iterator]();
    for (let i = 0; i < CLEAN_UP_PER_ACCESS; i++) {
      const next = this.#place.next();
      if (next.done) {
        this.#place = undefined;
        return;
      }
      this.#visit(next.value);
    }
  }
}

/**
 * How a value with its time is written. A reader takes either form, so a state may get or lose its time to live in a
 * later version of the job; what was written without a time lives from the restore on.
 */
type Written = { readonly '~at': Timestamp; readonly value: unknown };

export function writeTimed<T>({ value, at }: Timed<T>, write: (value: T) => unknown): Written {
  return { '~at': at, value: write(value) };
}

export function readTimed<T>(plain: unknown, read: (plain: unknown) => T, clock: Clock): Timed<T> {
  return isWritten(plain) ? { value: read(plain.value), at: plain['~at'] } : { value: read(plain), at: clock.now() };
}

/** What was written, without its time. */
export function readUntimed<T>(plain: unknown, read: (plain: unknown) => T): T {
  return read(isWritten(plain) ? plain.value : plain);
}

function isWritten(plain: unknown): plain is Written {
  return typeof plain === 'object' && plain !== null && '~at' in plain;
}
