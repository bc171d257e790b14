import { D2, filter as filterOperator, groupBy, groupByOperators, MultiSet, map, output } from '@tanstack/db-ivm';
import highland from 'highland';
import {
  count,
  filter,
  from,
  groupBy as groupStream,
  map as mapStream,
  mergeMap,
  type Observable,
  reduce,
  scan,
} from 'rxjs';
import { type BenchEvent, type CaseName, WINDOW } from './stream-case.ts';

/**
 * The same work in other libraries of the registry, as one would write it with what they offer. None of them has event
 * time, so the windows here are closed when the input ends: less work than firing them as time goes on. Each gives how
 * many results came, or undefined where it has no way to do the case.
 */
export type Rival = {
  readonly name: string;
  run(name: CaseName, events: readonly BenchEvent[]): Promise<number | undefined>;
};

/** The starts of the windows that hold a moment. */
function slidesOf(at: number): number[] {
  const last = Math.floor(at / WINDOW.slideMs) * WINDOW.slideMs;
  return Array.from({ length: WINDOW.sizeMs / WINDOW.slideMs }, (_, i) => last - i * WINDOW.slideMs);
}

type Session = { readonly start: number; readonly end: number; readonly count: number };

/** A key's sessions with one more event: disorder may begin one before the last, or merge two. */
function nextSessions(sessions: readonly Session[], at: number): readonly Session[] {
  const apart: Session[] = [];
  let merged: Session = { start: at, end: at + WINDOW.gapMs, count: 1 };
  for (const one of sessions) {
    if (one.end < merged.start || one.start > merged.end) apart.push(one);
    else merged = mergedSession(one, merged);
  }
  apart.push(merged);
  return apart;
}

function mergedSession(one: Session, other: Session): Session {
  return { start: Math.min(one.start, other.start), end: Math.max(one.end, other.end), count: one.count + other.count };
}

type Sum = { readonly due: number; readonly sum: number; readonly emitted: number };
const NO_SUM: Sum = { due: Number.POSITIVE_INFINITY, sum: 0, emitted: 0 };

/** The next state of a key's sum; counts the sums that were emitted. */
function nextSum(sum: Sum, { at, value }: BenchEvent): Sum {
  if (sum.due === Number.POSITIVE_INFINITY) return { ...sum, due: at + WINDOW.timerMs, sum: value };
  if (at < sum.due) return { ...sum, sum: sum.sum + value };
  return { due: at + WINDOW.timerMs, sum: value, emitted: sum.emitted + 1 };
}

export const rxjs: Rival = {
  name: 'rxjs',
  async run(name, events) {
    const input = from(events as BenchEvent[]);
    let results = 0;
    const add = (part: number) => {
      results += part;
    };
    const perKey = (stream: Observable<BenchEvent>) =>
      stream.pipe(
        groupStream((event) => event.key),
        mergeMap((group) => group.pipe(count())),
      );
    switch (name) {
      case 'map-filter':
        input
          .pipe(
            mapStream((event) => event.value * 2),
            filter((value) => value % 3 === 0),
            count(),
          )
          .subscribe(add);
        break;
      case 'tumbling':
        input
          .pipe(
            groupStream((event) => Math.floor(event.at / WINDOW.tumblingMs)),
            mergeMap(perKey),
            count(),
          )
          .subscribe(add);
        break;
      case 'sliding':
        input
          .pipe(
            mergeMap((event) => slidesOf(event.at).map((start) => ({ start, event }))),
            groupStream(({ start }) => start),
            mergeMap((window) => perKey(window.pipe(mapStream(({ event }) => event)))),
            count(),
          )
          .subscribe(add);
        break;
      case 'session':
        input
          .pipe(
            groupStream((event) => event.key),
            mergeMap((group) =>
              group.pipe(reduce((sessions, { at }) => nextSessions(sessions, at), [] as readonly Session[])),
            ),
            mapStream((sessions) => sessions.length),
          )
          .subscribe(add);
        break;
      case 'process':
        input
          .pipe(
            groupStream((event) => event.key),
            mergeMap((group) =>
              group.pipe(
                scan((sum, event) => nextSum(sum, event), NO_SUM),
                reduce((_, sum) => sum.emitted + 1, 0),
              ),
            ),
          )
          .subscribe(add);
    }
    return results;
  },
};

