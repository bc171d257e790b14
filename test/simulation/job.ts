import { collect } from '../../core/connector/collect.ts';
import type { Graph } from '../../core/graph/node.ts';
import { job } from '../../core/job/job.ts';
import { KeyedBroadcastProcess, KeyedProcess } from '../../core/job/process.ts';
import { count, sum } from '../../core/operator/aggregate/aggregates.ts';
import type { KeyedContext, TimerContext } from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import { sliding, tumbling } from '../../core/window/assigner.ts';
import { jsonStream } from '../task/deployment.ts';
import {
  type Check,
  checkCopies,
  checkEach,
  checkMarks,
  checkNumbered,
  checkPairs,
  checkWindows,
  type Item,
  type Numbered,
} from './oracle.ts';

export const WINDOW_MS = 10_000;
export const SLIDE_MS = 5_000;
export const DISORDER_MS = 3_000;
export const JOIN_MS = 4_000;

/** A job, and what a plain computation says of each of its sinks. */
export type SimulatedJob = {
  readonly graph: Graph;
  /** Items go to one of them; which one is told to the checks. */
  readonly sources: readonly string[];
  readonly checks: { readonly [sink: string]: Check };
  /** Compares sinks with each other. */
  readonly across?: (valuesOf: (sink: string) => readonly unknown[]) => string[];
  /** Whether bad items are dead letters; else a filter takes them out. */
  readonly hasLetters: boolean;
};

/** Marks differ with every call, so that a result made of two attempts at one item cannot hide. */
let marks = 0;

class Numbering extends KeyedProcess<string, Item, Numbered> {
  readonly seen = state.value<number>('seen', { default: 0 });

  process({ id, key, at, bad }: Item, { emit }: KeyedContext<string, Numbered>): void {
    if (bad) throw new Error(`item ${id} is bad`);
    const nth = this.seen.get() + 1;
    this.seen.set(nth);
    emit({ id, key, at, nth, mark: ++marks });
  }
}

/** Counts the items of each stretch of event time, and tells the count by a timer at its end. */
class Stretches extends KeyedProcess<string, Item, object> {
  readonly counts = state.map<number, { items: number; total: number }>('counts');

  process({ id, at }: Item, { timers }: KeyedContext<string, object>): void {
    const windowStart = at - (at % WINDOW_MS);
    const { items, total } = this.counts.get(windowStart) ?? { items: 0, total: 0 };
    this.counts.set(windowStart, { items: items + 1, total: total + id });
    timers.eventTime(windowStart + WINDOW_MS - 1);
  }

  onTimer(at: number, { key, emit }: TimerContext<string, object>): void {
    const windowStart = at + 1 - WINDOW_MS;
    emit({ key, windowStart, ...this.counts.get(windowStart) });
    this.counts.delete(windowStart);
  }
}

/** Gives each item some time later, by the clock. */
class Later extends KeyedProcess<string, Item, { id: number }> {
  readonly waiting = state.list<number>('waiting');

  process({ id }: Item, { timers, processingTime }: KeyedContext<string, { id: number }>): void {
    this.waiting.add(id);
    timers.processingTime(processingTime + 300);
  }

  onTimer(_: number, { emit }: TimerContext<string, { id: number }>): void {
    for (const id of this.waiting.get()) emit({ id });
    this.waiting.clear();
  }
}

/** Gives each item, and each broadcast one once for every task of the stage. */
class Copies extends KeyedBroadcastProcess<string, Item, Item, { id: number }> {
  process({ id }: Item, { emit }: KeyedContext<string, { id: number }>): void {
    emit({ id });
  }

  processBroadcast({ id }: Item, { emit }: { readonly emit: (value: { id: number }) => void }): void {
    emit({ id });
  }
}

const time = { eventTime: { from: (item: Item) => item.at, outOfOrderness: DISORDER_MS } } as const;
const items = () => jsonStream<Item>('items');

const numbering = (): SimulatedJob => ({
  sources: ['items'],
  hasLetters: true,
  checks: { out: checkNumbered },
  graph: job('numbering', ({ source }) =>
    source('items', items(), time)
      .keyBy((item) => item.key)
      .process(Numbering)
      .uid('number')
      .to('out', collect()),
  ).graph,
});

