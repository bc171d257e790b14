import { expect, it } from 'vitest';
import { collection, datagen, job, stdout } from '../../core/index.ts';
import { newMetrics } from '../../core/operator/operator-metrics.ts';
import { operatorLines, progressLine } from '../../functions/cli/progress.ts';

const NOON = Date.UTC(2024, 2, 1, 12);
const jobOf = (isBounded: boolean) =>
  job('clicks', ({ source }) => {
    const counter = datagen<{ n: number }>({ fields: { n: { kind: 'sequence' } } });
    source('numbers', isBounded ? collection([{ n: 1 }]) : counter, { eventTime: { from: 'n' } })
      .filter(() => true)
      .uid('kept')
      .to('out', stdout());
  }).graph;
const metrics = [
  { ...newMetrics(), uid: 'numbers', recordsOut: 12_400_000, watermark: NOON - 65_400, state: 1 },
  {
    ...newMetrics(),
    uid: 'kept',
    recordsIn: 12_400_000,
    recordsOut: 900,
    late: 12,
    deadLetters: 3,
    state: 7,
    busyMs: 250,
  },
];

it('a line of progress has records, speed, event time, and what was late or could not be handled', () => {
  expect(progressLine({ graph: jobOf(true), metrics, seconds: 4, now: NOON })).toBe(
    'clicks   12.4 M records   3.10 M/s   watermark 11:58:54   late 12   dead letters 3',
  );
});

it('a line of progress of unbounded input says how far event time is behind the clock', () => {
  const line = progressLine({ graph: jobOf(false), metrics, seconds: 4, now: NOON });
  expect(line).toContain('   watermark 11:58:54   lag 1m5s   ');
});

it('each operator has a line of its own', () => {
  expect(operatorLines({ graph: jobOf(true), metrics, seconds: 4, now: NOON }).split('\n')).toEqual([
    '  numbers   in 0   out 12.4 M   3.10 M/s   late 0   state 1   busy 0 ms   watermark 11:58:54',
    '  kept      in 12.4 M   out 900   3.10 M/s   late 12   state 7   busy 250 ms',
  ]);
});
