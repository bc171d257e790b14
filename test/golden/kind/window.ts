import type { WindowComputation, WindowDescriptor } from '../../../core/operator/descriptor.ts';
import { createWindowOperator } from '../../../core/operator/window/create-window-operator.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../../core/time/timestamp.ts';
import { countWindow, endOfStream, globalWindow, session, sliding, tumbling } from '../../../core/window/assigner.ts';
import type { Evictor } from '../../../core/window/evictor.ts';
import { evictor } from '../../../core/window/evictors.ts';
import type { AnyTrigger } from '../../../core/window/trigger.ts';
import { trigger } from '../../../core/window/triggers.ts';
import { maxTimestamp } from '../../../core/window/window.ts';
import type { WindowContext } from '../../../core/window/window-function.ts';
import { newHarness } from '../../restore-mode.ts';

/** One input through a window, perhaps a second window over the results; streams.md says what each word does. */
export type WindowCase = {
  readonly kind: 'window';
  readonly name: string;
  readonly window: GoldenWindow;
  readonly keyed?: boolean;
  readonly trigger?: GoldenTrigger;
  readonly evictor?: {
    readonly kind: 'count' | 'time' | 'delta';
    readonly count?: number;
    readonly keepMs?: number;
    readonly threshold?: number;
    readonly after?: boolean;
  };
  readonly allowedLatenessMs?: number;
  readonly outOfOrdernessMs?: number;
  readonly function?: 'list' | 'sum' | 'max' | 'firings';
  readonly then?: Omit<WindowCase, 'kind' | 'name' | 'events'>;
  readonly events?: readonly Event[];
  readonly result?: {
    readonly fired: readonly Fired[];
    readonly late: readonly Event[];
    readonly then?: { readonly fired: readonly Fired[]; readonly late: readonly Event[] };
    readonly ties?: readonly (readonly number[])[];
    readonly unordered?: boolean;
  };
  readonly error?: string;
};

type GoldenWindow =
  | { readonly kind: 'tumbling'; readonly sizeMs: number; readonly offsetMs?: number }
  | { readonly kind: 'sliding'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs?: number }
  | { readonly kind: 'session'; readonly gapMs: number }
  | { readonly kind: 'session-by-value' | 'global' | 'global-end-of-stream' }
  | { readonly kind: 'count'; readonly size: number; readonly slide?: number };

type GoldenTrigger =
  | { readonly kind: 'event-time' }
  | { readonly kind: 'count' | 'count-or-end'; readonly count: number }
  | { readonly kind: 'continuous-event-time'; readonly intervalMs: number }
  | { readonly kind: 'delta'; readonly threshold: number }
  | { readonly kind: 'purging'; readonly of: GoldenTrigger };

type Event = readonly [timestamp: Timestamp, key: string, value: number];
type Fired = readonly [key: string | null, start: Timestamp | null, end: Timestamp | null, values: readonly number[]];

function assignerOf(window: GoldenWindow): WindowDescriptor['assigner'] {
  switch (window.kind) {
    case 'tumbling':
      return tumbling(window.sizeMs, { offset: window.offsetMs ?? 0 });
    case 'sliding':
      return sliding(window.sizeMs, window.slideMs, { offset: window.offsetMs ?? 0 });
    case 'session':
      return session(window.gapMs);
    case 'session-by-value':
      return session(([, , value]: Event) => 1 + (Math.abs(value) % 10) * 100);
    case 'global':
      return globalWindow();
    case 'global-end-of-stream':
      return endOfStream();
    case 'count':
      return countWindow(window.size, window.slide);
  }
}

/** A trigger that a user might write: at every count-th element, and at the window's end. */
function countOrEnd(size: number): AnyTrigger {
  const end = trigger.eventTime();
  return {
    name: 'countOrEnd',
    create: () => ({ count: 0 }),
    onElement(_value, _timestamp, window, context) {
      if (maxTimestamp(window) <= context.watermark) return 'fire';
      context.setEventTimer(maxTimestamp(window));
      context.state.count++;
      if (context.state.count < size) return 'continue';
      context.state.count = 0;
      return 'fire';
    },
    onEventTime: end.onEventTime,
    onProcessingTime: () => 'continue',
    merge(merged, window, context) {
      for (const one of merged) context.state.count += one.count;
      end.merge?.([], window, context);
    },
    clear: (window, context) => end.clear?.(window, context),
  };
}

function triggerOf(golden: GoldenTrigger): AnyTrigger {
  switch (golden.kind) {
    case 'event-time':
      return trigger.eventTime();
    case 'count':
      return trigger.count(golden.count);
    case 'count-or-end':
      return countOrEnd(golden.count);
    case 'continuous-event-time':
      return trigger.continuousEventTime(golden.intervalMs);
    case 'delta':
      return trigger.delta<Event>(golden.threshold, ([, , from], [, , to]) => Math.abs(to - from));
    case 'purging':
      return trigger.purging(triggerOf(golden.of));
  }
}

function evictorOf({
  kind,
  count = 0,
  keepMs = 0,
  threshold = 0,
  after = false,
}: NonNullable<WindowCase['evictor']>): Evictor<Event> {
  switch (kind) {
    case 'count':
      return evictor.count(count, { after }) as Evictor<Event>;
    case 'time':
      return evictor.time(keepMs, { after }) as Evictor<Event>;
    case 'delta':
      return evictor.delta<Event>(threshold, ([, , from], [, , to]) => Math.abs(to - from), { after });
  }
}