export const highlandJs: Rival = {
  name: 'highland',
  run(name, events) {
    const input = highland(events as BenchEvent[]);
    const fold = <S>(
      state: S,
      step: (state: S, event: BenchEvent) => S,
      results: (state: S) => number,
    ): Promise<number> => input.reduce(state, step).map(results).toPromise(Promise);
    switch (name) {
      case 'map-filter':
        return input
          .map((event: BenchEvent) => event.value * 2)
          .filter((value: number) => value % 3 === 0)
          .reduce(0, (total: number) => total + 1)
          .toPromise(Promise);
      case 'tumbling':
        return fold(
          new Map<string, number>(),
          (counts, { at, key }) => counted(counts, `${Math.floor(at / WINDOW.tumblingMs)}/${key}`),
          (counts) => counts.size,
        );
      case 'sliding':
        return input
          .flatMap((event: BenchEvent) => highland(slidesOf(event.at).map((start) => `${start}/${event.key}`)))
          .reduce(new Map<string, number>(), counted)
          .map((counts: Map<string, number>) => counts.size)
          .toPromise(Promise);
      case 'session':
        return fold(
          new Map<number, readonly Session[]>(),
          (sessions, { at, key }) => sessions.set(key, nextSessions(sessions.get(key) ?? [], at)),
          (sessions) => sum([...sessions.values()].map((list) => list.length)),
        );
      case 'process':
        return fold(
          new Map<number, Sum>(),
          (sums, event) => sums.set(event.key, nextSum(sums.get(event.key) ?? NO_SUM, event)),
          (sums) => sum([...sums.values()].map((one) => one.emitted + 1)),
        );
    }
  },
};

function counted(counts: Map<string, number>, key: string): Map<string, number> {
  return counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Differential dataflow: grouped counts kept up to date; batches of 10,000, as its users would send them. */
export const dbIvm: Rival = {
  name: '@tanstack/db-ivm',
  async run(name, events) {
    if (name === 'session' || name === 'process') return undefined;
    const graph = new D2();
    const input = graph.newInput<BenchEvent>();
    const results = new Map<string, number>();
    const keep = output<[string, unknown]>((message) => {
      for (const [[key], multiplicity] of message.getInner()) {
        const left = (results.get(key) ?? 0) + multiplicity;
        if (left === 0) results.delete(key);
        else results.set(key, left);
      }
    });
    let passed = 0;
    if (name === 'map-filter') {
      input.pipe(
        map((event) => event.value * 2),
        filterOperator((value) => value % 3 === 0),
        output((message) => {
          passed += message.getInner().length;
        }),
      );
    } else if (name === 'tumbling') {
      input.pipe(
        groupBy(({ at, key }) => ({ window: Math.floor(at / WINDOW.tumblingMs), key }), {
          n: groupByOperators.count(),
        }),
        keep,
      );
    } else {
      const windows = graph.newInput<{ start: number; key: number }>();
      windows.pipe(
        groupBy(({ start, key }) => ({ start, key }), { n: groupByOperators.count() }),
        keep,
      );
      graph.finalize();
      for (let i = 0; i < events.length; i += 10_000) {
        const batch = events
          .slice(i, i + 10_000)
          .flatMap(({ at, key }) => slidesOf(at).map((start) => ({ start, key })));
        windows.sendData(new MultiSet(batch.map((one) => [one, 1])));
        graph.run();
      }
      return results.size;
    }
    graph.finalize();
    for (let i = 0; i < events.length; i += 10_000) {
      input.sendData(new MultiSet(events.slice(i, i + 10_000).map((event) => [event, 1])));
      graph.run();
    }
    return name === 'map-filter' ? passed : results.size;
  },
};

export const RIVALS: readonly Rival[] = [rxjs, highlandJs, dbIvm];
