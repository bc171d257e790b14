import { avg, count, file, job, stdout, tumbling } from 'millrace';

/**
 * Three million flights of 2001, as the Bureau of Transportation Statistics recorded them (vega-datasets). How late do
 * planes leave each airport, week by week, and which airport was the worst of its week?
 */
export type Flight = { date: number; delay: number; distance: number; origin: string; destination: string };

/** Smaller airports have weeks that say little. */
const BUSY = 1_000;

export default job('flight-delays', ({ source }) =>
  source('flights', file<Flight>({ path: '../../node_modules/vega-datasets/data/flights-3m.parquet' }), {
    eventTime: { from: 'date', outOfOrderness: '0s' },
  })
    .keyBy('origin')
    .window(tumbling('7d'))
    .aggregate({ flights: count(), meanDelay: avg((flight) => flight.delay) })
    .uid('perAirport')
    .filter((week) => week.flights >= BUSY)
    .windowAll(tumbling('7d'))
    .reduce((one, other) => ((other.meanDelay ?? 0) > (one.meanDelay ?? 0) ? other : one))
    .uid('worst')
    .map(({ origin, flights, meanDelay, windowStart }) => ({
      week: new Date(windowStart).toISOString().slice(0, 10),
      airport: origin,
      flights,
      'mean delay, minutes': Math.round((meanDelay ?? 0) * 10) / 10,
    }))
    .to('table', stdout({ format: 'table' })),
);
