import { type StateKey, stateKeyOf, userKeyOf } from '../../codec/key.ts';
import { JobSpecError } from '../../error/error.ts';
import { type StateTable, VOID_NAMESPACE } from '../../state/state-table.ts';
import { NEVER } from '../../state/timer-queue.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import { windowStart } from '../../window/assigner.ts';
import type { Window } from '../../window/window.ts';
import type { WindowContext } from '../../window/window-function.ts';
import { LATE_OUTPUT, type WindowDescriptor } from '../descriptor.ts';
import type { KeySelector } from '../key-selector.ts';
import type { OperatorContext } from '../operator.ts';
import { SingleInputOperator } from '../passing-operator.ts';
import type { Untyped } from '../untyped.ts';
import { expectNothing, needTimestamp } from '../user-call.ts';

/** What a pane operator needs to know of a window. */
type Panes = {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly paneMs: number;
  readonly latenessMs: number;
};

/** Aligned windows of event time with their own trigger, over what can be folded as it comes (and, if sliding, merged). */
export function panesOf({
  assigner,
  trigger,
  evictor,
  computation,
  allowedLatenessMs,
}: WindowDescriptor): Panes | undefined {
  if (assigner.kind !== 'tumbling' && assigner.kind !== 'sliding') return undefined;
  if (assigner.time !== 'event' || trigger !== undefined || evictor !== undefined || computation.kind === 'process')
    return undefined;
  const { sizeMs, offsetMs } = assigner;
  if (assigner.kind === 'tumbling')
    return { sizeMs, slideMs: sizeMs, offsetMs, paneMs: sizeMs, latenessMs: allowedLatenessMs };
  const merges = computation.kind === 'reduce' || computation.aggregate.merge !== undefined;
  const { slideMs } = assigner;
  if (!merges || slideMs > sizeMs) return undefined;
  return { sizeMs, slideMs, offsetMs, paneMs: commonDivisor(sizeMs, slideMs), latenessMs: allowedLatenessMs };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

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
  readonly #panes: Panes;
  readonly #table: StateTable<unknown>;
  readonly #key: KeySelector<Untyped> | undefined;
  readonly #fold: (contents: unknown, value: unknown, timestamp: Timestamp) => unknown;
  readonly #copyInto: (into: unknown, from: unknown) => unknown;
  readonly #resultOf: (contents: unknown) => unknown;
  readonly #firing: PaneFiring;
  readonly #result: ((result: unknown, context: PaneFiring) => unknown) | undefined;
  #now: Timestamp;
  #nextEnd: Timestamp = NEVER;
  #nextCleanup: Timestamp = NEVER;

  constructor(descriptor: WindowDescriptor, panes: Panes, context: OperatorContext) {
    super(context);
    const { computation } = descriptor;
    this.#panes = panes;
    this.#key = descriptor.key;
    this.#table = context.state.table({ name: 'panes' });
    this.#firing = new PaneFiring(context);
    this.#now = context.watermark ?? MIN_TIMESTAMP;
    this.#firing.watermark = this.#now;
    if (computation.kind === 'aggregate') {
      const { aggregate } = computation;
      this.#fold = (contents, value, timestamp) =>
        aggregate.add(contents === undefined ? aggregate.create() : contents, value, timestamp);
      this.#copyInto = (into, from) => aggregate.merge?.(into === undefined ? aggregate.create() : into, from);
      this.#resultOf = (contents) => aggregate.result(contents);
    } else {
      const reduce = computation.kind === 'reduce' ? computation.reduce : () => undefined;
      this.#fold = (contents, value) => (contents === undefined ? value : reduce(contents, value));
      this.#copyInto = (into, from) => (into === undefined ? from : reduce(into, from));
      this.#resultOf = (contents) => contents;
    }
    this.#result = computation.kind === 'process' ? undefined : computation.result;
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
      this.#add(key, pane, value, timestamp);
      const end = this.#firstEnd(pane, lastEnd);
      if (end < this.#nextEnd) this.#nextEnd = end;
      const cleanup = lastEnd - 1 + latenessMs;
      if (cleanup < this.#nextCleanup) this.#nextCleanup = cleanup;
      if (latenessMs > 0 && lastEnd - slideMs - 1 <= this.#now + slideMs) this.#fireAgain(key, at, lastEnd);
    } catch (error) {
      this.context.poison(error, value, timestamp);
    }
  }

  override watermark(at: Timestamp): void {
    if (at > this.#now) {
      this.#now = at;
      this.#firing.watermark = at;
      while (this.#nextEnd !== NEVER && this.#nextEnd - 1 <= at) {
        const end = this.#nextEnd;
        this.#fireAll({ start: end - this.#panes.sizeMs, end });
        this.#look(end);
      }
      if (this.#nextCleanup <= at) this.#clean();
    }
    super.watermark(at);
  }

  #add(key: StateKey, pane: Timestamp, value: unknown, timestamp: Timestamp): void {
    const cell = this.#table.cell(key, pane);
    if (cell === undefined) {
      this.#table.insert(key, pane, this.#fold(undefined, value, timestamp));
      return;
    }
    cell.value = this.#fold(cell.value, value, timestamp);
    this.#table.changed(cell);
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
      for (const cell of this.#table.cellsIn(namespace)) this.#table.remove(cell);
    }
    this.#look();
  }

  #fireAll(window: Window): void {
    const { paneMs, sizeMs } = this.#panes;
    if (paneMs === sizeMs) {
      for (const { key, value } of this.#table.cellsIn(window.start)) this.#emit(key, window, value);
      return;
    }
    const merged = new Map<StateKey, unknown>();
    for (let pane = window.start; pane < window.end; pane += paneMs) {
      for (const { key, value } of this.#table.cellsIn(pane)) merged.set(key, this.#copyInto(merged.get(key), value));
    }
    for (const [key, contents] of merged) this.#emit(key, window, contents);
  }

  /** Fires, for one key, the windows of a moment that have ended and are within their lateness. */
  #fireAgain(key: StateKey, at: Timestamp, lastEnd: Timestamp): void {
    const { sizeMs, slideMs, latenessMs } = this.#panes;
    for (let end = lastEnd; end > at && end - 1 + latenessMs > this.#now; end -= slideMs) {
      if (end - 1 <= this.#now) this.#fireOne(key, { start: end - sizeMs, end });
    }
  }

  #fireOne(key: StateKey, window: Window): void {
    const { paneMs, sizeMs } = this.#panes;
    let contents: unknown;
    for (let pane = window.start; pane < window.end; pane += paneMs) {
      const cell = this.#table.cell(key, pane);
      if (cell !== undefined) contents = paneMs === sizeMs ? cell.value : this.#copyInto(contents, cell.value);
    }
    this.#emit(key, window, contents);
  }

  #emit(key: StateKey, window: Window, contents: unknown): void {
    const firing = this.#firing.at(this.#key === undefined ? undefined : userKeyOf(key), window);
    try {
      const result = this.#resultOf(contents);
      if (this.#result === undefined) {
        firing.emit(result);
        return;
      }
      const emitted = this.#result(result, firing);
      if (emitted instanceof Promise) expectNothing(emitted, this.context.uid, 'the result function');
      if (emitted !== undefined) firing.emit(emitted);
    } catch (error) {
      this.context.poison(error, { key: firing.key, window, contents }, firing.timestamp);
    }
  }
}

/** The user's view of the firing at hand. */
class PaneFiring implements WindowContext<Untyped, unknown> {
  readonly #context: OperatorContext;
  readonly #globals: StateTable<object>;
  key: Untyped;
  window: Window = { start: MIN_TIMESTAMP, end: MIN_TIMESTAMP };
  timestamp: Timestamp = MIN_TIMESTAMP;
  watermark: Timestamp = MIN_TIMESTAMP;
  readonly emit: (value: unknown) => void;
  readonly side: (tag: string, value: unknown) => void;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#globals = context.state.table({ name: 'state of keys' });
    this.emit = (value) => {
      context.metrics.recordsOut++;
      context.output.record(value, this.timestamp);
    };
    this.side = (tag, value) => context.side(tag).record(value, this.timestamp);
  }

  at(key: unknown, window: Window): this {
    this.key = key;
    this.window = window;
    this.timestamp = window.end - 1;
    return this;
  }

  get processingTime(): Timestamp {
    return this.#context.clock.now();
  }

  windowState<S extends object>(): S {
    throw new JobSpecError([
      {
        path: this.#context.uid,
        message: 'an incremental window has no state beside its result; use a full-window process function',
      },
    ]);
  }

  globalState<S extends object>(): S {
    const key = this.key === undefined ? '' : stateKeyOf(this.key);
    const cell = this.#globals.cell(key, VOID_NAMESPACE) ?? this.#globals.insert(key, VOID_NAMESPACE, {});
    this.#globals.changed(cell);
    return cell.value as S;
  }
}
