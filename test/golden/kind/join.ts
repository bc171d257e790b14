import { createOperator } from '../../../core/operator/create-operator.ts';
import type { CoGroupDescriptor, OperatorDescriptor } from '../../../core/operator/descriptor.ts';
import type { Operator, OperatorContext } from '../../../core/operator/operator.ts';
import type {
  KeyedBroadcastProcessFunction,
  KeyedContext,
  KeyedCoProcessFunction,
  TimerContext,
} from '../../../core/operator/process-function.ts';
import { state } from '../../../core/state/state.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../../core/time/timestamp.ts';
import { WatermarkValve } from '../../../core/time/watermark-valve.ts';
import type { WindowAssigner } from '../../../core/window/window-assigner.ts';
import { newHarness } from '../../restore-mode.ts';

/** Two inputs joined; streams.md says what each kind of join does. */
export type JoinCase = {
  readonly kind: 'join';
  readonly name: string;
  readonly outOfOrdernessMs?: number;
  readonly join: Join;
  readonly left: readonly Event[];
  readonly right: readonly Event[];
  readonly result?: { readonly rows: readonly Row[] };
  readonly error?: string;
};

type Join =
  | {
      readonly kind: 'interval';
      readonly lowerMs: number;
      readonly upperMs: number;
      readonly lowerExclusive?: boolean;
      readonly upperExclusive?: boolean;
    }
  | { readonly kind: 'window' | 'co-group'; readonly window: GoldenWindow }
  | { readonly kind: 'connect'; readonly everyMs: number }
  | { readonly kind: 'broadcast' };

type GoldenWindow =
  | { readonly kind: 'tumbling'; readonly sizeMs: number; readonly offsetMs?: number }
  | { readonly kind: 'sliding'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs?: number }
  | { readonly kind: 'session'; readonly gapMs: number }
  | { readonly kind: 'session-by-value' };

type Event = readonly [timestamp: Timestamp, key: string, value: number];
type Row = readonly unknown[];

const byName = { of: ([, key]: Event) => key, columns: ['key'] };

/** How the inputs may interleave: no record is late, so the result must not depend on it. */
export const INTERLEAVINGS = ['left first', 'right first', 'in turn'] as const;
export type Interleaving = (typeof INTERLEAVINGS)[number];

/** The rows of a case, comparable with those of {@link expectedOfJoin}. */
export function runJoin(golden: JoinCase, interleaving: Interleaving = 'in turn'): unknown {
  const harness = newHarness<Row>({ create: (context) => operatorOf(golden.join, context) });
  const valve = new WatermarkValve(2, { watermark: (at) => harness.watermark(at), idle: () => {} });
  const feeds = [golden.left, golden.right].map((events, port) => ({ events, port, place: 0, largest: -Infinity }));
  const step = (port: number): void => {
    const feed = feeds[port];
    const event = feed?.events[feed.place++];
    if (feed === undefined || event === undefined) return;
    harness.record(event, event[0], port);
    if (event[0] > feed.largest) {
      feed.largest = event[0];
      valve.watermark(port, event[0] - (golden.outOfOrdernessMs ?? 0) - 1);
    }
    if (feed.place === feed.events.length) valve.watermark(port, MAX_TIMESTAMP);
  };
  for (const port of turns(golden, interleaving)) step(port);
  for (const { port, events } of feeds) if (events.length === 0) valve.watermark(port, MAX_TIMESTAMP);
  harness.finish();
  const timed = golden.join.kind === 'window' || golden.join.kind === 'co-group';
  const rows = harness.output.map(({ value, timestamp }) => {
    if (golden.join.kind === 'interval') return [...value, timestamp];
    return timed ? value.toSpliced(1, 0, timestamp) : value;
  });
  return comparable(golden, rows);
}

export function expectedOfJoin(golden: JoinCase): unknown {
  return comparable(golden, golden.result?.rows ?? []);
}

function turns({ left, right }: JoinCase, interleaving: Interleaving): readonly number[] {
  const lefts = left.map(() => 0);
  const rights = right.map(() => 1);
  if (interleaving === 'left first') return [...lefts, ...rights];
  if (interleaving === 'right first') return [...rights, ...lefts];
  return Array.from({ length: Math.max(left.length, right.length) }, () => [0, 1]).flat();
}

function comparable({ join }: JoinCase, rows: readonly Row[]): unknown {
  if (join.kind === 'interval') return rows.map((row) => JSON.stringify(row)).sort();
  const grouped = Object.groupBy(rows, ([key]) => String(key));
  const session = 'window' in join && join.window.kind.startsWith('session');
  if (!session) return { ...grouped };
  return Object.fromEntries(Object.entries(grouped).map(([key, group]) => [key, inSessions(join.kind, group ?? [])]));
}

