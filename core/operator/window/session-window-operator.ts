import { type StateKey, stateKeyOf } from '../../codec/key.ts';
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
type Session = { start: Timestamp; end: Timestamp; contents: unknown };
/** A key's sessions, none touching another, and the time of its timer. */
type Held = { timerAt: Timestamp; readonly sessions: Session[] };

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
      const touched = cell === undefined ? undefined : this.#merged(cell.value.sessions, at, end);
      if (touched === undefined && addMs(end - 1, this.#latenessMs) <= this.#now) {
        this.metrics.late++;
        this.context.side(LATE_OUTPUT).record(value, timestamp);
        return;
      }
      this.#add(key, cell, touched ?? { start: at, end, contents: undefined }, value, timestamp);
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

  /** The one session that those touching this time now are, prolonged by it; undefined where none touches it. */
  #merged(sessions: Session[], start: Timestamp, end: Timestamp): Session | undefined {
    let whole: Session | undefined;
    for (let place = 0; place < sessions.length; place++) {
      const session = sessions[place] as Session;
      if (session.start > end || session.end < start) continue;
      if (whole === undefined) whole = session;
      else {
        whole.contents = this.#incremental.mergeInto(whole.contents, session.contents);
        widen(whole, session.start, session.end);
        sessions.splice(place, 1);
        place--;
      }
    }
    if (whole !== undefined) widen(whole, start, end);
    return whole;
  }

  #add(key: StateKey, cell: Cell<Held> | undefined, session: Session, value: unknown, timestamp: Timestamp): void {
    const isNew = session.contents === undefined;
    session.contents = this.#incremental.fold(session.contents, value, timestamp);
    const held = cell ?? this.#table.insert(key, VOID_NAMESPACE, { timerAt: NEVER, sessions: [] });
    if (isNew) held.value.sessions.push(session);
    if (session.end - 1 <= this.#now) this.#incremental.emit(key, session.start, session.end, session.contents);
    const due = this.#dueOf(session, this.#now);
    if (due < held.value.timerAt) {
      if (held.value.timerAt !== NEVER) this.#timers.delete(held.value.timerAt, key, VOID_NAMESPACE);
      this.#timers.set(due, key, VOID_NAMESPACE);
      held.value.timerAt = due;
    }
    this.#table.changed(held);
  }

  #onTimer(cell: Cell<Held>, at: Timestamp): void {
    const { sessions } = cell.value;
    let next: Timestamp = NEVER;
    let kept = 0;
    for (const session of sessions) {
      if (session.end - 1 === at) this.#incremental.emit(cell.key, session.start, session.end, session.contents);
      if (addMs(session.end - 1, this.#latenessMs) <= at) continue;
      sessions[kept++] = session;
      next = Math.min(next, this.#dueOf(session, at));
    }
    sessions.length = kept;
    if (kept === 0) {
      this.#table.remove(cell);
      return;
    }
    cell.value.timerAt = next;
    this.#timers.set(next, cell.key, VOID_NAMESPACE);
    this.#table.changed(cell);
  }

  /** When something is to be done with a session after `at`: it fires, or it goes. */
  #dueOf({ end }: Session, at: Timestamp): Timestamp {
    return end - 1 > at ? end - 1 : addMs(end - 1, this.#latenessMs);
  }
}

function widen(session: Session, start: Timestamp, end: Timestamp): void {
  if (start < session.start) session.start = start;
  if (end > session.end) session.end = end;
}
