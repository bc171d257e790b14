import { count, file, job, max, maxBy, session, stdout } from 'millrace';

/**
 * A week of earthquakes as the USGS published them (vega-datasets), in the order in which the reports were last revised:
 * event time runs hours behind and out of order. Swarms are sessions: quakes of one network less than 30 minutes apart.
 */
export type Quake = { id: string; network: string; magnitude: number; place: string; time: number; depthKm: number };

export default job('earthquake-swarms', ({ source }) => {
  const swarms = source('quakes', file<Quake>({ path: 'earthquakes.jsonl' }), {
    eventTime: { from: 'time', outOfOrderness: '2d' },
  })
    .filter((quake) => quake.magnitude >= 1)
    .keyBy('network')
    .window(session('30m'), { allowedLateness: '6h' })
    .aggregate({
      quakes: count(),
      strongest: max((quake) => quake.magnitude),
      where: maxBy(
        (quake) => quake.place,
        (quake) => quake.magnitude,
      ),
    })
    .uid('swarms');
  swarms.filter((swarm) => swarm.quakes >= 8).to('table', stdout({ format: 'table' }));
  swarms.sideOutput('late').to('late', file({ path: 'late' }));
});
