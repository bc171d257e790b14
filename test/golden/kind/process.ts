import { KeyedProcessOperator } from '../../../core/operator/keyed-process.ts';
import type { KeyedContext, KeyedProcessFunction, TimerContext } from '../../../core/operator/process-function.ts';
import { state } from '../../../core/state/state.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../../core/time/timestamp.ts';
import { newHarness } from '../../restore-mode.ts';

/** A keyed process function whose records are scripts; streams.md says what each action does. */
export type ProcessCase = {
  readonly kind: 'process';
  readonly name: string;
  readonly outOfOrdernessMs?: number;
  readonly events: readonly Event[];
  readonly result: { readonly rows: readonly Row[]; readonly side: readonly Row[] };
  readonly error?: string;
};

type Event = readonly [timestamp: Timestamp, key: string, script: string];
type Row = readonly unknown[];
type Time = Timestamp | 'min' | 'max';
type Context = KeyedContext<string, Row>;

/** Rows and side output of a case, each by key. */
export function runProcess(golden: ProcessCase): unknown {
  const harness = newHarness<Row>({
    create: (context) =>
      new KeyedProcessOperator(
        {
          kind: 'keyedProcess',
          key: { of: ([, key]: Event) => key, columns: ['key'] },
          create: () => new Scripted(),
        },
        context,
      ),
  });
  let largest = Number.NEGATIVE_INFINITY;
  for (const event of golden.events) {
    harness.record(event, event[0]);
    if (event[0] <= largest) continue;
    largest = event[0];
    harness.watermark(largest - (golden.outOfOrdernessMs ?? 0) - 1);
  }
  harness.watermark(MAX_TIMESTAMP);
  harness.finish();
  const side = harness.sideOutput('side').map(({ value }) => value as Row);
  return {
    rows: byKey(
      harness.output.map(({ value }) => value),
      1,
    ),
    side: byKey(side, 0),
  };
}

export function expectedOfProcess({ result }: ProcessCase): unknown {
  return { rows: byKey(result.rows, 1), side: byKey(result.side, 0) };
}

/** Order counts within a key alone. */
export function byKey(rows: readonly Row[], place: number): { readonly [key: string]: readonly Row[] } {
  return Object.fromEntries(
    Object.entries(Object.groupBy(rows, (row) => String(row[place]))).map(([key, group]) => [key, group ?? []]),
  );
}

class Scripted implements KeyedProcessFunction<string, Event, Row> {
  readonly #value = state.value<number>('value');
  readonly #list = state.list<number>('list');
  readonly #map = state.map<string, string>('map');
  readonly #max = state.reducing<number>('max', (left, right) => Math.max(left, right));
  readonly #mean = state.aggregating('mean', {
    create: () => ({ sum: 0, count: 0 }),
    add: ({ sum, count }: { sum: number; count: number }, value: number) => ({ sum: sum + value, count: count + 1 }),
    result: ({ sum, count }) => sum / count,
  });
  readonly #later = state.list<string>('later');

  process([timestamp, , script]: Event, context: Context): void {
    for (const action of script.split(' ')) this.#act(action, 'emit', timestamp, context);
  }

  onTimer(at: Timestamp, context: TimerContext<string, Row>): void {
    const actions = [...this.#later.get()];
    this.#later.clear();
    for (const action of actions) this.#act(action, 'later', at, context);
    this.#row('timer', at, context);
  }

  #act(action: string, what: string, now: Timestamp, context: Context): void {
    const colon = action.indexOf(':');
    const verb = colon < 0 ? action : action.slice(0, colon);
    const rest = colon < 0 ? '' : action.slice(colon + 1);
    const equals = rest.indexOf('=');
    const actions: { readonly [verb: string]: () => void } = {
      set: () => context.timers.eventTime(timeOf(rest, now)),
      del: () => context.timers.deleteEventTime(timeOf(rest, now)),
      add: () => this.#value.set((this.#value.get() ?? 0) + Number(rest)),
      list: () => this.#list.add(Number(rest)),
      replace: () => this.#list.update(rest === '' ? [] : rest.split(',').map(Number)),
      map: () => this.#map.set(rest.slice(0, equals), rest.slice(equals + 1)),
      unmap: () => this.#map.delete(rest),
      max: () => this.#max.add(Number(rest)),
      mean: () => this.#mean.add(Number(rest)),
      clear: () => this.#clear(rest),
      later: () => this.#later.add(rest),
      side: () => context.side('side', [context.key, rest]),
      emit: () => this.#row(what, now, context),
    };
    const act = actions[verb];
    if (act === undefined) throw new Error(`no action ${action}`);
    act();
  }

  #clear(which: string): void {
    if (which === '' || which === 'value') this.#value.clear();
    if (which === '' || which === 'list') this.#list.clear();
    if (which === '' || which === 'map') this.#map.clear();
    if (which === '' || which === 'max') this.#max.clear();
    if (which === '' || which === 'mean') this.#mean.clear();
  }

  #row(what: string, at: Timestamp, { key, watermark, emit }: Context): void {
    const held = {
      value: this.#value.get() ?? null,
      list: [...this.#list.get()],
      map: Object.fromEntries(this.#map.entries()),
      max: this.#max.get() ?? null,
      mean: this.#mean.get() ?? null,
    };
    emit([what, key, named(at), named(watermark), held]);
  }
}

function timeOf(text: string, now: Timestamp): Timestamp {
  if (text === 'max') return MAX_TIMESTAMP;
  return text.startsWith('now') ? now + Number(text.slice(3)) : Number(text);
}

function named(at: Timestamp): Time {
  if (at === MAX_TIMESTAMP) return 'max';
  return at === MIN_TIMESTAMP ? 'min' : at;
}