/** What a session holds is a set: rows of a window join by window, lists of a coGroup by value. */
function inSessions(kind: Join['kind'], rows: readonly Row[]): unknown {
  if (kind === 'co-group') {
    return rows.map((row) => row.map((part) => (Array.isArray(part) ? [...part].sort((a, b) => a - b) : part)));
  }
  const windows = [...new Set(rows.map(([, end]) => end))];
  return windows.map((end) =>
    rows
      .filter((row) => row[1] === end)
      .map((row) => JSON.stringify(row))
      .sort(),
  );
}

function operatorOf(join: Join, context: OperatorContext): Operator {
  return createOperator(descriptorOf(join), context);
}

function descriptorOf(join: Join): OperatorDescriptor {
  switch (join.kind) {
    case 'interval':
      return {
        kind: 'intervalJoin',
        keys: [byName, byName],
        lowerMs: join.lowerMs,
        upperMs: join.upperMs,
        lowerInclusive: !join.lowerExclusive,
        upperInclusive: !join.upperExclusive,
        join: (left: Event, right: Event, { key }) => [key, left[2], right[2]],
      };
    case 'window':
      return coGroup(join.window, (left, right, { key, emit }) => {
        for (const one of left) for (const other of right) emit([key, one[2], other[2]]);
      });
    case 'co-group':
      return coGroup(join.window, (left, right, { key, emit }) =>
        emit([key, left.map(([, , value]) => value), right.map(([, , value]) => value)]),
      );
    case 'connect':
      return { kind: 'keyedCoProcess', keys: [byName, byName], create: () => new Connected(join.everyMs) };
    case 'broadcast':
      return { kind: 'keyedBroadcastProcess', key: byName, create: () => new Ruled() };
  }
}

function coGroup(window: GoldenWindow, group: CoGroupDescriptor['coGroup']): CoGroupDescriptor {
  return {
    kind: 'coGroup',
    keys: [byName, byName],
    assigner: assignerOf(window),
    allowedLatenessMs: 0,
    coGroup: group,
  };
}

function assignerOf(window: GoldenWindow): WindowAssigner<Event> {
  switch (window.kind) {
    case 'tumbling':
      return { kind: 'tumbling', sizeMs: window.sizeMs, offsetMs: window.offsetMs ?? 0, time: 'event' };
    case 'sliding':
      return {
        kind: 'sliding',
        sizeMs: window.sizeMs,
        slideMs: window.slideMs,
        offsetMs: window.offsetMs ?? 0,
        time: 'event',
      };
    case 'session':
      return { kind: 'session', gapMs: window.gapMs, time: 'event' };
    case 'session-by-value':
      return { kind: 'session', gapMs: ([, , value]) => (Math.abs(value) % 10) * 100, time: 'event' };
  }
}

type Seen = readonly [timestamp: Timestamp, value: number];

class Connected implements KeyedCoProcessFunction<string, Event, Event, Row> {
  readonly #left = state.list<Seen>('left');
  readonly #right = state.list<Seen>('right');
  readonly #everyMs: number;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  processLeft([timestamp, , value]: Event, context: KeyedContext<string, Row>): void {
    this.#left.add([timestamp, value]);
    this.#setTimer(timestamp, context);
  }

  processRight([timestamp, , value]: Event, context: KeyedContext<string, Row>): void {
    this.#right.add([timestamp, value]);
    this.#setTimer(timestamp, context);
  }

  onTimer(at: Timestamp, { key, emit }: TimerContext<string, Row>): void {
    const before = (seen: readonly Seen[]) => seen.filter(([timestamp]) => timestamp < at).map(([, value]) => value);
    const left = before(this.#left.get());
    const right = before(this.#right.get());
    const sum = left.reduce((total, value) => total + value, 0);
    emit([key, at, sum, left.length, right.length === 0 ? null : Math.max(...right)]);
  }

  #setTimer(timestamp: Timestamp, { timers }: KeyedContext<string, Row>): void {
    timers.eventTime((Math.floor(timestamp / this.#everyMs) + 1) * this.#everyMs);
  }
}

class Ruled implements KeyedBroadcastProcessFunction<string, Event, Event, Row> {
  readonly #waiting = state.list<Seen>('waiting');
  readonly #rules = state.broadcast<string, readonly Seen[]>('rules');

  process([timestamp, , value]: Event, { timers }: KeyedContext<string, Row>): void {
    this.#waiting.add([timestamp, value]);
    timers.eventTime(timestamp);
  }

  processBroadcast([timestamp, rule, value]: Event): void {
    this.#rules.set(rule, [...(this.#rules.get(rule) ?? []), [timestamp, value]]);
  }

  onTimer(at: Timestamp, { key, emit }: TimerContext<string, Row>): void {
    const inForce: [string, number][] = [];
    for (const [rule, settings] of this.#rules.entries()) {
      let last: Seen | undefined;
      for (const setting of settings)
        if (setting[0] <= at && (last === undefined || setting[0] >= last[0])) last = setting;
      if (last !== undefined) inForce.push([rule, last[1]]);
    }
    inForce.sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [timestamp, value] of this.#waiting.get()) if (timestamp === at) emit([key, at, value, inForce]);
  }
}
