import { runLocal } from '../core/local/run-local.ts';
import { bareLoop } from './bare-loop.ts';
import { jsonLinesRows } from './json-lines.ts';
import { type Row, tell } from './measure.ts';
import { RIVALS } from './rival.ts';
import { benchEvents, CASES, type CaseName } from './stream-case.ts';
import { streamJob } from './stream-job.ts';
import { workerRows } from './workers.ts';

/**
 * `npm run bench [-- EVENTS [CASE…]]`: the cases of README.md, beside a bare loop and other libraries, in one run.
 */
const KEYS = 10_000;

function streamRows(name: CaseName, total: number): readonly Row[] {
  const events = benchEvents(total, KEYS);
  // What costs 60 windows a record in other libraries is measured over fewer records.
  const fewer = name === 'sliding' ? events.slice(0, total / 50) : events;
  return [
    { name: 'bare loop', records: total, run: async () => bareLoop(name, events) },
    {
      name: 'millrace',
      records: total,
      async run() {
        const { metrics } = await (await runLocal(streamJob(name, events).graph)).done;
        return metrics.find(({ uid }) => uid === 'out')?.recordsIn ?? 0;
      },
    },
    ...RIVALS.map((rival) => ({
      name: rival.name,
      records: fewer.length,
      run: () => rival.run(name, fewer),
    })),
  ];
}

const [total = 1_000_000, asked] = [Number(process.argv[2] ?? 1_000_000), process.argv.slice(3)];
const wanted = (name: string) => asked.length === 0 || asked.includes(name);
for (const name of CASES) if (wanted(name)) await tell(name, streamRows(name, total));
if (wanted('json-lines')) await tell('json-lines', await jsonLinesRows(2 * total));
if (wanted('workers')) await tell('workers', workerRows(Math.min(total, 500_000)));
