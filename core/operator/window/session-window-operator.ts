import { stateKeyOf } from '../../codec/key.ts';
import { type Cell, type StateTable, VOID_NAMESPACE } from '../../state/state-table.ts';
import { NEVER, type TimerQueue } from '../../state/timer-queue.ts';
import { addMs, MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import type { WindowAssigner } from '../../window/window-assigner.ts';
import { LATE_OUTPUT, type WindowDescriptor } from '../descriptor.ts';
import type { KeySelector } from '../key-selector.ts';
import type { OperatorContext } from '../operator.ts';
import { SingleInputOperator } from '../passing-operator.ts';
import type { Untyped } from '../untyped.ts';
import { needTimestamp } from '../user-call.ts';
import { type IncrementalComputation, IncrementalWindow } from './incremental-window.ts';
import { gapOf } from './session-gap.ts';

type Sessions = Extract<WindowAssigner<Untyped>, { readonly kind: 'session' }>;
/**
 * A key's sessions, none touching another, and the time of its timer. Start and end of session i are bounds 2i and 2i + 1: a
 * record that looks for its session then touches one piece of memory, and not one for each.
 */
type Held = { timerAt: Timestamp; readonly bounds: Timestamp[]; readonly contents: unknown[] };

/** What a session operator needs to know of a window; undefined where it cannot do it. */
export function sessionsOf({
  assigner,
  trigger,
  evictor,
  computation,
}: WindowDescriptor): { readonly assigner: Sessions; readonly computation: IncrementalComputation } | undefined {
  if (assigner.kind !== 'session' || assigner.time !== 'event') return undefined;
  if (trigger !== undefined || evictor !== undefined || computation.kind === 'process') return undefined;
  if (computation.kind === 'aggregate' && computation.aggregate.merge === undefined) return undefined;
  return { assigner, computation };
}

/**
 * Session windows of event time with their own trigger, over what can be folded as it comes.
 *
 * 1. A key has one cell with all its sessions, and one timer, at or before the moment when the first of them fires or goes.
 *    A record that prolongs a session leaves the timer alone: when it comes too early it is set anew.
 * 2. A session fires when the watermark reaches its last millisecond, again with each record that it takes while late, and
 *    goes when its lateness is over.
 */
export class SessionWindowOperator extends SingleInputOperator {
  readonly #assigner: Sessions;
  readonly #latenessMs: number;
  readonly #key: KeySelector<Untyped> | undefined;
  readonly #table: StateTable<Held>;
  readonly #timers: TimerQueue;
  readonly #incremental: IncrementalWindow;
  #now: Timestamp;

  constructor(
    descriptor: WindowDescriptor,
    { assigner, computation }: NonNullable<ReturnType<typeof sessionsOf>>,
    context: OperatorContext,
  ) {
    super(context);
    this.#assigner = assigner;
    this.#latenessMs = descriptor.allowedLatenessMs;
    this.#key = descriptor.key;
    this.#table = context.state.table({ name: 'sessions of keys' });
    this.#timers = context.state.timers('sessions', 'event');
    this.#incremental = new IncrementalWindow(descriptor, computation, context);
    this.#now = context.watermark ?? MIN_TIMESTAMP;
    this.#incremental.firing.watermark = this.#now;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    try {
      const at = needTimestamp(timestamp);
      const key = this.#key === undefined ? '' : stateKeyOf(this.#key.of(value));
      const end = addMs(at, gapOf(this.#assigner.gapMs, value, timestamp));
      const cell = this.#table.cell(key, VOID_NAMESPACE);
      const touched = cell === undefined ? -1 : this.#merged(cell.value, at, end);
      if (touched === -1 && addMs(end - 1, this.#latenessMs) <= this.#now) {
        this.metrics.late++;
        this.context.side(LATE_OUTPUT).record(value, timestamp);
        return;
      }
      if (cell !== undefined) this.#table.changed(cell);
      const before = touched === -1 ? undefined : cell?.value.contents[touched];
      const contents = this.#incremental.fold(before, value, timestamp);
      const held = cell ?? this.#table.insert(key, VOID_NAMESPACE, { timerAt: NEVER, bounds: [], contents: [] });
      const place = touched === -1 ? held.value.contents.length : touched;
      held.value.contents[place] = contents;
      if (touched === -1) held.value.bounds.push(at, end);
      this.#changed(held, place);
    } catch (error) {
      this.context.poison(error, value, timestamp);
    }
  }

  override watermark(at: Timestamp): void {
    if (at > this.#now) {
      this.#now = at;
      this.#incremental.firing.watermark = at;
      for (let timer = this.#timers.poll(at); timer !== undefined; timer = this.#timers.poll(at)) {
        const cell = this.#table.cell(timer.key, VOID_NAMESPACE);
        if (cell !== undefined) this.#onTimer(cell, timer.at);
      }
    }
    super.watermark(at);
  }

  /** The place of the one session that those touching this time now are, prolonged by it; -1 where none touches it. */
  #merged(held: Held, start: Timestamp, end: Timestamp): number {
    const { bounds, contents } = held;
    let whole = -1;
    for (let place = 0; place < contents.length; place++) {
      const from = bounds[2 * place] as Timestamp;
      const to = bounds[2 * place + 1] as Timestamp;
      if (from > end || to < start) continue;
      if (whole === -1) whole = place;
      else {
        contents[whole] = this.#incremental.mergeInto(contents[whole], contents[place]);
        widen(bounds, whole, from, to);
        bounds.splice(2 * place, 2);
        contents.splice(place, 1);
        place--;
      }
    }
    if (whole !== -1) widen(bounds, whole, start, end);
    return whole;
  }

  /** A session has one more record: fires it where it is late, and sees to the timer. */
  #changed(held: Cell<Held>, place: number): void {
    const { bounds, contents } = held.value;
    const end = bounds[2 * place + 1] as Timestamp;
    if (end - 1 <= this.#now) {
      this.#incremental.emit(held.key, bounds[2 * place] as Timestamp, end, contents[place]);
    }
    const due = this.#dueOf(end, this.#now);
    if (due < held.value.timerAt) {
      if (held.value.timerAt !== NEVER) this.#timers.delete(held.value.timerAt, held.key, VOID_NAMESPACE);
      this.#timers.set(due, held.key, VOID_NAMESPACE);
      held.value.timerAt = due;
    }
  }

  #onTimer(cell: Cell<Held>, at: Timestamp): void {
    const { bounds, contents } = cell.value;
    this.#table.changed(cell);
    let next: Timestamp = NEVER;
    let kept = 0;
    for (let place = 0; place < contents.length; place++) {
      const start = bounds[2 * place] as Timestamp;
      const end = bounds[2 * place + 1] as Timestamp;
      if (end - 1 === at) this.#incremental.emit(cell.key, start, end, contents[place]);
      if (addMs(end - 1, this.#latenessMs) <= at) continue;
      bounds[2 * kept] = start;
      bounds[2 * kept + 1] = end;
      contents[kept++] = contents[place];
      next = Math.min(next, this.#dueOf(end, at));
    }
    bounds.length = 2 * kept;
    contents.length = kept;
    if (kept === 0) {
      this.#table.remove(cell);
      return;
    }
    cell.value.timerAt = next;
    this.#timers.set(next, cell.key, VOID_NAMESPACE);
  }

  /** When something is to be done with a session after `at`: it fires, or it goes. */
  #dueOf(end: Timestamp, at: Timestamp): Timestamp {
    return end - 1 > at ? end - 1 : addMs(end - 1, this.#latenessMs);
  }
}

function widen(bounds: Timestamp[], place: number, start: Timestamp, end: Timestamp): void {
  if (start < (bounds[2 * place] as Timestamp)) bounds[2 * place] = start;
  if (end > (bounds[2 * place + 1] as Timestamp)) bounds[2 * place + 1] = end;
}
