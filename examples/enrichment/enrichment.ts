import { BroadcastProcess, type Context, count, file, job, state, sum, tumbling } from 'millrace';

export type Flight = { departed: string; delay: number; miles: number; origin: string; destination: string };
export type Airport = { iata: string; name: string; city: string; state: string };
export type Departure = Flight & { city: string; state: string };

/** Adds the airport's city and state to each flight; every subtask holds the whole list of airports. */
export class WithAirport extends BroadcastProcess<Flight, Airport, Departure> {
  readonly airports = state.broadcast<string, Airport>('airports');

  process(flight: Flight, { emit, side }: Context<Departure>) {
    const airport = this.airports.get(flight.origin);
    if (airport === undefined) side('unknown', flight);
    else emit({ ...flight, city: airport.city, state: airport.state });
  }

  processBroadcast(airport: Airport) {
    this.airports.set(airport.iata, airport);
  }
}

export default job('enrichment', ({ source }) => {
  // Without event time a source is read first, so the airports are there before the first flight.
  const airports = source('airports', file<Airport>({ path: '../../node_modules/vega-datasets/data/airports.csv' }));
  source('flights', file<Flight>({ path: 'flights.jsonl' }), { eventTime: { from: 'departed', outOfOrderness: '0s' } })
    .connect(airports.broadcast())
    .process(WithAirport)
    .uid('withAirport')
    .keyBy('state')
    .window(tumbling('7d'))
    .aggregate({ flights: count(), miles: sum((flight) => flight.miles) })
    .uid('perState')
    .to('out', file({ path: 'out' }));
});
