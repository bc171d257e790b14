import { blackhole } from '../core/connector/blackhole.ts';
import { collection } from '../core/connector/collection.ts';
import { type Job, job } from '../core/job/job.ts';
import { KeyedProcess } from '../core/job/process.ts';
import { runLocal } from '../core/local/run-local.ts';
import { count } from '../core/operator/aggregate/aggregates.ts';
import type { KeyedContext } from '../core/operator/process-function.ts';
import { state } from '../core/state/state.ts';
import { session, sliding, tumbling } from '../core/window/assigner.ts';
import { bareLoop } from './bare-loop.ts';
import { RIVALS } from './rival.ts';
import { type BenchEvent, benchEvents, CASES, type CaseName, measure, WINDOW } from './stream-case.ts';

/**
 * `npm run bench [-- EVENTS]`: the five stream jobs, each as a whole job from a collection to a sink that drops, beside a
 * bare loop and other libraries, in one run. Best of three rounds, million events per CPU second. It does not measure
 * reading from a disk, nor several workers.
 */
class SumThenEmit extends KeyedProcess<number, BenchEvent, number> {
  readonly sum = state.value<number | null>('sum', { default: null });

  process(event: BenchEvent, { timers, timestamp }: KeyedContext<number, number>) {
    const before = this.sum.get();
    if (before === null) timers.eventTime(timestamp + WINDOW.timerMs);
    this.sum.set((before ?? 0) + event.value);
  }

  onTimer(_at: number, { emit }: KeyedContext<number, number>) {
    emit(this.sum.get() ?? 0);
    this.sum.clear();
  }
}

function jobOf(name: CaseName, events: readonly BenchEvent[]): Job {
  return job(name, ({ source }) => {
    const input = source('events', collection(events), {
      eventTime: { from: (event) => event.at, outOfOrderness: WINDOW.disorderMs },
    });
    const keyed = input.keyBy((event) => event.key);
    switch (name) {
      case 'map-filter':
        input
          .map((event) => event.value * 2)
          .filter((value) => value % 3 === 0)
          .to('out', blackhole());
        return;
      case 'tumbling':
        keyed.window(tumbling(WINDOW.tumblingMs)).aggregate({ n: count() }).uid('count').to('out', blackhole());
        return;
      case 'sliding':
        keyed
          .window(sliding(WINDOW.sizeMs, WINDOW.slideMs))
          .aggregate({ n: count() })
          .uid('count')
          .to('out', blackhole());
        return;
      case 'session':
        keyed.window(session(WINDOW.gapMs)).aggregate({ n: count() }).uid('count').to('out', blackhole());
        return;
      case 'process':
        keyed.process(SumThenEmit).uid('sum').to('out', blackhole());
    }
  });
}

async function runJob(name: CaseName, events: readonly BenchEvent[]): Promise<number> {
  const { metrics } = await (await runLocal(jobOf(name, events).graph)).done;
  return metrics.find(({ uid }) => uid === 'out')?.recordsIn ?? 0;
}

const KEYS = 10_000;
const total = Number(process.argv[2] ?? 1_000_000);
for (const name of CASES) {
  // What costs 60 windows a record in other libraries is measured over fewer records.
  const rows = [
    { name: 'bare loop', events: total, run: async (events: readonly BenchEvent[]) => bareLoop(name, events) },
    { name: 'millrace', events: total, run: (events: readonly BenchEvent[]) => runJob(name, events) },
    ...RIVALS.map((rival) => ({
      name: rival.name,
      events: name === 'sliding' ? total / 50 : total / 2,
      run: (events: readonly BenchEvent[]) => rival.run(name, events),
    })),
  ];
  for (const row of rows) {
    const events = benchEvents(row.events, KEYS);
    let best = 0;
    let results: number | undefined;
    for (let round = 0; round < 3; round++) {
      const { perCpuSecond } = await measure(events.length, async () => {
        results = await row.run(events);
        return results ?? 0;
      });
      best = Math.max(best, perCpuSecond);
    }
    const speed = results === undefined ? 'cannot' : `${(best / 1e6).toFixed(3)} M/s`;
    process.stdout.write(`${name.padEnd(12)}${row.name.padEnd(20)}${speed.padStart(12)}   ${results ?? '-'} results\n`);
  }
}
