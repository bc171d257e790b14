import { createOperator } from '../core/operator/create-operator.ts';
import type { OperatorDescriptor } from '../core/operator/descriptor.ts';
import type { Operator, OperatorContext, Output } from '../core/operator/operator.ts';
import { newMetrics } from '../core/operator/operator-metrics.ts';
import type { KeyedContext, TimerContext } from '../core/operator/process-function.ts';
import { seededRandom } from '../core/port/random.ts';
import { MemoryBackend } from '../core/state/memory-backend.ts';
import { state } from '../core/state/state.ts';
import { ManualClock } from '../core/testing/manual-clock.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../core/time/timestamp.ts';
import { boundedOutOfOrderness } from '../core/time/watermark-generator.ts';
import { bareLoop } from './bare-loop.ts';
import { type BenchEvent, benchEvents, type CaseName } from './stream-case.ts';

/**
 * Million records per second through chained operators alone: no source, no runtime, a sink that counts. Best of five
 * rounds on one core, beside a bare loop over Maps.
 *
 *     node bench/operator-process.ts [records]
 */
class SumWithTimer {
  readonly sum = state.value<number>('sum');

  process({ at, value }: BenchEvent, { timers }: KeyedContext<number, number>): void {
    let sum = this.sum.get();
    if (sum === undefined) {
      sum = 0;
      timers.eventTime(at + 10_000);
    }
    this.sum.set(sum + value);
  }

  onTimer(_at: Timestamp, { emit }: TimerContext<number, number>): void {
    emit(this.sum.get() ?? 0);
    this.sum.clear();
  }
}

const CASES: { readonly [name in CaseName]?: readonly OperatorDescriptor[] } = {
  'map-filter': [
    { kind: 'map', map: (event: BenchEvent) => event.value * 2 },
    { kind: 'filter', filter: (value: number) => value % 3 === 0 },
  ],
  process: [
    {
      kind: 'keyedProcess',
      key: { of: (event: BenchEvent) => event.key, columns: ['key'] },
      create: () => new SumWithTimer(),
    },
  ],
};

let results = 0;
const sink: Output = { record: () => void results++, watermark: () => {}, idle: () => {} };

function contextOver(output: Output): OperatorContext {
  return {
    uid: 'bench',
    output,
    side: () => sink,
    state: new MemoryBackend(),
    clock: new ManualClock(),
    random: seededRandom(1),
    metrics: newMetrics(),
    subtask: { index: 0, parallelism: 1, maxParallelism: 1024 },
    poison: (error) => {
      throw error;
    },
  };
}

function chain(descriptors: readonly OperatorDescriptor[]): Operator {
  let output = sink;
  let first: Operator | undefined;
  for (const descriptor of descriptors.toReversed()) {
    const made = createOperator(descriptor, contextOver(output));
    first = made;
    output = {
      record: (value, timestamp) => made.inputs[0]?.record(value, timestamp),
      watermark: (at) => made.watermark(at),
      idle: (isIdle) => made.idle(isIdle),
    };
    if (made.inputs[0] === (made as unknown)) output = made as unknown as Output;
  }
  if (first === undefined) throw new Error('a case needs an operator');
  return first;
}

function run(descriptors: readonly OperatorDescriptor[], events: readonly BenchEvent[]): number {
  results = 0;
  const first = chain(descriptors);
  const [input] = first.inputs;
  const generator = boundedOutOfOrderness(1_000)();
  for (const event of events) {
    input?.record(event, event.at);
    const watermark = generator.onRecord(event, event.at);
    if (watermark !== undefined) first.watermark(watermark);
  }
  first.watermark(MAX_TIMESTAMP);
  return results;
}

function best(work: () => number, count: number): { readonly perSecond: number; readonly results: number } {
  let shortest = Number.POSITIVE_INFINITY;
  let made = 0;
  for (let round = 0; round < 5; round++) {
    const before = performance.now();
    made = work();
    shortest = Math.min(shortest, performance.now() - before);
  }
  return { perSecond: (count / shortest) * 1_000, results: made };
}

const count = Number(process.argv[2] ?? 3_000_000);
const events = benchEvents(count, 10_000);
for (const [name, descriptors] of Object.entries(CASES)) {
  const ours = best(() => run(descriptors, events), count);
  const bare = best(() => bareLoop(name as CaseName, events), count);
  const figures = [ours, bare].map(({ perSecond }) => (perSecond / 1e6).toFixed(1).padStart(6));
  console.log(`${name.padEnd(12)} ${figures[0]} M/s   bare ${figures[1]} M/s   ${ours.results} results`);
}
