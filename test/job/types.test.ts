import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Key } from '../../core/codec/key.ts';
import type { Sink } from '../../core/connector/sink.ts';
import type { Source } from '../../core/connector/source.ts';
import * as door from '../../core/index.ts';
import { job } from '../../core/job/job.ts';
import { outputTag } from '../../core/job/output-tag.ts';
import { KeyedBroadcastProcess, KeyedCoProcess, KeyedProcess, Process } from '../../core/job/process.ts';
import type { OperatorStream, Stream } from '../../core/job/stream.ts';
import type { AggregateFunction } from '../../core/operator/aggregate-function.ts';
import type { Context, KeyedContext } from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import type { WindowAssigner } from '../../core/window/window-assigner.ts';

type Click = {
  page: string;
  user: number;
  ms: number;
  at: string;
  tags: string[];
  agent?: string;
  place: { x: number };
};
type Ad = { page: string; cost: number };

const source = <T>(): Source<T> => ({
  name: 'test',
  bounded: true,
  splits: async () => [],
  open: () => Promise.reject(new Error('not run')),
});
const sink = <T>(): Sink<T> => ({ name: 'test', guarantee: 'none', open: () => Promise.reject(new Error('not run')) });
const count = (): AggregateFunction<unknown, number, number> => ({
  create: () => 0,
  add: (total) => total + 1,
  result: (total) => total,
});
const max = <T>(of: (value: T) => number): AggregateFunction<T, number, number> => ({
  create: () => -Infinity,
  add: (most, value) => Math.max(most, of(value)),
  result: (most) => most,
});
const tumbling = { kind: 'tumbling', sizeMs: 10_000, offsetMs: 0, time: 'event' } as const;
const session = <T>(gapMs: (value: T) => number) => ({ kind: 'session', gapMs, time: 'event' }) as const;

/** Types of streams are looked at while a job is built; it never runs. */
function withStreams(look: (clicks: OperatorStream<Click>, ads: OperatorStream<Ad>) => void): void {
  job('types', ({ source: from }) => {
    look(
      from('clicks', source<Click>(), { eventTime: { from: 'at', outOfOrderness: '5s' } }),
      from('ads', source<Ad>(), { eventTime: { from: (ad) => ad.cost } }),
    );
  });
}

