import { type StateKey, stateKeyOf, userKeyOf } from '../../codec/key.ts';
import type { Cell, StateTable } from '../../state/state-table.ts';
import { NEVER } from '../../state/timer-queue.ts';
import { addMs, MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import { windowStart } from '../../window/assigner.ts';
import { LATE_OUTPUT, type WindowDescriptor } from '../descriptor.ts';
import type { KeySelector } from '../key-selector.ts';
import type { OperatorContext, RecordOutput } from '../operator.ts';
import { SingleInputOperator } from '../passing-operator.ts';
import type { Untyped } from '../untyped.ts';
import { needTimestamp } from '../user-call.ts';
import { isCombined } from './combiner.ts';
import { IncrementalWindow } from './incremental-window.ts';
import type { Panes } from './pane.ts';
import { SlidingMerge } from './sliding-merge.ts';

/**
 * Tumbling and sliding windows by panes (Li et al., "No pane, no gain", SIGMOD Record 34, 2005): time is cut into pieces
 * that no window divides; a record is folded into its pane once, and a window is merged from its panes when it fires.
 *
 * 1. A pane's keys lie together under its start, so no key has a timer: a window fires by walking its panes.
 * 2. `#nextEnd` is the end of the earliest window with data that has not fired; it is known from the panes and the watermark.
 * 3. A pane goes when the last window that holds it is past its lateness. A record within the lateness of windows that have
 *    fired fires each of them for its key at once, latest first.
 */
export class PaneWindowOperator extends SingleInputOperator {
  /** Where what a {@link Combiner} sends is taken. */
  readonly combined: RecordOutput = { record: (value) => this.#combined(value) };
  readonly #panes: Panes;
  readonly #table: StateTable<unknown>;
  readonly #key: KeySelector<Untyped> | undefined;
  readonly #incremental: IncrementalWindow;
  /** Of sliding windows. */
  readonly #merge: SlidingMerge | undefined;
  #now: Timestamp;
  #nextEnd: Timestamp = NEVER;
  #nextCleanup: Timestamp = NEVER;

  constructor(descriptor: WindowDescriptor, panes: Panes, context: OperatorContext) {
    super(context);
    const { computation, paneMs, sizeMs } = panes;
    this.#panes = panes;
    this.#key = descriptor.key;
    this.#table = context.state.table({ name: 'panes' });
    this.#incremental = new IncrementalWindow(descriptor, computation, context);
    if (paneMs < sizeMs) this.#merge = new SlidingMerge(this.#table, this.#incremental.mergeInto, paneMs);
    this.#now = context.watermark ?? MIN_TIMESTAMP;
    this.#incremental.firing.watermark = this.#now;
    this.#look();
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    try {
      const at = needTimestamp(timestamp);
      const { sizeMs, slideMs, offsetMs, paneMs, latenessMs } = this.#panes;
      const lastEnd = windowStart(at, offsetMs, slideMs) + sizeMs;
      if (lastEnd - 1 + latenessMs <= this.#now) {
        this.metrics.late++;
        this.context.side(LATE_OUTPUT).record(value, timestamp);
        return;
      }
      const key = this.#key === undefined ? '' : stateKeyOf(this.#key.of(value));
      const pane = paneMs === slideMs ? lastEnd - sizeMs : windowStart(at, offsetMs, paneMs);
      const cell = this.#table.cell(key, pane);
      this.#put(cell, key, pane, this.#incremental.fold(cell?.value, value, timestamp));
      this.#expect(pane, lastEnd);
      if (latenessMs > 0 && at <= this.#now) this.#fireAgain(key, at, lastEnd);
    } catch (error) {
      this.context.poison(error, value, timestamp);
    }
  }

  override watermark(at: Timestamp): void {
    if (at > this.#now) {
      this.#now = at;
      this.#incremental.firing.watermark = at;
      while (this.#nextEnd !== NEVER && this.#nextEnd - 1 <= at) {
        const end = this.#nextEnd;
        this.#fireAll(end - this.#panes.sizeMs, end);
        this.#look(end);
      }
      if (this.#nextCleanup <= at) this.#clean();
    }
    super.watermark(at);
  }

  /** What a combiner has folded of a pane, before any window of it has fired. */
  #combined(value: unknown): void {
    if (!isCombined(value)) {
      this.record((value as readonly [unknown, Timestamp])[0], (value as readonly [unknown, Timestamp])[1]);
      return;
    }
    const [key, pane, contents, records] = value;
    const { sizeMs, slideMs, offsetMs } = this.#panes;
    this.metrics.recordsIn += records;
    try {
      const cell = this.#table.cell(key, pane);
      this.#put(cell, key, pane, this.#incremental.mergeInto(cell?.value, contents));
      this.#expect(pane, windowStart(pane, offsetMs, slideMs) + sizeMs);
    } catch (error) {
      this.context.poison(error, { key: userKeyOf(key), contents }, pane);
    }
  }

  #put(cell: Cell<unknown> | undefined, key: StateKey, pane: Timestamp, contents: unknown): void {
    if (cell === undefined) this.#table.insert(key, pane, contents);
    else {
      cell.value = contents;
      this.#table.changed(cell);
    }
    this.#merge?.touched(key, pane);
  }

  /** Remembers when a pane with data fires first, and when it goes. */
  #expect(pane: Timestamp, lastEnd: Timestamp): void {
    const end = this.#firstEnd(pane, lastEnd);
    if (end < this.#nextEnd) this.#nextEnd = end;
    const cleanup = lastEnd - 1 + this.#panes.latenessMs;
    if (cleanup < this.#nextCleanup) this.#nextCleanup = cleanup;
  }

  /** The end of the first window that holds a pane and has not fired; NEVER where all have. */
  #firstEnd(pane: Timestamp, lastEnd: Timestamp, fired: Timestamp = this.#now + 1): Timestamp {
    const { sizeMs, slideMs, paneMs } = this.#panes;
    const earliest = lastEnd - Math.floor((lastEnd - pane - paneMs) / slideMs) * slideMs;
    const missed = fired < earliest ? 0 : Math.floor((fired - earliest) / slideMs) + 1;
    const end = earliest + missed * slideMs;
    return end <= lastEnd && sizeMs > 0 ? end : NEVER;
  }

  /** Finds the next window to fire after `fired`, and the next pane to go. */
  #look(fired: Timestamp = this.#now + 1): void {
    const { sizeMs, slideMs, offsetMs, latenessMs } = this.#panes;
    this.#nextEnd = NEVER;
    this.#nextCleanup = NEVER;
    for (const namespace of this.#table.namespaces()) {
      const pane = namespace as Timestamp;
      const lastEnd = windowStart(pane, offsetMs, slideMs) + sizeMs;
      this.#nextEnd = Math.min(this.#nextEnd, this.#firstEnd(pane, lastEnd, fired));
      this.#nextCleanup = Math.min(this.#nextCleanup, lastEnd - 1 + latenessMs);
    }
  }

  #clean(): void {
    const { sizeMs, slideMs, offsetMs, latenessMs } = this.#panes;
    for (const namespace of [...this.#table.namespaces()]) {
      const lastEnd = windowStart(namespace as Timestamp, offsetMs, slideMs) + sizeMs;
      if (lastEnd - 1 + latenessMs > this.#now) continue;
      this.#table.removeAll(namespace);
    }
    this.#incremental.firing.drop(addMs(this.#now, 1 - latenessMs));
    this.#look();
  }

  #fireAll(start: Timestamp, end: Timestamp): void {
    if (this.#merge !== undefined) {
      this.#merge.each(start, end, (key, contents) => this.#incremental.emit(key, start, end, contents));
      return;
    }
    for (const { key, value } of this.#table.cellsIn(start)) this.#incremental.emit(key, start, end, value);
  }

  /** Fires, for one key, the windows of a moment that have ended and are within their lateness. */
  #fireAgain(key: StateKey, at: Timestamp, lastEnd: Timestamp): void {
    const { sizeMs, slideMs, latenessMs } = this.#panes;
    for (let end = lastEnd; end > at && end - 1 + latenessMs > this.#now; end -= slideMs) {
      if (end - 1 <= this.#now) this.#fireOne(key, end - sizeMs, end);
    }
  }

  #fireOne(key: StateKey, start: Timestamp, end: Timestamp): void {
    const { paneMs } = this.#panes;
    let contents: unknown;
    for (let pane = start; pane < end; pane += paneMs) {
      const cell = this.#table.cell(key, pane);
      if (cell !== undefined) {
        contents = this.#merge === undefined ? cell.value : this.#incremental.mergeInto(contents, cell.value);
      }
    }
    this.#incremental.emit(key, start, end, contents);
  }
}
