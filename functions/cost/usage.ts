import type { SinkResource } from '../../core/connector/resource.ts';
import type { Graph } from '../../core/graph/node.ts';
import { ASSUMED } from './assumption.ts';
import { HOURS_A_MONTH, type Item, SECONDS_A_MONTH } from './price.ts';
import type { StageLoad, Workload } from './stage-load.ts';

/** How much of each item is used. */
export type Usage = { readonly [item in Item]?: number };

/** Ticks of the coordinator, and what one takes. */
const TICKS_A_MONTH = HOURS_A_MONTH * 60;
const TICK_SECONDS = 0.1;

/** What a job uses in a month, without the streams that its sources read and what its sinks write. */
export function monthlyUsage(loads: readonly StageLoad[], workload: Workload): Usage {
  return sumOf([...loads.map((load) => stageUsage(load, workload)), watching(loads)]);
}

/** What its sinks write in a month, which costs the same wherever the job runs. */
export function sinkUsage(graph: Graph, loads: readonly StageLoad[]): Usage {
  return sumOf(loads.map((load) => sinksOfStage(graph, load)));
}

/** What the streams cost that the sources read: they are there without the job too. */
export function sourceUsage(loads: readonly StageLoad[], { eventBytes, packed }: Workload): Usage {
  const sources = loads.filter(({ isSource }) => isSource);
  const units = ({ eventsIn, bytesIn }: StageLoad) =>
    packed ? bytesIn / 25_000 : eventsIn * Math.ceil(eventBytes / 25_000);
  return {
    kinesisShardHour: total(sources, ({ shards }) => shards) * HOURS_A_MONTH,
    kinesisPutUnit: total(sources, units) * SECONDS_A_MONTH,
  };
}

/** Invocations of a stage at once, on average. */
export function concurrencyOf(load: StageLoad, { memory }: Workload): number {
  return load.batches * secondsOfBatch(load, memory);
}

/** Counted requests, over so many seconds, as those of a month. */
export function usageFrom(counted: Usage, seconds: number): Usage {
  const month = SECONDS_A_MONTH / seconds;
  return Object.fromEntries(Object.entries(counted).map(([item, count]) => [item, count * month]));
}

export function sumOf(usages: readonly Usage[]): Usage {
  const sum: { [item in Item]?: number } = {};
  for (const usage of usages) {
    for (const [item, count] of Object.entries(usage) as [Item, number][]) sum[item] = (sum[item] ?? 0) + count;
  }
  return sum;
}

function stageUsage(load: StageLoad, { memory, keys }: Workload): Usage {
  const { batches, payloadBytes, isSource, shards, stateful } = load;
  const inline = payloadBytes <= ASSUMED.inlineBytes;
  const units = Math.ceil((ASSUMED.rowBytes + (inline ? payloadBytes : 0)) / 1_024);
  const compactions = stateful === 0 ? 0 : (batches / ASSUMED.commitsPerCompaction) * ASSUMED.objectsPerCompaction;
  const perSecond: Usage = {
    kinesisPutUnit: load.unitsOut,
    lambdaRequest: batches,
    lambdaGbSecond: batches * secondsOfBatch(load, memory) * (memory / 1_024),
    dynamodbWriteUnit: batches * units,
    s3Put: (inline ? 0 : batches) + compactions,
    s3Get: compactions,
    logGb: (batches * ASSUMED.logBytesPerInvocation) / 1e9,
  };
  return sumOf([
    Object.fromEntries(Object.entries(perSecond).map(([item, count]) => [item, count * SECONDS_A_MONTH])),
    {
      kinesisShardHour: isSource ? 0 : shards * HOURS_A_MONTH,
      storageGbMonth: (stateful * keys * ASSUMED.stateBytesPerKey) / 1e9,
      // The coordinator looks at the head of each task.
      dynamodbReadUnit: shards * TICKS_A_MONTH,
    },
  ]);
}

function secondsOfBatch({ eventsIn, batches }: StageLoad, memory: number): number {
  const core = Math.min(1, memory / ASSUMED.coreMebibytes);
  return ASSUMED.invocationMs / 1e3 + ((eventsIn / batches) * ASSUMED.microsecondsPerEvent) / 1e6 / core;
}

function watching(loads: readonly StageLoad[]): Usage {
  return {
    lambdaRequest: TICKS_A_MONTH,
    lambdaGbSecond: TICKS_A_MONTH * TICK_SECONDS,
    metric: loads.length * ASSUMED.metricsPerStage,
    alarm: loads.length * ASSUMED.alarmsPerStage,
    dashboard: 1,
  };
}

function sinksOfStage(graph: Graph, { results, batches }: StageLoad): Usage {
  return sumOf(
    [...results].map(([uid, rate]) => {
      const node = graph.nodes.find((other) => other.uid === uid);
      const resource = node?.kind === 'sink' ? node.sink.resource : undefined;
      const month = Object.entries(writesOf(resource?.kind, rate, Math.min(rate, batches)));
      return Object.fromEntries(month.map(([item, count]) => [item, count * SECONDS_A_MONTH]));
    }),
  );
}

/** Per second, of so many results in so many batches. */
function writesOf(kind: SinkResource['kind'] | undefined, rate: number, batches: number): Usage {
  switch (kind) {
    case 'dynamodb-table':
      return { dynamodbWriteUnit: rate * Math.ceil(ASSUMED.resultBytes / 1_024) };
    case 'kinesis-stream':
      return { kinesisPutUnit: rate };
    case 's3-bucket':
      return { s3Put: batches };
    case 'sqs-queue':
      return { sqsRequest: Math.max(batches, rate / 10) };
    case 'sns-topic':
      return { snsPublish: rate };
    case 'event-bus':
      return { eventBusEvent: rate };
    case 'firehose-stream':
      return { firehoseGb: (rate * ASSUMED.resultBytes) / 1e9 };
    case 'none':
    case undefined:
      return {};
  }
}

function total(loads: readonly StageLoad[], of: (load: StageLoad) => number): number {
  return loads.reduce((sum, load) => sum + of(load), 0);
}