function computationOf(golden: WindowCase['function']): WindowComputation {
  const fired = (values: readonly number[], context: WindowContext): Fired => {
    const { start, end } = context.window;
    const all = end === MAX_TIMESTAMP;
    return [(context.key ?? null) as string | null, all ? null : start, all ? null : end, values];
  };
  switch (golden) {
    case 'sum':
      return {
        kind: 'aggregate',
        aggregate: {
          create: () => 0,
          add: (sum: number, [, , value]: Event) => sum + value,
          result: (sum: number) => sum,
          merge: (a: number, b: number) => a + b,
        },
        result: (sum: number, context) => fired([sum], context),
      };
    case 'max':
      return {
        kind: 'reduce',
        reduce: (a: Event, b: Event) => (b[2] > a[2] ? b : a),
        result: ([, , value]: Event, context) => fired([value], context),
      };
    case 'firings':
      return {
        kind: 'process',
        create: () => ({
          process(_elements, context) {
            const ofWindow = context.windowState<{ n?: number }>();
            const ofKey = context.globalState<{ n?: number }>();
            ofWindow.n = (ofWindow.n ?? 0) + 1;
            ofKey.n = (ofKey.n ?? 0) + 1;
            context.emit(fired([ofWindow.n, ofKey.n], context));
          },
        }),
      };
    default:
      return {
        kind: 'process',
        create: () => ({
          process: (elements: readonly Event[], context) =>
            context.emit(
              fired(
                elements.map(([, , value]) => value),
                context,
              ),
            ),
        }),
      };
  }
}

function descriptorOf(golden: Omit<WindowCase, 'kind' | 'name'>): WindowDescriptor {
  return {
    kind: 'window',
    ...(golden.keyed !== false && { key: { of: ([, key]: Event) => key, columns: ['key'] } }),
    assigner: assignerOf(golden.window),
    ...(golden.trigger !== undefined && { trigger: triggerOf(golden.trigger) }),
    ...(golden.evictor !== undefined && { evictor: evictorOf(golden.evictor) as Evictor }),
    allowedLatenessMs: golden.allowedLatenessMs ?? 0,
    computation: computationOf(golden.function),
  };
}

type Harness = ReturnType<typeof newHarness<Fired>>;

function harnessOf(golden: Omit<WindowCase, 'kind' | 'name'>): Harness {
  return newHarness<Fired>({ create: (context) => createWindowOperator(descriptorOf(golden), context) });
}

/** Records and watermarks that the first window sent on become the input of the second. */
function runSecond(first: Harness, golden: Omit<WindowCase, 'kind' | 'name'>): readonly Fired[] {
  const second = harnessOf(golden);
  for (const event of first.events) {
    if (event.kind === 'watermark') second.watermark(event.at);
    else if (event.kind === 'record')
      second.record([event.timestamp, event.value[0], event.value[3][0]], event.timestamp);
  }
  return second.output.map(({ value }) => value);
}

/** What a case gives; throws where it is refused. Comparable with {@link expectedOfWindow}. */
export function runWindow(golden: WindowCase): unknown {
  const harness = harnessOf(golden);
  let largest = Number.NEGATIVE_INFINITY;
  for (const event of golden.events ?? []) {
    const [timestamp] = event;
    harness.record(event, timestamp);
    if (timestamp <= largest) continue;
    largest = timestamp;
    harness.watermark(largest - (golden.outOfOrdernessMs ?? 0) - 1);
  }
  harness.watermark(MAX_TIMESTAMP);
  harness.finish();
  const fired = harness.output.map(({ value }) => value);
  const late = harness.sideOutput('late').map(({ value }) => value as Event);
  const then = golden.then === undefined ? undefined : runSecond(harness, golden.then);
  return comparable(golden, fired, late, then);
}

export function expectedOfWindow(golden: WindowCase): unknown {
  const { fired = [], late = [], then } = golden.result ?? {};
  return comparable(golden, fired, late, then?.fired);
}

/** Order counts per key only; in a group of ties, and of values where Flink does not say it, not at all. */
function comparable(
  golden: WindowCase,
  fired: readonly Fired[],
  late: readonly Event[],
  then: readonly Fired[] | undefined,
): unknown {
  const values = (one: Fired): Fired =>
    golden.result?.unordered ? [one[0], one[1], one[2], [...one[3]].sort((a, b) => a - b)] : one;
  const firedByKey = byKey(fired.map(values), ([key]) => key);
  for (const { key, places } of tiesOf(golden)) {
    const rows = firedByKey.get(key) ?? [];
    const sorted = places
      .flatMap((place) => (rows[place] === undefined ? [] : [rows[place]]))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    sorted.forEach((row, i) => {
      rows[places[i] as number] = row;
    });
  }
  return {
    fired: sortedByKey(firedByKey),
    late: sortedByKey(byKey(late, ([, key]) => key)),
    ...(then !== undefined && { second: sortedByKey(byKey(then, ([key]) => key)) }),
  };
}

/** Groups of ties as places among the rows of their key. */
function tiesOf({
  result,
}: WindowCase): readonly { readonly key: string | null; readonly places: readonly number[] }[] {
  const fired = result?.fired ?? [];
  const placeInKey = fired.map(([key], place) => fired.slice(0, place).filter(([other]) => other === key).length);
  return (result?.ties ?? []).map((group) => ({
    key: fired[group[0] ?? 0]?.[0] ?? null,
    places: group.map((place) => placeInKey[place] ?? 0),
  }));
}

function byKey<R>(rows: readonly R[], keyOf: (row: R) => string | null): Map<string | null, R[]> {
  const keys = new Map<string | null, R[]>();
  for (const row of rows) {
    const list = keys.get(keyOf(row));
    if (list === undefined) keys.set(keyOf(row), [row]);
    else list.push(row);
  }
  return keys;
}

function sortedByKey<R>(keys: ReadonlyMap<string | null, readonly R[]>): unknown {
  return [...keys].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