describe('types flow from source to sink with no annotation', () => {
  it('through map, filter and flatMap', () => {
    withStreams((clicks) => {
      expectTypeOf(clicks.map((click) => click.ms)).toEqualTypeOf<OperatorStream<number>>();
      expectTypeOf(clicks.filter((click) => click.ms > 3)).toEqualTypeOf<OperatorStream<Click>>();
      const human = (click: Click): click is Click & { agent: string } => click.agent !== undefined;
      expectTypeOf(clicks.filter(human)).toEqualTypeOf<OperatorStream<Click & { agent: string }>>();
      expectTypeOf(clicks.flatMap((click) => click.tags)).toEqualTypeOf<OperatorStream<string>>();
      expectTypeOf(clicks.flatMap<number>((click, emit) => emit(click.ms))).toEqualTypeOf<OperatorStream<number>>();
    });
  });

  it('through union, asynchronous calls and partitioning', () => {
    withStreams((clicks, ads) => {
      expectTypeOf(clicks.union(ads)).toEqualTypeOf<Stream<Click | Ad>>();
      expectTypeOf(clicks.union(clicks.rebalance(), clicks.shuffle())).toEqualTypeOf<Stream<Click>>();
      const costs = ads.map((ad) => ad.cost);
      expectTypeOf(clicks.union(ads, costs)).toEqualTypeOf<Stream<Click | Ad | number>>();
      expectTypeOf(clicks.mapAsync(async (click) => click.ms)).toEqualTypeOf<OperatorStream<number>>();
      clicks.mapAsync(async (click) => click.ms, {
        fallback: (click) => click.ms,
        retry: { onResult: (n) => n === 0 },
      });
      // @ts-expect-error what stands in for a result has the type of a result
      clicks.mapAsync(async (click) => click.ms, { fallback: (click) => click.page });
      expectTypeOf(clicks.partitionCustom((click, parts) => click.ms % parts)).toEqualTypeOf<Stream<Click>>();
    });
  });

  it('through windows, whose results have the columns of the key and the window', () => {
    withStreams((clicks) => {
      const perPage = clicks
        .keyBy('page')
        .window(tumbling, { allowedLateness: '1m' })
        .aggregate({ views: count(), slowest: max((click) => click.ms) });
      type PerPage = { page: string; windowStart: number; windowEnd: number; views: number; slowest: number };
      perPage.map((row) => expectTypeOf(row).branded.toEqualTypeOf<Readonly<PerPage>>());
      expectTypeOf(perPage.sideOutput('late')).toEqualTypeOf<Stream<Click>>();
      clicks
        .keyBy('page', 'user')
        .window(tumbling)
        .aggregate({ views: count() })
        .map(({ page, user, windowEnd, views }) => {
          return expectTypeOf([page, user, windowEnd, views] as const).toEqualTypeOf<
            readonly [string, number, number, number]
          >();
        });
      clicks
        .keyBy((click) => click.ms > 3)
        .countWindow(3)
        .aggregate({ views: count() })
        .map((row) => {
          // @ts-expect-error a window of records has no start
          expectTypeOf(row.windowStart).toBeNumber();
          return expectTypeOf(row.key).toEqualTypeOf<boolean>();
        });
      clicks
        .windowAll(tumbling)
        .aggregate({ views: count() })
        .map((row) =>
          expectTypeOf(row).branded.toEqualTypeOf<{
            readonly windowStart: number;
            readonly windowEnd: number;
            readonly views: number;
          }>(),
        );
    });
  });

  it('through the aggregates, triggers and evictors of the door', () => {
    withStreams((clicks) => {
      const rows = clicks
        .keyBy('page')
        .window(door.globalWindow(), {
          trigger: door.trigger.purging(door.trigger.delta(5, (from: Click, to) => to.ms - from.ms)),
          evictor: door.evictor.count(10),
        })
        .aggregate({
          slowest: door.max((click) => click.ms),
          first: door.first((click) => click.at),
          tags: door.collectAll((click) => click.tags, { where: (click) => click.ms > 3 }),
          p95: door.percentile((click) => click.ms, 0.95),
        });
      type Row = {
        page: string;
        slowest: number | null;
        first: string | null;
        tags: readonly string[][];
        p95: number | null;
      };
      rows.map((row) => expectTypeOf(row).branded.toEqualTypeOf<Readonly<Row>>());
      clicks.windowAll(tumbling, { evictor: door.evictor.time('10s', { after: true }) }).apply((all) => all.length);
    });
  });

  it('through one aggregate function, reduce, apply and a window process function', () => {
    withStreams((clicks) => {
      const windows = clicks.keyBy('page').window(tumbling);
      expectTypeOf(windows.aggregate(max((click) => click.ms)).map((most) => most)).toEqualTypeOf<
        OperatorStream<number>
      >();
      const told = windows.aggregate(count(), (views, { key, window }) => `${key} ${views + window.start}`);
      expectTypeOf(told.map((text) => text)).toEqualTypeOf<OperatorStream<string>>();
      const rows = windows.aggregate({ views: count() }, (row, { key }) => (key === row.page ? row.views : undefined));
      expectTypeOf(rows.map((views) => views)).toEqualTypeOf<OperatorStream<number>>();
      expectTypeOf(windows.sum('ms').map((click) => click)).toEqualTypeOf<OperatorStream<Click>>();
      expectTypeOf(windows.apply((all) => all.length).map((n) => n)).toEqualTypeOf<OperatorStream<number>>();
      const ends = windows.process<number>({ process: (all, { window, emit }) => emit(window.end + all.length) });
      expectTypeOf(ends.map((n) => n)).toEqualTypeOf<OperatorStream<number>>();
      const sessions = clicks.keyBy('page').window(session((click) => click.ms));
      expectTypeOf(sessions.reduce((left) => left).map((click) => click)).toEqualTypeOf<OperatorStream<Click>>();
      const any: WindowAssigner<Click> = tumbling;
      clicks.keyBy('page').window(any).aggregate({ views: count() });
    });
  });

  it('through joins of keyed streams', () => {
    withStreams((clicks, ads) => {
      const byPage = ads.keyBy('page');
      const joined = clicks
        .keyBy('page')
        .join(byPage)
        .window(tumbling)
        .apply((click, ad) => click.ms * ad.cost);
      expectTypeOf(joined).toEqualTypeOf<OperatorStream<number>>();
      const grouped = clicks
        .keyBy('page')
        .coGroup(byPage)
        .window(tumbling)
        .apply((all, some, { key }) => [{ page: key, both: all.length * some.length }]);
      expectTypeOf(grouped).toEqualTypeOf<OperatorStream<{ page: string; both: number }>>();
      const near = clicks
        .keyBy('page')
        .intervalJoin(byPage)
        .between('-5m', '10s', { upperInclusive: false })
        .process((click, ad) => ({ ...click, ...ad }));
      expectTypeOf(near.sideOutput('lateLeft')).toEqualTypeOf<Stream<Click>>();
      expectTypeOf(near.sideOutput('lateRight')).toEqualTypeOf<Stream<Ad>>();
      // @ts-expect-error the keys are of different types
      clicks.keyBy('user').join(byPage);
    });
  });
});

