import { blackhole } from '../core/connector/blackhole.ts';
import { defineSource } from '../core/connector/define-source.ts';
import type { Source } from '../core/connector/source.ts';
import { job } from '../core/job/job.ts';
import { runLocal } from '../core/local/run-local.ts';
import { count } from '../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../core/window/assigner.ts';
import { type BenchEvent, WINDOW } from './stream-case.ts';

/**
 * `npm run bench:memory [-- EVENTS]`: 100 million generated events through a keyed 10-second tumbling window, 10,000 keys;
 * writes what the process holds (resident set) at every tenth of them, and fails above 512 MB.
 */
const LIMIT_BYTES = 512 * 1024 * 1024;
const total = Number(process.argv[2] ?? 100_000_000);
let highest = 0;

function watched(given: number): void {
  const { rss, heapUsed } = process.memoryUsage();
  highest = Math.max(highest, rss);
  const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`;
  const line = [`${(given / 1e6).toFixed(0)} M events`, megabytes(rss), `heap ${megabytes(heapUsed)}`];
  process.stdout.write(`${line.map((cell) => cell.padStart(14)).join('')}\n`);
}

/** The same spread of keys and times as benchEvents, made as they are read. */
function generated(): Source<BenchEvent> {
  return defineSource<BenchEvent, null, number>({
    name: `${total} events`,
    bounded: true,
    splits: async () => [{ id: 'all', split: null }],
    async open(_split, position = 0) {
      let given = position;
      return {
        read(limit) {
          const values: BenchEvent[] = [];
          for (const end = Math.min(total, given + limit); given < end; given++) {
            const mixed = Math.imul(given, 0x9e3779b1) >>> 0;
            values.push({
              at: Math.floor(given / 100) + (mixed % WINDOW.disorderMs),
              key: (mixed >>> 8) % 10_000,
              value: mixed % 1_000,
            });
            if ((given + 1) % Math.ceil(total / 10) === 0) watched(given + 1);
          }
          return { values, ended: given === total };
        },
        position: () => given,
        close: async () => {},
      };
    },
  }) as Source<BenchEvent>;
}

const { graph } = job('memory', ({ source }) =>
  source('events', generated(), {
    eventTime: { from: ({ at }) => at, outOfOrderness: WINDOW.disorderMs },
  })
    .keyBy(({ key }) => key)
    .window(tumbling(WINDOW.tumblingMs))
    .aggregate({ n: count() })
    .uid('count')
    .to('out', blackhole()),
);

const start = performance.now();
await (await runLocal(graph)).done;
const seconds = (performance.now() - start) / 1_000;
process.stdout.write(
  `${(total / seconds / 1e6).toFixed(2)} M events/s, at most ${Math.round(highest / 1_048_576)} MB\n`,
);
if (highest > LIMIT_BYTES) process.exitCode = 1;