/** Combined before the shuffle. */
const windows = (): SimulatedJob => ({
  sources: ['items'],
  hasLetters: false,
  checks: { out: checkWindows(WINDOW_MS, WINDOW_MS), slides: checkWindows(WINDOW_MS, SLIDE_MS) },
  graph: job('windows', ({ source }) => {
    const keyed = source('items', items(), time)
      .filter((item) => !item.bad)
      .keyBy('key');
    const totals = { items: count(), total: sum((item: Item) => item.id) };
    keyed.window(tumbling(WINDOW_MS)).aggregate(totals).uid('window').to('out', collect());
    keyed.window(sliding(WINDOW_MS, SLIDE_MS)).aggregate(totals).uid('slide').to('slides', collect());
  }).graph,
});

/** Three stages: numbered by key, and then windows over the numbered; both tell of the same calls. */
const numberedWindows = (): SimulatedJob => ({
  sources: ['items'],
  hasLetters: true,
  checks: { numbers: checkNumbered, out: checkWindows(WINDOW_MS, WINDOW_MS) },
  across: (valuesOf) => checkMarks(valuesOf('numbers'), valuesOf('out'), WINDOW_MS),
  graph: job('numbered-windows', ({ source }) => {
    const numbered = source('items', items(), time)
      .keyBy((item) => item.key)
      .process(Numbering)
      .uid('number');
    numbered.to('numbers', collect());
    numbered
      .keyBy('key')
      .window(tumbling(WINDOW_MS))
      .aggregate({ items: count(), total: sum((item) => item.id), marks: sum((item) => item.mark) })
      .uid('window')
      .to('out', collect());
  }).graph,
});

/** Event-time timers, after calls that are under way at the same time. */
const stretches = (): SimulatedJob => ({
  sources: ['items'],
  hasLetters: false,
  checks: { out: checkWindows(WINDOW_MS, WINDOW_MS) },
  graph: job('stretches', ({ source }) =>
    source('items', items(), time)
      .mapAsync(
        async (item) => {
          for (let turn = 0; turn < item.id % 4; turn++) await undefined;
          return item.bad ? undefined : item;
        },
        { order: 'unordered', capacity: 3 },
      )
      .keyBy((item) => item.key)
      .process(Stretches)
      .uid('stretch')
      .to('out', collect()),
  ).graph,
});

const later = (): SimulatedJob => ({
  sources: ['items'],
  hasLetters: false,
  checks: { out: checkEach },
  graph: job('later', ({ source }) =>
    source('items', items())
      .filter((item) => !item.bad)
      .keyBy((item) => item.key)
      .process(Later)
      .uid('wait')
      .to('out', collect()),
  ).graph,
});

/** Two inputs of one stage. */
const pairs = (): SimulatedJob => ({
  sources: ['left', 'right'],
  hasLetters: false,
  checks: { out: checkPairs(JOIN_MS) },
  graph: job('pairs', ({ source }) => {
    const side = (name: string) =>
      source(name, items(), time)
        .filter((item) => !item.bad)
        .keyBy((item) => item.key);
    side('left')
      .intervalJoin(side('right'))
      .between(-JOIN_MS, JOIN_MS)
      .process((left, right) => ({ left: left.id, right: right.id }))
      .uid('join')
      .to('out', collect());
  }).graph,
});

/** A broadcast input beside a keyed one. */
const copies = (): SimulatedJob => ({
  sources: ['keyed', 'rules'],
  hasLetters: false,
  checks: { out: checkCopies },
  graph: job('copies', ({ source }) => {
    const good = (name: string) => source(name, items()).filter((item) => !item.bad);
    good('keyed')
      .keyBy((item) => item.key)
      .connect(good('rules').broadcast())
      .process(Copies)
      .uid('copy')
      .to('out', collect());
  }).graph,
});

export const JOBS: readonly (() => SimulatedJob)[] = [
  numbering,
  windows,
  numberedWindows,
  stretches,
  later,
  pairs,
  copies,
];