class Slow extends KeyedProcess<string, Click, { page: string; ms: number }> {
  readonly usual = state.value<number>('usual', { default: 0 });

  process(click: Click, { key, emit }: KeyedContext<string, { page: string; ms: number }>) {
    if (click.ms > this.usual.get()) emit({ page: key, ms: click.ms });
  }

  onTimer(at: number, { emit, key }: KeyedContext<string, { page: string; ms: number }>) {
    emit({ page: key, ms: at });
  }
}

class Wide extends Process<{ ms: number }, number> {
  process(click: { ms: number }, { emit }: Context<number>) {
    emit(click.ms);
  }
}

class Paid extends KeyedCoProcess<string, Click, Ad, string> {
  processLeft(click: Click, { emit }: KeyedContext<string, string>) {
    emit(click.page);
  }
  processRight(ad: Ad, { emit }: KeyedContext<string, string>) {
    emit(ad.page);
  }
}

class Ruled extends KeyedBroadcastProcess<string, Click, Ad, number> {
  readonly costs = state.broadcast<string, number>('costs');
  process(click: Click, { emit }: KeyedContext<string, number>) {
    emit(click.ms * (this.costs.get(click.page) ?? 0));
  }
  processBroadcast(ad: Ad) {
    this.costs.set(ad.page, ad.cost);
  }
}

