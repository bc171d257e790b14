import type { KinesisStreamEvent } from 'aws-lambda';
import { keyGroupOf } from '../core/codec/key.ts';
import { kinesis } from '../core/connector/aws/kinesis.ts';
import { blackhole } from '../core/connector/blackhole.ts';
import type { FrameHeader } from '../core/frame/frame.ts';
import { encodeBody, encodeFrame } from '../core/frame/frame-codec.ts';
import { job } from '../core/job/job.ts';
import type { AggregateFunction } from '../core/operator/aggregate-function.ts';
import { seededRandom } from '../core/port/random.ts';
import type { RecordWriter } from '../core/port/record-writer.ts';
import { StageRuntime } from '../core/task/stage-runtime.ts';
import { startJob } from '../core/task/topology.ts';
import { ManualClock } from '../core/testing/manual-clock.ts';
import { MemoryCommitTable } from '../core/testing/memory-commit-table.ts';
import { MemoryFrameLog } from '../core/testing/memory-frame-log.ts';
import { MemoryStore } from '../core/testing/memory-store.ts';
import { MIN_TIMESTAMP } from '../core/time/timestamp.ts';
import { tumbling } from '../core/window/assigner.ts';
import { kinesisBatch } from '../functions/stage/kinesis-batch.ts';
import { type ClickEvent, clickEvents } from './click-event.ts';

/**
 * `npm run bench:handler [-- BATCHES]`: processor time per event of what the function of a stage does with a batch, from the
 * text of Lambda's event to the commit and its frames: events of 1 KB on an inner stage, packed in frames and counted per
 * page in windows of 10 s, and on a source stage, raw as JSON. Services are in memory. The median of the batches counts; it
 * does not measure the client of any service, nor starting.
 */
const batches = Number(process.argv[2] ?? 40);

/** Of the size that Lambda's 6 MB hold: five frames, and 3,200 raw records. */
const FRAMES = 5;
const FRAME_EVENTS = 2_000;
const RAW_EVENTS = 3_200;
const PAGES = 1_000;

/** A count that nobody knows how to merge, so that the events themselves go through the shuffle. */
const plainCount: AggregateFunction<ClickEvent, number, number> = {
  create: () => 0,
  add: (count) => count + 1,
  result: (count) => count,
};

const { graph } = job('bench', ({ source }) => {
  source('clicks', kinesis<ClickEvent>({ stream: 'clicks' }), { eventTime: { from: (click) => click.at } })
    .keyBy('page')
    .window(tumbling('10s'))
    .aggregate(plainCount)
    .uid('perPage')
    .to('out', blackhole());
});

const nowhere: RecordWriter = { write: async () => [] };

async function runtimeOf(stage: string): Promise<StageRuntime> {
  const table = new MemoryCommitTable();
  const range = { first: 0, last: 1023 };
  const shards = [{ id: 'shard-000', range }];
  await startJob(
    table,
    { name: 'bench', incarnation: 1, writer: 'start' },
    { stages: { clicks: shards, perPage: shards } },
  );
  return new StageRuntime({
    graph,
    stage,
    incarnation: 1,
    table,
    objects: new MemoryStore(),
    inboxes: new Map([['perPage', new MemoryFrameLog(1)]]),
    writers: new Map([['out', nowhere]]),
    deadLetters: nowhere,
    clock: new ManualClock(1_700_000_000_000),
    random: seededRandom(1),
  });
}

/** The text of a batch of records, as Lambda gives it. */
function eventOf(batch: number, records: readonly Uint8Array[]): string {
  const Records = records.map((bytes, i) => {
    const sequenceNumber = String(batch * 10_000 + i + 1).padStart(56, '0');
    return {
      eventID: `shard-000:${sequenceNumber}`,
      eventSource: 'aws:kinesis',
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'm',
        sequenceNumber,
        data: Buffer.from(bytes).toString('base64'),
        approximateArrivalTimestamp: 1_700_000_000,
      },
    };
  });
  return JSON.stringify({ Records });
}

function frameOf(n: number, chunk: number, events: readonly ClickEvent[]): Uint8Array {
  const body = encodeBody({
    values: events,
    timestamps: events.map(({ at }) => at),
    groups: events.map(({ page }) => keyGroupOf(page, 1024)),
  });
  if (body.kind === 'too-large') throw new Error('take fewer events for a frame');
  const range = { first: 0, last: 1023 };
  const before = chunk > 0 ? { n, chunk: chunk - 1 } : { n: n - 1, chunk: FRAMES - 1 };
  const last = chunk === FRAMES - 1;
  const header: FrameHeader = {
    job: 'bench',
    incarnation: 1,
    producer: 'clicks/shard-000',
    n,
    chunk,
    last,
    prev: before.n < 0 ? [] : [{ range, ...before }],
    port: 0,
    range,
    watermark: last ? (events.at(-1)?.at ?? MIN_TIMESTAMP) : MIN_TIMESTAMP,
    idle: false,
    barrier: 0,
  };
  return encodeFrame(header, body);
}

async function tell(name: string, stage: string, events: number, batchOf: (batch: number) => string): Promise<void> {
  const runtime = await runtimeOf(stage);
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const text = batchOf(batch);
    const start = process.cpuUsage();
    await runtime.batch(...kinesisBatch(JSON.parse(text) as KinesisStreamEvent), Number.MAX_SAFE_INTEGER);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / events);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const best = times[0] ?? 0;
  process.stdout.write(`${name.padEnd(28)}${median.toFixed(2).padStart(8)} µs per event   best ${best.toFixed(2)}\n`);
}

const clicks = clickEvents(FRAMES * FRAME_EVENTS, PAGES);
/** The same clicks again, as much later as there are. */
const later = (batch: number) => clicks.map((click) => ({ ...click, at: click.at + batch * clicks.length }));

await tell('inner stage, frames', 'perPage', FRAMES * FRAME_EVENTS, (batch) => {
  const events = later(batch);
  const chunk = (i: number) => frameOf(batch, i, events.slice(i * FRAME_EVENTS, (i + 1) * FRAME_EVENTS));
  return eventOf(
    batch,
    Array.from({ length: FRAMES }, (_, i) => chunk(i)),
  );
});

await tell('source stage, raw JSON', 'clicks', RAW_EVENTS, (batch) =>
  eventOf(
    batch,
    later(batch)
      .slice(0, RAW_EVENTS)
      .map((click) => Buffer.from(JSON.stringify(click))),
  ),
);
