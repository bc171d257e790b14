import {
  BroadcastProcess,
  type Context,
  collect,
  count,
  explain,
  file,
  job,
  type KeyedContext,
  KeyedProcess,
  max,
  minutes,
  outputTag,
  planOf,
  session,
  state,
  stdout,
  type TimerContext,
  tumbling,
} from '../../core/index.ts';

/** The code of docs/api.md, region by region. It is compiled, and api.test.ts runs its jobs. */

// #region records
export type Click = { page: string; user: string; agent: string; ms: number; at: string };
// #endregion

// #region first
export const pageViews = job('page-views', ({ source }) =>
  source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at', outOfOrderness: '5s' } })
    .filter((click) => click.agent !== 'bot')
    .keyBy('page')
    .window(tumbling('10s'), { allowedLateness: '1m' })
    .aggregate({ views: count(), slowest: max((click) => click.ms) })
    .uid('perPage')
    .to('table', stdout()),
);
// #endregion

// #region plan
export const plan = explain(planOf(pageViews.graph));
// #endregion

export const streams = job('streams', ({ source }) => {
  // #region event-time
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), {
    eventTime: { from: (click) => new Date(click.at), outOfOrderness: '5s', idleAfter: '1m', maxAhead: '1d' },
  });
  // #endregion

  // #region map
  const pages = clicks
    .filter((click) => click.agent !== 'bot')
    .map(({ page, ms }) => ({ page: page.toLowerCase(), ms }))
    .uid('pages');
  const words = pages.flatMap(({ page }) => page.split('/').filter((word) => word !== ''));
  // #endregion
  words.uid('words').to('wordsOut', collect());

  // #region union
  const bots = clicks.filter((click) => click.agent === 'bot').map(({ page, ms }) => ({ page, ms }));
  const all = pages.union(bots).rebalance();
  // #endregion
  all.to('allOut', collect());

  // #region async
  const named = clicks.mapAsync(async (click) => ({ ...click, name: await nameOf(click.user) }), {
    timeout: '2s',
    capacity: 50,
    retry: { attempts: 3, delay: '100ms', backoff: 2 },
    fallback: (click) => ({ ...click, name: 'unknown' }),
  });
  // #endregion
  named.to('namedOut', collect());

  // #region rolling
  const slowestSoFar = clicks.keyBy('page').maxBy('ms').uid('slowestSoFar');
  const total = clicks
    .keyBy((click) => click.page.toLowerCase())
    .reduce((left, right) => ({ ...right, ms: left.ms + right.ms }))
    .uid('total');
  // #endregion
  slowestSoFar.to('slowestOut', collect());
  total.to('totalOut', collect());
});

/** Stands for a service. */
async function nameOf(user: string): Promise<string> {
  return user.toUpperCase();
}

// #region process
export type Slow = { page: string; ms: number; usual: number };

export class SlowClicks extends KeyedProcess<string, Click, Slow> {
  readonly usual = state.value<number>('usual', { default: 100, ttl: '1d' });

  process(click: Click, { key, timestamp, timers, emit }: KeyedContext<string, Slow>) {
    const usual = this.usual.get();
    if (click.ms > 3 * usual) emit({ page: key, ms: click.ms, usual });
    this.usual.set(0.9 * usual + 0.1 * click.ms);
    timers.eventTime(timestamp + minutes(30));
  }

  onTimer(_at: number, _context: TimerContext<string, Slow>) {
    this.usual.clear();
  }
}
// #endregion

export const processes = job('processes', ({ source }) => {
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at' } });

  // #region process-use
  const slow = clicks.keyBy('page').process(SlowClicks).uid('slow');
  // #endregion
  slow.to('slowOut', collect());

  // #region process-inline
  const again = clicks
    .keyBy('user')
    .process<string>(() => {
      const last = state.value<string>('last');
      return {
        process(click, { key, emit }) {
          if (last.get() === click.page) emit(`${key} saw ${click.page} again`);
          last.set(click.page);
        },
      };
    })
    .uid('again');
  // #endregion
  again.to('againOut', collect());

  // #region side-output
  const odd = outputTag<Click>('odd');
  const checked = clicks.process<Click>({
    process(click, { emit, side }) {
      if (click.ms >= 0) emit(click);
      else side(odd, click);
    },
  });
  const oddClicks = checked.sideOutput(odd); // Stream<Click>
  // #endregion
  checked.to('checkedOut', collect());
  oddClicks.to('oddOut', collect());
});

// #region broadcast
export type Rule = { page: string; limit: number };

export class Limits extends BroadcastProcess<Click, Rule, string> {
  readonly limits = state.broadcast<string, number>('limits');

  process(click: Click, { emit }: Context<string>) {
    const limit = this.limits.get(click.page);
    if (limit !== undefined && click.ms > limit) emit(`${click.page} took ${click.ms} ms`);
  }

  processBroadcast(rule: Rule) {
    this.limits.set(rule.page, rule.limit);
  }
}

export const limits = job('limits', ({ source }) => {
  const rules = source('rules', file<Rule>({ path: 'rules.jsonl' })).broadcast();
  source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at' } })
    .connect(rules)
    .process(Limits)
    .uid('limits')
    .to('tooSlow', stdout());
});
// #endregion

export const windows = job('windows', ({ source }) => {
  const clicks = source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at' } });

  // #region window
  const perPage = clicks
    .keyBy('page', 'user')
    .window(tumbling('10s'), { allowedLateness: '1m' })
    .aggregate({ views: count(), slowest: max((click) => click.ms) })
    .uid('perPage'); // { page, user, windowStart, windowEnd, views, slowest }
  const tooLate = perPage.sideOutput('late'); // Stream<Click>
  // #endregion
  perPage.to('perPageOut', collect());
  tooLate.to('tooLateOut', collect());

  // #region window-functions
  const visits = clicks
    .keyBy('user')
    .window(session('30m'))
    .apply((all, { key, window }) => ({ user: key, pages: all.map(({ page }) => page), end: window.end }))
    .uid('visits');
  const busiest = clicks
    .windowAll(tumbling('1m'))
    .aggregate({ views: count() }, ({ views }, { window }) => (views > 1 ? { at: window.start, views } : undefined))
    .uid('busiest');
  const thirds = clicks.keyBy('page').countWindow(3).sum('ms').uid('thirds');
  // #endregion
  visits.to('visitsOut', collect());
  busiest.to('busiestOut', collect());
  thirds.to('thirdsOut', collect());
});

// #region joins
export type Order = { id: string; item: string; at: string };
export type Payment = { order: string; amount: number; at: string };

export const joins = job('joins', ({ source }) => {
  const eventTime = { from: 'at' } as const;
  const orders = source('orders', file<Order>({ path: 'orders.jsonl' }), { eventTime }).keyBy('id');
  const payments = source('payments', file<Payment>({ path: 'payments.jsonl' }), { eventTime }).keyBy('order');

  orders
    .intervalJoin(payments)
    .between('-5m', '1h', { upperInclusive: false })
    .process((order, payment) => ({ id: order.id, item: order.item, amount: payment.amount }))
    .uid('paid')
    .to('invoices', stdout());

  orders
    .join(payments)
    .window(tumbling('1h'))
    .apply((order, payment, { window }) => ({ id: order.id, amount: payment.amount, hour: window.start }))
    .uid('perHour')
    .to('hourly', stdout());

  orders
    .coGroup(payments)
    .window(tumbling('1h'))
    .apply((placed, paid) => (paid.length === 0 ? placed : []))
    .uid('unpaid')
    .to('reminders', stdout());
});
// #endregion
