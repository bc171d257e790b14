import type { StateKey } from '../../codec/key.ts';
import type { StateTable } from '../../state/state-table.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';

/** What a key's panes add up to: from each pane up to the turn, earliest last; and from the turn on. */
type Sums = { readonly panes: Timestamp[]; readonly suffixes: unknown[]; front: unknown };

/**
 * What sliding windows hold, merged from their panes at a constant cost per key and slide, however many panes a window
 * has: the two stacks of Tangwongsan, Hirzel and Schneider, "Low-latency sliding-window aggregation in worst-case
 * constant time" (DEBS 2017, section 2), one pair per key.
 *
 * 1. Panes before `#turn` are summed from each of them up to the turn, those after it in one running sum; a window that
 *    starts behind the turn makes its end the next turn.
 * 2. Everything here follows from the panes: it is no state, and is made again after a restore.
 * 3. A record into a pane that is summed already makes its key's sums be made again when they are next wanted.
 */
export class SlidingMerge {
  readonly #table: StateTable<unknown>;
  readonly #mergeInto: (into: unknown, from: unknown) => unknown;
  readonly #paneMs: number;
  readonly #sums = new Map<StateKey, Sums>();
  readonly #stale = new Set<StateKey>();
  #turn: Timestamp = MIN_TIMESTAMP;
  /** Panes before this are summed. */
  #end: Timestamp = MIN_TIMESTAMP;

  constructor(table: StateTable<unknown>, mergeInto: (into: unknown, from: unknown) => unknown, paneMs: number) {
    this.#table = table;
    this.#mergeInto = mergeInto;
    this.#paneMs = paneMs;
  }

  /** Says that a key's pane has changed. */
  touched(key: StateKey, pane: Timestamp): void {
    if (pane < this.#end) this.#stale.add(key);
  }

  /** Gives each key's contents of the window from `start` to `end`; ends never go back. */
  each(start: Timestamp, end: Timestamp, give: (key: StateKey, contents: unknown) => void): void {
    if (start >= this.#turn) this.#turnAt(start, end);
    else {
      for (const key of this.#stale) this.#sumAgain(key, start);
      this.#advance(end);
    }
    this.#stale.clear();
    for (const [key, sums] of this.#sums) {
      const { panes, suffixes } = sums;
      while (panes.length > 0 && (panes[panes.length - 1] as Timestamp) < start) {
        panes.pop();
        suffixes.pop();
      }
      if (panes.length > 0) {
        const suffix = suffixes[suffixes.length - 1];
        give(key, sums.front === undefined ? suffix : this.#sumOf(suffix, sums.front));
      } else if (sums.front !== undefined) give(key, sums.front);
      else this.#sums.delete(key);
    }
  }

  #turnAt(start: Timestamp, end: Timestamp): void {
    this.#sums.clear();
    this.#turn = end;
    this.#end = end;
    for (let pane = end - this.#paneMs; pane >= start; pane -= this.#paneMs) {
      for (const { key, value } of this.#table.cellsIn(pane)) this.#push(this.#sumsOf(key), pane, value);
    }
  }

  #advance(end: Timestamp): void {
    for (; this.#end < end; this.#end += this.#paneMs) {
      for (const { key, value } of this.#table.cellsIn(this.#end)) {
        const sums = this.#sumsOf(key);
        sums.front = this.#mergeInto(sums.front, value);
      }
    }
  }

  #sumAgain(key: StateKey, start: Timestamp): void {
    this.#sums.delete(key);
    const sums = this.#sumsOf(key);
    for (let pane = this.#turn - this.#paneMs; pane >= start; pane -= this.#paneMs) {
      const cell = this.#table.cell(key, pane);
      if (cell !== undefined) this.#push(sums, pane, cell.value);
    }
    for (let pane = this.#turn; pane < this.#end; pane += this.#paneMs) {
      const cell = this.#table.cell(key, pane);
      if (cell !== undefined) sums.front = this.#mergeInto(sums.front, cell.value);
    }
  }

  #push({ panes, suffixes }: Sums, pane: Timestamp, value: unknown): void {
    const later = suffixes.length === 0 ? undefined : suffixes[suffixes.length - 1];
    panes.push(pane);
    suffixes.push(later === undefined ? value : this.#sumOf(value, later));
  }

  #sumOf(earlier: unknown, later: unknown): unknown {
    return this.#mergeInto(this.#mergeInto(undefined, earlier), later);
  }

  #sumsOf(key: StateKey): Sums {
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = { panes: [], suffixes: [], front: undefined };
      this.#sums.set(key, sums);
    }
    return sums;
  }
}
