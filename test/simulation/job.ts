import { collect } from '../../core/connector/collect.ts';
import type { Graph } from '../../core/graph/node.ts';
import { job } from '../../core/job/job.ts';
import { KeyedProcess } from '../../core/job/process.ts';
import { count, sum } from '../../core/operator/aggregate/aggregates.ts';
import type { KeyedContext } from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { jsonStream } from '../task/deployment.ts';

/** What comes in: numbered, in event time order but for a disorder that the watermark allows. */
export type Item = { readonly id: number; readonly key: string; readonly at: number; readonly bad: boolean };

export const WINDOW_MS = 10_000;
export const DISORDER_MS = 3_000;

/** Said by a process function for each item: which number it has for its key, and a mark that no other call ever makes. */
export type Numbered = { readonly id: number; readonly key: string; readonly nth: number; readonly mark: number };

/** A job with what a plain computation says of its results (oracle.ts). */
export type SimulatedJob = {
  readonly name: string;
  readonly graph: Graph;
  readonly sources: readonly string[];
  /** What each sink holds, in words of the oracle. */
  readonly sinks: { readonly [uid: string]: 'numbered' | 'windows' | 'pairs' };
};

/** Marks differ with every call, so that a result made of two attempts at one item cannot hide. */
let marks = 0;

class Numbering extends KeyedProcess<string, Item, Numbered> {
  readonly seen = state.value<number>('seen', { default: 0 });

  override process({ id, key, bad }: Item, { emit }: KeyedContext<string, Numbered>): void {
    if (bad) throw new Error(`item ${id} is bad`);
    const nth = this.seen.get() + 1;
    this.seen.set(nth);
    emit({ id, key, nth, mark: ++marks });
  }
}

const time = { eventTime: { from: (item: Item) => item.at, outOfOrderness: DISORDER_MS } } as const;

/** Source, then a number for each item of a key. */
const numbering = (): SimulatedJob => ({
  name: 'numbering',
  sources: ['items'],
  sinks: { out: 'numbered' },
  graph: job('numbering', ({ source }) =>
    source('items', jsonStream<Item>('items'), time)
      .keyBy((item) => item.key)
      .process(Numbering)
      .uid('number')
      .to('out', collect()),
  ).graph,
});

/** Windows that are combined before the shuffle. */
const windows = (): SimulatedJob => ({
  name: 'windows',
  sources: ['items'],
  sinks: { out: 'windows' },
  graph: job('windows', ({ source }) =>
    source('items', jsonStream<Item>('items'), time)
      .filter((item) => !item.bad)
      .keyBy('key')
      .window(tumbling(WINDOW_MS))
      .aggregate({ items: count(), total: sum((item) => item.id) })
      .uid('window')
      .to('out', collect()),
  ).graph,
});

/** Three stages: numbered by key, and then windows over the numbered, by another key. */
const numberedWindows = (): SimulatedJob => ({
  name: 'numbered windows',
  sources: ['items'],
  sinks: { numbers: 'numbered', out: 'windows' },
  graph: job('numbered-windows', ({ source }) => {
    const numbered = source('items', jsonStream<Item>('items'), time)
      .keyBy((item) => item.key)
      .process(Numbering)
      .uid('number');
    numbered.to('numbers', collect());
    numbered
      .keyBy('key')
      .window(tumbling(WINDOW_MS))
      .aggregate({ items: count(), total: sum((item) => item.id) })
      .uid('window')
      .to('out', collect());
  }).graph,
});

export const JOBS: readonly (() => SimulatedJob)[] = [numbering, windows, numberedWindows];
