import type { OperatorStream, Stream } from '../../../../core/job/stream.ts';
import { count, countDistinct, max } from '../../../../core/operator/aggregate/aggregates.ts';
import { approxCountDistinct } from '../../../../core/operator/aggregate/approx-count-distinct.ts';
import { percentile } from '../../../../core/operator/aggregate/percentile.ts';
import type { Untyped } from '../../../../core/operator/untyped.ts';
import {
  countWindow,
  endOfStream,
  globalWindow,
  session,
  sliding,
  tumbling,
} from '../../../../core/window/assigner.ts';
import { evictor } from '../../../../core/window/evictors.ts';
import { trigger } from '../../../../core/window/triggers.ts';
import type { Click } from './own.ts';
import * as own from './own.ts';

/** What a case of the API begins with; `other` gives the same records under another name. */
export type Streams = { readonly clicks: OperatorStream<Click>; readonly other: OperatorStream<Click> };

/** Operators of a spec, of which `x` (or `read`) goes to the sink, beside the same written with the API. */
export type Case = {
  readonly spec: string;
  readonly read?: string;
  readonly api: (streams: Streams) => Stream<Untyped>;
};

export const CASES: { readonly [name: string]: Case } = {
  filter: {
    spec: 'x: { input: clicks, filter: ms > 25 }',
    api: ({ clicks }) => clicks.filter(({ ms }) => ms > 25).uid('x'),
  },
  'filter by a function': {
    spec: 'x: { input: clicks, filter: ./own.ts#isSlow }',
    api: ({ clicks }) => clicks.filter(own.isSlow).uid('x'),
  },
  'filter by event time': {
    spec: "x: { input: clicks, filter: rowtime() > TO_TIMESTAMP('1970-01-01 00:00:03') }",
    api: ({ clicks }) =>
      clicks.process<Click>({ process: (click, { timestamp, emit }) => timestamp > 3_000 && emit(click) }).uid('x'),
  },
  map: {
    spec: 'x: { input: clicks, map: { page: page, twice: ms * 2 } }',
    api: ({ clicks }) => clicks.map(({ page, ms }) => ({ page, twice: ms * 2 })).uid('x'),
  },
  'map by a function': {
    spec: 'x: { input: clicks, map: ./own.ts#slowness }',
    api: ({ clicks }) => clicks.map(own.slowness).uid('x'),
  },
  'map with event time': {
    spec: 'x: { input: clicks, map: { page: page, second: extract(second from rowtime()) } }',
    api: ({ clicks }) =>
      clicks
        .process<object>({ process: ({ page }, { timestamp, emit }) => emit({ page, second: timestamp / 1_000 }) })
        .uid('x'),
  },
  addColumns: {
    spec: 'x: { input: clicks, addColumns: { slow: ms > 25 } }',
    api: ({ clicks }) => clicks.map((click) => ({ ...click, slow: click.ms > 25 })).uid('x'),
  },
  flatMap: {
    spec: 'x: { input: clicks, flatMap: ./own.ts#words }',
    api: ({ clicks }) => clicks.flatMap(own.words).uid('x'),
  },
  'process, and its side output': {
    spec: 'x: { input: clicks, process: ./own.ts#Slow }',
    read: 'x.slow',
    api: ({ clicks }) => clicks.process(own.Slow).uid('x').sideOutput<string>('slow'),
  },
  'describe, parallelism': {
    spec: 'x: { input: clicks, filter: ms > 25, description: slow ones, parallelism: 2 }',
    api: ({ clicks }) => clicks.filter(own.isSlow).uid('x').describe('slow ones').parallelism(2),
  },
  'asynchronous calls': {
    spec: 'x: { input: clicks, async: ./own.ts#lookUp }',
    api: ({ clicks }) => clicks.mapAsync(own.lookUp).uid('x'),
  },
  'asynchronous calls with every option': {
    spec: `x:
  input: clicks
  async:
    call: ./own.ts#lookUp
    order: unordered
    timeout: 50ms
    capacity: 3
    fallback: ./own.ts#instead
    retry: { attempts: 5, delay: 100ms, backoff: 2, maxDelay: 1s, onError: ./own.ts#isBusy, onResult: ./own.ts#isEmpty }`,
    api: ({ clicks }) =>
      clicks
        .mapAsync(own.lookUp, {
          order: 'unordered',
          timeout: '50ms',
          capacity: 3,
          fallback: own.instead,
          retry: {
            attempts: 5,
            delay: '100ms',
            backoff: 2,
            maxDelay: '1s',
            onError: own.isBusy,
            onResult: own.isEmpty,
          },
        })
        .uid('x'),
  },
  assignTimestamps: {
    spec: 'x: { input: clicks, assignTimestamps: { from: ./own.ts#timeOf, watermarks: ./own.ts#marks, maxAhead: 1000d } }',
    api: ({ clicks }) =>
      clicks.assignTimestamps({ from: own.timeOf, watermarks: own.marks, maxAhead: '1000d' }).uid('x'),
  },
  union: {
    spec: 'x: { input: [clicks, other], map: ms }',
    api: ({ clicks, other }) =>
      clicks
        .union(other)
        .map(({ ms }) => ms)
        .uid('x'),
  },
  'a union of which one part is handed on otherwise': {
    spec: 'x: { input: [clicks, { from: other, partition: shuffle }], map: ms }',
    api: ({ clicks, other }) =>
      clicks
        .union(other.shuffle())
        .map(({ ms }) => ms)
        .uid('x'),
  },
  rebalance: {
    spec: 'x: { input: clicks, partition: rebalance, map: ms }',
    api: ({ clicks }) =>
      clicks
        .rebalance()
        .map(({ ms }) => ms)
        .uid('x'),
  },
  global: {
    spec: 'x: { input: { from: clicks, partition: global }, map: ms }',
    api: ({ clicks }) =>
      clicks
        .global()
        .map(({ ms }) => ms)
        .uid('x'),
  },
  'broadcast to all subtasks': {
    spec: 'x: { input: clicks, partition: broadcast, map: ms }',
    api: ({ clicks }) =>
      clicks
        .broadcast()
        .map(({ ms }) => ms)
        .uid('x'),
  },
  'custom partitioning': {
    spec: 'x: { input: clicks, partition: ./own.ts#first, map: ms }',
    api: ({ clicks }) =>
      clicks
        .partitionCustom(own.first)
        .map(({ ms }) => ms)
        .uid('x'),
  },

  'keyed process with state, timers and time to live': {
    spec: 'x: { input: clicks, keyBy: page, process: ./own.ts#Total }',
    api: ({ clicks }) => clicks.keyBy('page').process(own.Total).uid('x'),
  },
  'a key of several fields': {
    spec: 'x: { input: clicks, keyBy: [page, user], reduce: ./own.ts#longest }',
    api: ({ clicks }) => clicks.keyBy('page', 'user').reduce(own.longest).uid('x'),
  },
  'a key by an expression': {
    spec: 'x: { input: clicks, keyBy: upper(page), sum: ms }',
    api: ({ clicks }) =>
      clicks
        .keyBy(({ page }) => page.toUpperCase())
        .sum('ms')
        .uid('x'),
  },
  'a key by a function': {
    spec: 'x: { input: clicks, keyBy: ./own.ts#slowness, max: ms }',
    api: ({ clicks }) => clicks.keyBy(own.slowness).max('ms').uid('x'),
  },
  'rolling min': {
    spec: 'x: { input: clicks, keyBy: page, min: ms }',
    api: ({ clicks }) => clicks.keyBy('page').min('ms').uid('x'),
  },
  'rolling minBy': {
    spec: 'x: { input: clicks, keyBy: page, minBy: ms }',
    api: ({ clicks }) => clicks.keyBy('page').minBy('ms').uid('x'),
  },
  'rolling maxBy of a function': {
    spec: 'x: { input: clicks, keyBy: page, maxBy: ./own.ts#slowness }',
    api: ({ clicks }) => clicks.keyBy('page').maxBy(own.slowness).uid('x'),
  },

  'tumbling windows of aggregates': {
    spec: `x:
  input: clicks
  keyBy: page
  window: { tumbling: 10s, offset: 2s, allowedLateness: 1m }
  aggregate: { views: count(*), users: count(distinct user), about: approx_count_distinct(user), slowest: max(ms) filter (where agent <> 'bot'), half: "percentile(ms, 0.5)", total: ./own.ts#total }`,
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(tumbling('10s', { offset: '2s' }), { allowedLateness: '1m' })
        .aggregate({
          views: count(),
          users: countDistinct(({ user }) => user),
          about: approxCountDistinct(({ user }) => user),
          slowest: max(({ ms }) => ms, { where: ({ agent }) => agent !== 'bot' }),
          half: percentile(({ ms }) => ms, 0.5),
          total: own.total,
        })
        .uid('x'),
  },
  'the late records of a window': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 1s }, aggregate: { n: count(*) } }',
    read: 'x.late',
    api: ({ clicks }) =>
      clicks.keyBy('page').window(tumbling('1s')).aggregate({ n: count() }).uid('x').sideOutput('late'),
  },
  'sliding windows, reduced, with their result': {
    spec: 'x: { input: clicks, keyBy: page, window: { sliding: 10s, slide: 5s }, reduce: ./own.ts#longest, result: ./own.ts#perWindow }',
    api: ({ clicks }) => clicks.keyBy('page').window(sliding('10s', '5s')).reduce(own.longest, own.perWindow).uid('x'),
  },
  'one aggregate function of a window, with its result': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 10s }, aggregate: { n: count(*) }, result: ./own.ts#perWindow }',
    api: ({ clicks }) => clicks.windowAll(tumbling('10s')).aggregate({ n: count() }, own.perWindow).uid('x'),
  },
  'an aggregate function of the user': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s }, aggregate: ./own.ts#total }',
    api: ({ clicks }) => clicks.keyBy('page').window(tumbling('10s')).aggregate(own.total).uid('x'),
  },
  'windows of processing time': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 1h, time: processing }, sum: ms }',
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(tumbling('1h', { time: 'processing' }))
        .sum('ms')
        .uid('x'),
  },
  sessions: {
    spec: 'x: { input: clicks, keyBy: page, window: { session: 2s }, min: ms }',
    api: ({ clicks }) => clicks.keyBy('page').window(session('2s')).min('ms').uid('x'),
  },
  'sessions with a gap of the record': {
    spec: 'x: { input: clicks, keyBy: page, window: { session: ./own.ts#gap }, max: ms }',
    api: ({ clicks }) => clicks.keyBy('page').window(session(own.gap)).max('ms').uid('x'),
  },
  'count windows': {
    spec: 'x: { input: clicks, keyBy: page, window: { count: 2 }, minBy: ms }',
    api: ({ clicks }) => clicks.keyBy('page').countWindow(2).minBy('ms').uid('x'),
  },
  'count windows that slide, over all': {
    spec: 'x: { input: clicks, windowAll: { count: 3, slide: 2 }, maxBy: ms }',
    api: ({ clicks }) => clicks.windowAll(countWindow(3, 2)).maxBy('ms').uid('x'),
  },
  'a window over all input': {
    spec: 'x: { input: clicks, windowAll: endOfStream, apply: ./own.ts#all }',
    api: ({ clicks }) => clicks.windowAll(endOfStream()).apply(own.all).uid('x'),
  },
  'a full-window process function': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s }, process: ./own.ts#Median }',
    api: ({ clicks }) => clicks.keyBy('page').window(tumbling('10s')).process(own.Median).uid('x'),
  },
  'trigger: count': {
    spec: 'x: { input: clicks, keyBy: page, window: { global: true, trigger: { count: 2 } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(globalWindow(), { trigger: trigger.count(2) })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: purging': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 10s, trigger: { eventTime: true, purging: true } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .windowAll(tumbling('10s'), { trigger: trigger.purging(trigger.eventTime()) })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: processingTime': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 10s, time: processing, trigger: processingTime }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .windowAll(tumbling('10s', { time: 'processing' }), { trigger: trigger.processingTime() })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: continuousEventTime': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 1m, trigger: { continuousEventTime: 2s } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .windowAll(tumbling('1m'), { trigger: trigger.continuousEventTime('2s') })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: continuousProcessingTime': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 1m, trigger: { continuousProcessingTime: 1h } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .windowAll(tumbling('1m'), { trigger: trigger.continuousProcessingTime('1h') })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: delta': {
    spec: 'x: { input: clicks, windowAll: { global: true, trigger: { delta: 15, of: ./own.ts#further } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .windowAll(globalWindow(), { trigger: trigger.delta(15, own.further) })
        .apply(own.all)
        .uid('x'),
  },
  'trigger: endOfStream': {
    spec: 'x: { input: clicks, windowAll: { global: true, trigger: endOfStream }, apply: ./own.ts#all }',
    api: ({ clicks }) => clicks.windowAll(globalWindow(), { trigger: trigger.endOfStream() }).apply(own.all).uid('x'),
  },
  'trigger: never': {
    spec: 'x: { input: clicks, windowAll: { tumbling: 1s, trigger: never }, apply: ./own.ts#all }',
    api: ({ clicks }) => clicks.windowAll(tumbling('1s'), { trigger: trigger.never() }).apply(own.all).uid('x'),
  },
  'a trigger of the user': {
    spec: 'x: { input: clicks, windowAll: { global: true, trigger: ./own.ts#everySecond }, apply: ./own.ts#all }',
    api: ({ clicks }) => clicks.windowAll(globalWindow(), { trigger: own.everySecond }).apply(own.all).uid('x'),
  },
  'evictor: count': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s, evictor: { count: 1 } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(tumbling('10s'), { evictor: evictor.count(1) })
        .apply(own.all)
        .uid('x'),
  },
  'evictor: time': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s, evictor: { time: 2s, after: true } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(tumbling('10s'), { evictor: evictor.time('2s', { after: true }) })
        .apply(own.all)
        .uid('x'),
  },
  'evictor: delta': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s, evictor: { delta: 15, of: ms } }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks
        .keyBy('page')
        .window(tumbling('10s'), { evictor: evictor.delta(15, own.further) })
        .apply(own.all)
        .uid('x'),
  },
  'an evictor of the user': {
    spec: 'x: { input: clicks, keyBy: page, window: { tumbling: 10s, evictor: ./own.ts#lastOnly }, apply: ./own.ts#all }',
    api: ({ clicks }) =>
      clicks.keyBy('page').window(tumbling('10s'), { evictor: own.lastOnly }).apply(own.all).uid('x'),
  },

  coMap: {
    spec: 'x: { connect: { left: clicks, right: other }, coMap: { left: ms, right: 0 - ms } }',
    api: ({ clicks, other }) =>
      clicks
        .connect(other)
        .map(
          ({ ms }) => ms,
          ({ ms }) => -ms,
        )
        .uid('x'),
  },
  coFlatMap: {
    spec: 'x: { connect: { left: clicks, right: { from: other, partition: rebalance } }, coFlatMap: { left: ./own.ts#words, right: ./own.ts#words } }',
    api: ({ clicks, other }) => clicks.connect(other.rebalance()).flatMap(own.words, own.words).uid('x'),
  },
  coProcess: {
    spec: 'x: { connect: { left: clicks, right: other }, coProcess: ./own.ts#Both }',
    api: ({ clicks, other }) => clicks.connect(other).process(own.Both).uid('x'),
  },
  'coProcess by key': {
    spec: 'x: { connect: { left: clicks, right: other, on: { left: page, right: page } }, coProcess: ./own.ts#Shared }',
    api: ({ clicks, other }) => clicks.keyBy('page').connect(other.keyBy('page')).process(own.Shared).uid('x'),
  },
  'broadcast state': {
    spec: 'x: { input: clicks, broadcast: other, process: ./own.ts#Rules }',
    api: ({ clicks, other }) => clicks.connect(other.broadcast()).process(own.Rules).uid('x'),
  },
  'broadcast state by key': {
    spec: 'x: { input: clicks, keyBy: page, broadcast: other, process: ./own.ts#KeyedRules }',
    api: ({ clicks, other }) => clicks.keyBy('page').connect(other.broadcast()).process(own.KeyedRules).uid('x'),
  },
  'window join': {
    spec: 'x: { join: { left: clicks, right: other, on: page }, window: { tumbling: 10s, allowedLateness: 1s }, apply: ./own.ts#pair }',
    api: ({ clicks, other }) =>
      clicks
        .keyBy('page')
        .join(other.keyBy('page'))
        .window(tumbling('10s'), { allowedLateness: '1s' })
        .apply(own.pair)
        .uid('x'),
  },
  'window join by expressions': {
    spec: 'x: { join: { left: clicks, right: other, on: [page, user] }, window: { session: 3s }, select: { sum: left.ms + right.ms } }',
    api: ({ clicks, other }) =>
      clicks
        .keyBy('page', 'user')
        .join(other.keyBy('page', 'user'))
        .window(session('3s'))
        .apply((left, right) => ({ sum: left.ms + right.ms }))
        .uid('x'),
  },
  coGroup: {
    spec: 'x: { coGroup: { left: clicks, right: other, on: user }, window: { tumbling: 5s, trigger: { count: 2 }, evictor: { count: 3 } }, apply: ./own.ts#sizes }',
    api: ({ clicks, other }) =>
      clicks
        .keyBy('user')
        .coGroup(other.keyBy('user'))
        .window(tumbling('5s'), { trigger: trigger.count(2), evictor: evictor.count(3) })
        .apply(own.sizes)
        .uid('x'),
  },
  'interval join': {
    spec: 'x: { intervalJoin: { left: clicks, right: other, on: page }, between: [-3s, 3s], select: { from: left.ms, to: right.ms } }',
    api: ({ clicks, other }) =>
      clicks
        .keyBy('page')
        .intervalJoin(other.keyBy('page'))
        .between('-3s', '3s')
        .process((left, right) => ({ from: left.ms, to: right.ms }))
        .uid('x'),
  },
  'interval join with bounds of its own, and its late left side': {
    spec: 'x: { intervalJoin: { left: other, right: clicks, on: page }, between: { lower: -3s, upper: 3s, lowerInclusive: false, upperInclusive: false }, process: ./own.ts#pair }',
    read: 'x.lateLeft',
    api: ({ clicks, other }) =>
      other
        .keyBy('page')
        .intervalJoin(clicks.keyBy('page'))
        .between('-3s', '3s', { lowerInclusive: false, upperInclusive: false })
        .process(own.pair)
        .uid('x')
        .sideOutput('lateLeft'),
  },
  'the late right side of an interval join': {
    spec: 'x: { intervalJoin: { left: clicks, right: other, on: page }, between: [0s, 1s], process: ./own.ts#pair }',
    read: 'x.lateRight',
    api: ({ clicks, other }) =>
      clicks
        .keyBy('page')
        .intervalJoin(other.keyBy('page'))
        .between('0s', '1s')
        .process(own.pair)
        .uid('x')
        .sideOutput('lateRight'),
  },
};
