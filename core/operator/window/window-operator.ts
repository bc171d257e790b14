import { type StateKey, stateKeyOf, userKeyOf } from '../../codec/key.ts';
import { type Cell, type Namespace, type StateTable, VOID_NAMESPACE } from '../../state/state-table.ts';
import { NEVER, type TimerQueue } from '../../state/timer-queue.ts';
import { addMs, MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import { windowStart } from '../../window/assigner.ts';
import type { Timestamped } from '../../window/evictor.ts';
import type { AnyTrigger, TriggerResult } from '../../window/trigger.ts';
import { maxTimestamp, type Window } from '../../window/window.ts';
import type { WindowProcessFunction } from '../../window/window-function.ts';
import { LATE_OUTPUT, type WindowDescriptor } from '../descriptor.ts';
import type { OperatorContext } from '../operator.ts';
import { SingleInputOperator } from '../passing-operator.ts';
import type { Untyped } from '../untyped.ts';
import { expectNothing, needTimestamp } from '../user-call.ts';
import { ALL_KEYS, ALL_TIME, FiringContext, type Held, RunningTriggerContext } from './running-window.ts';
import { gapOf } from './session-gap.ts';
import { contentsOf, holdsElements, type WindowContents } from './window-contents.ts';
import { withDefaults } from './window-defaults.ts';

/**
 * Windows of every kind, with triggers, evictors, lateness and full-window functions (Flink: WindowOperator,
 * EvictingWindowOperator, MergingWindowSet).
 *
 * 1. A window of a key is one cell; a timer belongs to a window, by its start and end.
 * 2. A record is first given to its windows, sessions being merged before anything else is looked at; a window whose end
 *    plus lateness the watermark has passed takes none. A record that no window takes and that is late itself goes to the
 *    late output.
 * 3. When the end plus lateness has passed, the window, its trigger's memory and its state are gone.
 */
export class WindowOperator extends SingleInputOperator {
  readonly #descriptor: WindowDescriptor & { readonly trigger: AnyTrigger };
  readonly #windows: StateTable<Held>;
  /** Of sessions: the namespaces of the windows that a key has. */
  readonly #sessions: StateTable<Namespace[]>;
  readonly #globals: StateTable<object>;
  readonly #eventTimers: TimerQueue;
  readonly #processingTimers: TimerQueue;
  readonly #contents: WindowContents;
  readonly #function: WindowProcessFunction<Untyped, Untyped, unknown> | undefined;
  readonly #trigger: RunningTriggerContext;
  readonly #firing: FiringContext;
  readonly #isEventTime: boolean;
  #now: Timestamp;

  constructor(descriptor: WindowDescriptor, context: OperatorContext) {
    super(context);
    this.#descriptor = withDefaults(descriptor, context.uid);
    const { assigner, computation } = this.#descriptor;
    this.#contents = contentsOf(this.#descriptor, context.uid);
    this.#windows = context.state.table({ name: 'windows' });
    this.#sessions = context.state.table({ name: 'sessions' });
    this.#globals = context.state.table({ name: 'state of keys' });
    this.#eventTimers = context.state.timers('event timers', 'event');
    this.#processingTimers = context.state.timers('processing timers', 'processing');
    this.#function = computation.kind === 'process' ? computation.create() : undefined;
    this.#isEventTime = 'time' in assigner && assigner.time === 'event';
    this.#now = context.watermark ?? MIN_TIMESTAMP;
    this.#trigger = new RunningTriggerContext(this.#eventTimers, this.#processingTimers, () => context.clock.now());
    this.#trigger.watermark = this.#now;
    this.#firing = new FiringContext(context, this.#globals, assigner.kind === 'session');
    this.#firing.watermark = this.#now;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.metrics.recordsIn++;
    try {
      const { key: selector } = this.#descriptor;
      const key = selector === undefined ? ALL_KEYS : stateKeyOf(selector.of(value));
      const taken =
        this.#descriptor.assigner.kind === 'session'
          ? this.#addToSession(key, value, timestamp)
          : this.#addToWindows(key, value, timestamp);
      if (!taken && this.#isEventTime && addMs(timestamp, this.#descriptor.allowedLatenessMs) <= this.#now) {
        this.metrics.late++;
        this.context.side(LATE_OUTPUT).record(value, timestamp);
      }
    } catch (error) {
      this.context.poison(error, value, timestamp);
    }
  }

  override watermark(at: Timestamp): void {
    if (at > this.#now) {
      this.#now = at;
      this.#trigger.watermark = at;
      this.#firing.watermark = at;
      this.#fireTimers(this.#eventTimers, 'event', at);
    }
    super.watermark(at);
  }

  /** A timer of a millisecond comes when that is over: until then its window takes records (Flink: ProcessingTimeServiceUtil). */
  processingTime(now: Timestamp): void {
    this.#fireTimers(this.#processingTimers, 'processing', now - 1);
  }

  get nextProcessingTime(): Timestamp {
    return this.#processingTimers.size === 0 ? NEVER : addMs(this.#processingTimers.nextAt, 1);
  }

  #addToWindows(key: StateKey, value: unknown, timestamp: Timestamp): boolean {
    let taken = false;
    for (const window of this.#windowsOf(value, timestamp)) {
      if (this.#isLate(window)) continue;
      taken = true;
      const namespace = namespaceOf(window);
      const cell = this.#windows.cell(key, namespace) ?? this.#newWindow(key, namespace, window);
      this.#add(cell, value, timestamp);
    }
    return taken;
  }

  #addToSession(key: StateKey, value: unknown, timestamp: Timestamp): boolean {
    const [own] = this.#windowsOf(value, timestamp) as readonly [Window];
    const cell = this.#merge(key, own);
    if (this.#isLate(cell.value)) {
      this.#drop(cell);
      return false;
    }
    this.#add(cell, value, timestamp);
    return true;
  }

  /** The window that holds `own` and all sessions of the key that it touches, which are one from now on. */
  #merge(key: StateKey, own: Window): Cell<Held> {
    const list = this.#sessions.cell(key, VOID_NAMESPACE) ?? this.#sessions.insert(key, VOID_NAMESPACE, []);
    const touched = list.value.flatMap((namespace) => {
      const cell = this.#windows.cell(key, namespace);
      return cell !== undefined && cell.value.start <= own.end && own.start <= cell.value.end ? [cell] : [];
    });
    const whole = touched.reduce<Window>(
      (sum, { value }) => ({ start: Math.min(sum.start, value.start), end: Math.max(sum.end, value.end) }),
      own,
    );
    const only = touched[0];
    if (touched.length === 1 && only?.value.start === whole.start && only.value.end === whole.end) return only;
    const cell = this.#replace(key, touched, whole);
    list.value = [
      ...list.value.filter((namespace) => !touched.some((one) => one.namespace === namespace)),
      cell.namespace,
    ];
    this.#sessions.changed(list);
    if (touched.length > 0) this.#mergeTriggers(cell, touched);
    return cell;
  }

  #replace(key: StateKey, touched: readonly Cell<Held>[], whole: Window): Cell<Held> {
    let contents: unknown;
    for (const cell of touched) {
      contents = this.#contents.merge(contents, cell.value.contents);
      this.#windows.remove(cell);
    }
    const cell = this.#newWindow(key, namespaceOf(whole), whole);
    cell.value.contents = contents;
    this.#windows.changed(cell);
    return cell;
  }

  #mergeTriggers(cell: Cell<Held>, touched: readonly Cell<Held>[]): void {
    const { trigger } = this.#descriptor;
    const states = touched.map(({ value }) => value.trigger);
    trigger.merge?.(states, cell.value, this.#trigger.at(cell.key, cell.namespace, cell.value.trigger));
    for (const { key, namespace, value } of touched) {
      trigger.clear?.(value, this.#trigger.at(key, namespace, trigger.create()));
      this.#deleteCleanup(key, namespace, value);
    }
  }

  #newWindow(key: StateKey, namespace: Namespace, { start, end }: Window): Cell<Held> {
    return this.#windows.insert(key, namespace, {
      start,
      end,
      contents: undefined,
      trigger: this.#descriptor.trigger.create(),
    });
  }

  #add(cell: Cell<Held>, value: unknown, timestamp: Timestamp): void {
    const { trigger } = this.#descriptor;
    const held = cell.value;
    this.#windows.changed(cell);
    held.contents = this.#contents.add(held.contents, value, timestamp);
    const result = trigger.onElement(value, timestamp, held, this.#trigger.at(cell.key, cell.namespace, held.trigger));
    this.#act(cell, result);
    const at = this.#cleanupTime(held);
    if (at !== MAX_TIMESTAMP)
      (this.#isEventTime ? this.#eventTimers : this.#processingTimers).set(at, cell.key, cell.namespace);
  }

  #act(cell: Cell<Held>, result: TriggerResult): void {
    if ((result === 'fire' || result === 'fireAndPurge') && cell.value.contents !== undefined) this.#fire(cell);
    if (result === 'purge' || result === 'fireAndPurge') cell.value.contents = undefined;
  }

  #fire(cell: Cell<Held>): void {
    if (holdsElements(this.#descriptor)) this.#fireElements(cell);
    else this.#emit(cell, cell.value.contents);
  }

  #fireElements(cell: Cell<Held>): void {
    const { evictor } = this.#descriptor;
    const { value: held } = cell;
    const all = held.contents as readonly Timestamped<unknown>[];
    const before = evictor?.before?.(all, held) ?? all;
    this.#emit(cell, this.#inOrder(before));
    if (evictor === undefined) return;
    const kept = evictor.after?.(before, held) ?? before;
    held.contents = kept.length === 0 ? undefined : [...kept];
  }

  /** Flink sorts the keyed input of what emits only at the end. */
  #inOrder(elements: readonly Timestamped<unknown>[]): readonly Timestamped<unknown>[] {
    const { assigner, key, trigger } = this.#descriptor;
    if (
      assigner.kind !== 'global' ||
      assigner.fire !== 'endOfStream' ||
      key === undefined ||
      trigger.name !== 'endOfStream'
    )
      return elements;
    return [...elements].sort((a, b) => a.timestamp - b.timestamp);
  }

  /** Calls the user's function; what it throws goes to the dead letters with all that the window held. */
  #emit(cell: Cell<Held>, contents: unknown): void {
    const { computation } = this.#descriptor;
    const { firing, values } = this.#firingOf(cell, contents);
    try {
      if (computation.kind === 'process') {
        const returned: unknown = this.#function?.process(values, firing);
        if (returned !== undefined) expectNothing(returned, this.context.uid, 'process');
        return;
      }
      const result = this.#resultOf(contents, values);
      const emitted = computation.result === undefined ? result : computation.result(result, firing);
      if (emitted instanceof Promise) expectNothing(emitted, this.context.uid, 'the result function');
      if (computation.result === undefined || emitted !== undefined) firing.emit(emitted);
    } catch (error) {
      const held = holdsElements(this.#descriptor) ? values : contents;
      this.context.poison(error, { key: firing.key, window: { ...firing.window }, contents: held }, firing.timestamp);
    }
  }

  #resultOf(contents: unknown, values: readonly unknown[]): unknown {
    const { computation } = this.#descriptor;
    if (computation.kind === 'process') return values;
    const folded = holdsElements(this.#descriptor) ? this.#fold(contents as readonly Timestamped<unknown>[]) : contents;
    return computation.kind === 'aggregate' ? computation.aggregate.result(folded) : folded;
  }

  /** An evictor wants to see all records, so they are folded only now. */
  #fold(elements: readonly Timestamped<unknown>[]): unknown {
    const { computation } = this.#descriptor;
    if (computation.kind === 'reduce') return elements.map(({ value }) => value).reduce(computation.reduce);
    if (computation.kind !== 'aggregate') return elements;
    return elements.reduce(
      (sum, { value, timestamp }) => computation.aggregate.add(sum, value, timestamp),
      computation.aggregate.create(),
    );
  }

  #firingOf(cell: Cell<Held>, contents: unknown) {
    const values = holdsElements(this.#descriptor)
      ? (contents as readonly Timestamped<unknown>[]).map(({ value }) => value)
      : [];
    return { values, firing: this.#firing.at(cell, this.#descriptor.key === undefined) };
  }

  #fireTimers(timers: TimerQueue, domain: 'event' | 'processing', limit: Timestamp): void {
    for (let timer = timers.poll(limit); timer !== undefined; timer = timers.poll(limit)) {
      const cell = this.#windows.cell(timer.key, timer.namespace);
      if (cell !== undefined) this.#onTimer(cell, domain, timer.at);
    }
  }

  #onTimer(cell: Cell<Held>, domain: 'event' | 'processing', at: Timestamp): void {
    const { trigger } = this.#descriptor;
    const held = cell.value;
    const context = this.#trigger.at(cell.key, cell.namespace, held.trigger);
    this.#windows.changed(cell);
    this.#act(
      cell,
      domain === 'event' ? trigger.onEventTime(at, held, context) : trigger.onProcessingTime(at, held, context),
    );
    if (this.#isEventTime === (domain === 'event') && at === this.#cleanupTime(held)) this.#clear(cell);
  }

  #clear(cell: Cell<Held>): void {
    const held = cell.value;
    this.#descriptor.trigger.clear?.(held, this.#trigger.at(cell.key, cell.namespace, held.trigger));
    try {
      this.#function?.clear?.(this.#firing.at(cell, this.#descriptor.key === undefined));
    } catch (error) {
      this.context.poison(
        error,
        { key: userKeyOf(cell.key), window: { start: held.start, end: held.end } },
        held.end - 1,
      );
    }
    this.#drop(cell);
  }

  #drop(cell: Cell<Held>): void {
    this.#windows.remove(cell);
    const list = this.#sessions.cell(cell.key, VOID_NAMESPACE);
    if (list === undefined) return;
    list.value = list.value.filter((namespace) => namespace !== cell.namespace);
    if (list.value.length === 0) this.#sessions.remove(list);
    else this.#sessions.changed(list);
  }

  #deleteCleanup(key: StateKey, namespace: Namespace, window: Window): void {
    const at = this.#cleanupTime(window);
    if (at !== MAX_TIMESTAMP)
      (this.#isEventTime ? this.#eventTimers : this.#processingTimers).delete(at, key, namespace);
  }

  #isLate(window: Window): boolean {
    return this.#isEventTime && this.#cleanupTime(window) <= this.#now;
  }

  #cleanupTime(window: Window): Timestamp {
    return this.#isEventTime ? addMs(maxTimestamp(window), this.#descriptor.allowedLatenessMs) : maxTimestamp(window);
  }

  /** The windows of a record, latest start first, as Flink assigns them. */
  #windowsOf(value: unknown, timestamp: Timestamp): readonly Window[] {
    const { assigner } = this.#descriptor;
    if (assigner.kind === 'global' || assigner.kind === 'count') return [ALL_TIME];
    const at = assigner.time === 'event' ? needTimestamp(timestamp) : this.context.clock.now();
    if (assigner.kind === 'session') return [{ start: at, end: at + gapOf(assigner.gapMs, value, timestamp) }];
    const slideMs = assigner.kind === 'sliding' ? assigner.slideMs : assigner.sizeMs;
    const windows: Window[] = [];
    for (let start = windowStart(at, assigner.offsetMs, slideMs); start > at - assigner.sizeMs; start -= slideMs) {
      windows.push({ start, end: start + assigner.sizeMs });
    }
    return windows;
  }
}

function namespaceOf({ start, end }: Window): Namespace {
  return end === MAX_TIMESTAMP ? 'all' : `${start}/${end}`;
}
