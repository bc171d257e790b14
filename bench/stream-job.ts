import { blackhole } from '../core/connector/blackhole.ts';
import { collection } from '../core/connector/collection.ts';
import { type Job, job } from '../core/job/job.ts';
import { KeyedProcess } from '../core/job/process.ts';
import { count } from '../core/operator/aggregate/aggregates.ts';
import type { KeyedContext } from '../core/operator/process-function.ts';
import { state } from '../core/state/state.ts';
import { session, sliding, tumbling } from '../core/window/assigner.ts';
import { type BenchEvent, type CaseName, WINDOW } from './stream-case.ts';

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

/** The job of a case, from a collection to a sink that drops. */
export function streamJob(name: CaseName, events: readonly BenchEvent[]): Job {
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
