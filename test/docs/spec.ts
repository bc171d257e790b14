import {
  BroadcastProcess,
  type Context,
  count,
  countDistinct,
  evictor,
  file,
  globalWindow,
  job,
  type KeyedContext,
  KeyedProcess,
  max,
  percentile,
  session,
  sliding,
  state,
  stdout,
  trigger,
  tumbling,
} from '../../core/index.ts';

/** The code of docs/spec.md, region by region: its functions, and beside each spec the same job in TypeScript. */

// #region functions
export type Click = { page: string; user: string; agent: string; ms: number; at: string };

export const slower = (left: Click, right: Click) => (right.ms > left.ms ? right : left);

export const nameOf = async (click: Click) => ({ ...click, name: click.user.toUpperCase() });

export class Spikes extends KeyedProcess<string, Click, { page: string; ms: number }> {
  readonly usual = state.value<number>('usual', { default: 100, ttl: '1d' });

  process({ ms }: Click, { key, emit, side }: KeyedContext<string, { page: string; ms: number }>) {
    const usual = this.usual.get();
    if (ms > 3 * usual) emit({ page: key, ms });
    else side('usual', ms);
    this.usual.set(0.9 * usual + 0.1 * ms);
  }
}
// #endregion

// #region first-api
export const first = job('page-views', ({ source }) =>
  source('clicks', file<Click>({ path: 'clicks.jsonl' }), {
    schema: { page: 'string', user: 'string', agent: 'string', ms: 'int', at: 'string' },
    eventTime: { from: 'at', outOfOrderness: '5s' },
  })
    .filter((click) => click.agent !== 'bot')
    .uid('humans')
    .keyBy('page')
    .window(tumbling('10s'), { allowedLateness: '1m' })
    .aggregate({ views: count(), visitors: countDistinct((c) => c.user), slowest: max((c) => c.ms) })
    .uid('perPage')
    .to('table', stdout()),
);
// #endregion

// #region streams-api
export const streams = job('streams', ({ source }) => {
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at' } });
  const short = clicks.map((c) => ({ page: c.page.toLowerCase(), ms: c.ms })).uid('short');
  const slow = clicks.map((c) => ({ ...c, slow: c.ms > 100 })).uid('slow');
  const named = clicks
    .mapAsync(nameOf, { timeout: '2s', capacity: 50, retry: { attempts: 3, backoff: 2 } })
    .uid('named')
    .parallelism(1);
  const pages = short
    .union(slow, named.rebalance())
    .map((c) => c.page)
    .uid('pages');
  pages.to('out', stdout());
});
// #endregion

// #region keys-api
export const keys = job('keys', ({ source }) => {
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at' } });
  const slowest = clicks.keyBy('page', 'user').maxBy('ms').uid('slowest');
  const total = clicks
    .keyBy((c) => c.page.toUpperCase())
    .sum('ms')
    .uid('total');
  const last = clicks.keyBy('user').reduce(slower).uid('last');
  const spikes = clicks.keyBy('page').process(Spikes).uid('spikes');
  slowest.union(total, last).to('clicksOut', stdout());
  spikes.to('spikesOut', stdout());
  spikes.sideOutput('usual').to('usualOut', stdout());
});
// #endregion

// #region windows-api
export const windows = job('windows', ({ source }) => {
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), {
    eventTime: { from: 'at', outOfOrderness: '1s' },
  });
  const perPage = clicks
    .keyBy('page')
    .window(sliding('1m', '10s'), { allowedLateness: '1m' })
    .aggregate({ views: count(), p95: percentile((c) => c.ms, 0.95) })
    .uid('perPage');
  const visits = clicks
    .keyBy('user')
    .window(session('30m'))
    .apply((all, { key }) => ({ user: key, pages: all.length }))
    .uid('visits');
  const lastTwo = clicks
    .windowAll(globalWindow(), { trigger: trigger.count(1), evictor: evictor.count(2) })
    .apply((all) => all.map((c) => c.ms).join('+'))
    .uid('lastTwo');
  perPage.to('perPageOut', stdout());
  perPage.sideOutput('late').to('lateOut', stdout());
  visits.to('visitsOut', stdout());
  lastTwo.to('lastTwoOut', stdout());
});
// #endregion

// #region window-functions
export const visitOf = (all: readonly Click[], { key }: { key: string }) => ({ user: key, pages: all.length });

export const joined = (all: readonly Click[]) => all.map((click) => click.ms).join('+');
// #endregion

// #region two-functions
export type Order = { id: string; item: string; at: string };
export type Payment = { order: string; amount: number; at: string };

export const unpaid = (orders: readonly Order[], payments: readonly Payment[]) => (payments.length === 0 ? orders : []);

export class Prices extends BroadcastProcess<Order, { item: string; price: number }, { id: string; price: number }> {
  readonly prices = state.broadcast<string, number>('prices');

  process({ id, item }: Order, { emit }: Context<{ id: string; price: number }>) {
    const price = this.prices.get(item);
    if (price !== undefined) emit({ id, price });
  }

  processBroadcast({ item, price }: { item: string; price: number }) {
    this.prices.set(item, price);
  }
}
// #endregion

// #region two-api
export const two = job('two', ({ source }) => {
  const eventTime = { from: 'at' } as const;
  const prices = source('prices', file<{ item: string; price: number }>({ path: 'prices.jsonl' }));
  const orders = source('orders', file<Order>({ path: 'orders.jsonl' }), { eventTime });
  const payments = source('payments', file<Payment>({ path: 'payments.jsonl' }), { eventTime });
  orders
    .keyBy('id')
    .intervalJoin(payments.keyBy('order'))
    .between('-5m', '1h', { upperInclusive: false })
    .process((order, payment) => ({ id: order.id, amount: payment.amount }))
    .uid('paid')
    .to('paidOut', stdout());
  orders
    .keyBy('id')
    .join(payments.keyBy('order'))
    .window(tumbling('1h'))
    .apply((order, payment) => ({ item: order.item, amount: payment.amount }))
    .uid('perHour')
    .to('perHourOut', stdout());
  orders
    .keyBy('id')
    .coGroup(payments.keyBy('order'))
    .window(tumbling('1h'))
    .apply(unpaid)
    .uid('unpaid')
    .to('unpaidOut', stdout());
  orders
    .connect(payments)
    .map(
      (order) => order.id,
      (payment) => payment.order,
    )
    .uid('ids')
    .to('idsOut', stdout());
  orders.connect(prices.broadcast()).process(Prices).uid('priced').to('pricedOut', stdout());
});
// #endregion
