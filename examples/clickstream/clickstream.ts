import { count, countDistinct, file, first, job, last, session, stdout } from 'millrace';

/**
 * Visits to a shop: clicks of one visitor less than 20 minutes apart. Phones that were offline send their clicks late; a
 * click inside the allowed lateness updates its visit, a later one goes to a side output instead of being lost.
 */
export type Click = { visitor: string; page: string; at: number };

export default job('visits', ({ source }) => {
  const visits = source('clicks', file<Click>({ path: 'clicks.jsonl' }), {
    eventTime: { from: 'at', outOfOrderness: '30s' },
  })
    .keyBy('visitor')
    .window(session('20m'), { allowedLateness: '10m' })
    .aggregate({
      pages: count(),
      different: countDistinct((click) => click.page),
      entry: first((click) => click.page),
      exit: last((click) => click.page),
      bought: count({ where: (click) => click.page === '/thanks' }),
    })
    .uid('visits');
  visits.to('allVisits', file({ path: 'out' }));
  visits.filter((visit) => visit.bought > 2).to('buyers', stdout({ format: 'table' }));
  visits.sideOutput('late').to('tooLate', file({ path: 'late' }));
});
