import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Duration } from 'aws-cdk-lib';
import { synthesizeJob } from '../cdk/app.ts';
import type { SinkResource, SourceResource } from '../core/connector/resource.ts';
import type { JobSpec } from '../core/job/spec/schema.ts';
import { runStack } from '../functions/cli/up/run-stack.ts';
import { readAssembly } from '../functions/emulator/template/read-assembly.ts';

/**
 * `npm run bench:deployed [-- SECONDS]`: how long an event takes from its put into the source stream to its row in the sink's
 * table, through two warm stages on emulators with standard polling (once a second per shard), by the batch window of the
 * mappings: the construct's own, and one for all. 20 events a second, each with a key of its own; the first five seconds warm the functions and do not count.
 * It measures neither AWS's own latencies nor more than one shard.
 *
 * Before that: the time from nothing (no stack synthesized, no process started) until 20,000 events that were put in at once
 * are counted by 40 keys and windows of ten seconds, 2,400 rows.
 */
const seconds = Number(process.argv[2] ?? 30);
const RATE = 20;
const WARM = 5 * RATE;

const jobOf = (window: object): JobSpec => ({
  job: 'deployed',
  sources: {
    events: {
      kinesis: { stream: 'events', format: 'json' },
      schema: { id: 'string', at: 'timestamp' },
      eventTime: { field: 'at' },
    },
  },
  operators: { counts: { input: 'events', keyBy: 'id', window, aggregate: { n: 'count(*)', at: 'max(at)' } } },
  sinks: { rows: { input: 'counts', dynamodb: { table: 'Rows', key: { id: 'string', at: 'number' } } } },
});
const sources: { readonly [uid: string]: SourceResource } = { events: { kind: 'kinesis-stream', name: 'events' } };
const sinks: { readonly [uid: string]: SinkResource } = { rows: { kind: 'dynamodb-table', name: 'Rows' } };

type Event = { readonly id: string; readonly at: number };
type Run = { readonly put: (events: readonly Event[]) => Promise<unknown>; readonly stop: () => Promise<void> };

/** The stack on emulators, synthesized anew. */
async function start(job: JobSpec, batchWindow: number | undefined, onRow: (row: Event) => void): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const file = join(folder, 'job.json');
  await writeFile(file, JSON.stringify(job));
  const outdir = join(folder, 'cdk.out');
  synthesizeJob({
    job: file,
    outdir,
    createEndpoints: true,
    validate: false,
    ...(batchWindow !== undefined && { batchWindow: Duration.seconds(batchWindow) }),
  });
  const { stack } = await runStack(
    { assembly: await readAssembly(outdir), sources, sinks },
    { stack: {}, onResult: ({ text }) => onRow(JSON.parse(text) as Event) },
  );
  return {
    put: (events) => {
      const Records = events.map((event) => {
        const Data = Buffer.from(JSON.stringify(event)).toString('base64');
        return { PartitionKey: event.id, Data };
      });
      return stack.aws.kinesis.call('PutRecords', { StreamName: 'events', Records });
    },
    stop: async () => {
      await stack.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function latencies(batchWindow: number | undefined): Promise<readonly number[]> {
  const since = new Map<string, number>();
  const taken: number[] = [];
  const run = await start(jobOf({ count: 1 }), batchWindow, ({ id }) => {
    if (Number(id) >= WARM) taken.push(performance.now() - (since.get(id) ?? 0));
  });
  const events = WARM + seconds * RATE;
  for (let n = 0; n < events; n++) {
    const id = String(n);
    since.set(id, performance.now());
    await run.put([{ id, at: Date.now() }]);
    await sleep(1_000 / RATE);
  }
  while (taken.length < events - WARM) await sleep(100);
  await run.stop();
  return taken.sort((a, b) => a - b);
}

/** Events of one key and window are 40 apart, 30 ms each; the last one ends all windows and has none that ends. */
async function fromNothing(): Promise<number> {
  const from = performance.now();
  let rows = 0;
  const run = await start(jobOf({ tumbling: '10s' }), undefined, () => rows++);
  const START = Date.UTC(2026, 0, 1);
  for (let n = 0; n < 20_000; n += 500) {
    await run.put(Array.from({ length: 500 }, (_, i) => ({ id: `key-${(n + i) % 40}`, at: START + (n + i) * 30 })));
  }
  await run.put([{ id: 'end', at: START + 3_600_000 }]);
  while (rows < 2_400) await sleep(20);
  const took = performance.now() - from;
  await run.stop();
  return took;
}

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n`);
process.stdout.write(`20,000 events from nothing to rows ${((await fromNothing()) / 1_000).toFixed(1)} s\n`);
for (const batchWindow of [undefined, 0, 1]) {
  const all = await latencies(batchWindow);
  const at = (part: number) => `${((all[Math.floor(all.length * part)] ?? 0) / 1_000).toFixed(2)} s`;
  process.stdout.write(
    `batch window ${batchWindow === undefined ? 'unless said' : `${batchWindow} s`}   p50 ${at(0.5)}   p90 ${at(0.9)}   p99 ${at(0.99)}   of ${all.length} events\n`,
  );
}