describe('process functions', () => {
  it('are taken as a class, a function that makes one, or an object', () => {
    withStreams((clicks) => {
      const pages = clicks.keyBy('page');
      type Out = OperatorStream<{ page: string; ms: number }>;
      expectTypeOf(pages.process(Slow).filter(() => true)).toEqualTypeOf<Out>();
      expectTypeOf(pages.process(() => new Slow()).filter(() => true)).toEqualTypeOf<Out>();
      const inline = pages.process<number>(() => {
        const seen = state.value<number>('seen', { default: 0 });
        return {
          process(click, { key, emit }) {
            expectTypeOf(key).toEqualTypeOf<string>();
            emit(click.ms + seen.get());
          },
          onTimer: (at, { emit }) => emit(at),
        };
      });
      expectTypeOf(inline.filter(() => true)).toEqualTypeOf<OperatorStream<number>>();
      expectTypeOf(clicks.process(Wide).filter(() => true)).toEqualTypeOf<OperatorStream<number>>();
    });
  });

  it('of two inputs infer their output', () => {
    withStreams((clicks, ads) => {
      const paid = clicks.keyBy('page').connect(ads.keyBy('page')).process(Paid);
      expectTypeOf(paid.filter(() => true)).toEqualTypeOf<OperatorStream<string>>();
      const ruled = clicks.keyBy('page').connect(ads.broadcast()).process(Ruled);
      expectTypeOf(ruled.filter(() => true)).toEqualTypeOf<OperatorStream<number>>();
      const mapped = clicks.connect(ads).map(
        (click) => click.ms,
        (ad) => ad.cost,
      );
      expectTypeOf(mapped).toEqualTypeOf<OperatorStream<number>>();
      const two = clicks.connect(ads.broadcast()).process<string>({
        process: (click, { emit }) => emit(click.page),
        processBroadcast: (ad) => expectTypeOf(ad).toEqualTypeOf<Ad>(),
      });
      expectTypeOf(two.sideOutput(outputTag<Ad>('refused'))).toEqualTypeOf<Stream<Ad>>();
      expectTypeOf(two.sideOutput('refused')).toEqualTypeOf<Stream<unknown>>();
    });
  });

  it('of another record or key are refused', () => {
    withStreams((clicks, ads) => {
      // @ts-expect-error made for clicks
      ads.keyBy('page').process(Slow);
      // @ts-expect-error its key is a string
      clicks.keyBy('user').process(Slow);
      // @ts-expect-error made for a keyed stream
      clicks.process(Slow);
      // @ts-expect-error ads have no ms
      ads.process(Wide);
    });
  });
});

describe('what cannot work is a compile error', () => {
  it('a result with the name of a column of the key or the window', () => {
    withStreams((clicks) => {
      const windows = clicks.keyBy('page').window(tumbling);
      // @ts-expect-error page is the key's column
      expect(() => windows.aggregate({ page: count() })).toThrow('is a column of the key or the window');
      // @ts-expect-error windowStart is the window's column
      expect(() => windows.aggregate({ windowStart: count(), views: count() })).toThrow('aggregate.windowStart');
      windows.aggregate({ key: count() });
      const byFunction = clicks.keyBy((click) => click.page).window(tumbling);
      // @ts-expect-error key is the column of a function's key
      expect(() => byFunction.aggregate({ key: count() })).toThrow('aggregate.key');
    });
  });

  it('a key that is no field, or no fit type', () => {
    withStreams((clicks) => {
      // @ts-expect-error no such field
      clicks.keyBy('pge');
      // @ts-expect-error an object is no key
      clicks.keyBy('place');
      // @ts-expect-error it may be missing
      clicks.keyBy('agent');
      // @ts-expect-error a window needs a key
      expect(() => clicks.window(tumbling)).toThrow();
    });
  });

  it('but any field of a record without declared types may be tried', () => {
    job('untyped', ({ source: from }) => {
      const rows = from('rows', source<{ readonly [field: string]: unknown }>(), { eventTime: { from: 'at' } });
      rows
        .keyBy('page')
        .process<Key>({ process: (_, { key, emit }) => emit(key) })
        .map((key) => expectTypeOf(key).toEqualTypeOf<Key>());
      rows.keyBy('page', 'user').sum('ms').to('out', sink());
    });
  });

  it('a field that cannot be summed or ordered, an event time that is none, a sink of another record', () => {
    withStreams((clicks, ads) => {
      // @ts-expect-error a page cannot be summed
      clicks.keyBy('page').sum('page');
      // @ts-expect-error tags have no order
      clicks.keyBy('page').maxBy('tags');
      // @ts-expect-error tags are no time
      clicks.assignTimestamps({ from: 'tags' });
      // @ts-expect-error this sink takes ads
      clicks.to('adsOnly', sink<Ad>());
      ads.to('out', sink<Ad>()).to('out2', sink());
    });
  });
});
