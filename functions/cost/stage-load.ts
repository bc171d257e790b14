import type { Graph, GraphNode } from '../../core/graph/node.ts';
import type { Exchange, Plan, Stage } from '../../core/graph/plan.ts';
import { ASSUMED } from './assumption.ts';

/**
 * How much goes through each stage of a job, from its sources on.
 *
 * Model: events arrive evenly over keys, sources and shards. A batch of a shard is handed over when its window has passed
 * since its first record, or 6 MB are there, or 10,000 records. Of n events over k keys, k (1 - e^(-n/k)) keys are met; so many
 * accumulators leave a combiner, and so many keys a batch changes. A window gives a row for each key that it met. Other
 * operators give as much as they get.
 */
export type Workload = {
  /** Events per second, over all sources of the job. */
  readonly rate: number;
  readonly eventBytes: number;
  /** Different keys, of any one keyed operator. */
  readonly keys: number;
  readonly batchSeconds: number;
  /** Memory of each function, in MiB. */
  readonly memory: number;
  /** The sources hold packed events, as `millrace/producer` writes them. */
  readonly packed: boolean;
};

export type StageLoad = {
  readonly stage: string;
  readonly isSource: boolean;
  readonly shards: number;
  /** All per second. */
  readonly batches: number;
  readonly eventsIn: number;
  readonly bytesIn: number;
  readonly framesOut: number;
  /** PUT units of what it publishes. */
  readonly unitsOut: number;
  /** Bytes of state and outbox that a batch commits. */
  readonly payloadBytes: number;
  readonly stateful: number;
  /** Results per second of each sink in the stage. */
  readonly results: ReadonlyMap<string, number>;
};

/** In the order of the plan, so that what a stage gets is known before it. */
export function stageLoads(graph: Graph, plan: Plan, workload: Workload): readonly StageLoad[] {
  const rates = outputRates(graph, workload);
  const arriving = new Map<string, Arrival>();
  const shardsOf = new Map<string, number>();
  return plan.stages.map((stage) => {
    const isSource = graph.nodes.find(({ uid }) => uid === stage.name)?.kind === 'source';
    const arrival = isSource
      ? sourceArrival(rates.get(stage.name) ?? 0, workload)
      : (arriving.get(stage.name) ?? NOTHING);
    const shards = shardsFor(arrival);
    shardsOf.set(stage.name, shards);
    const batches = shards * batchesOfShard(arrival, shards, workload.batchSeconds);
    const perBatch = arrival.events / batches;
    const outgoing = plan.exchanges.filter(({ fromStage }) => fromStage === stage.name);
    const sent = outgoing.map(
      (exchange) => [exchange, sentBy(exchange, { batches, perBatch, rates, workload })] as const,
    );
    for (const [{ to }, { events, bytes }] of sent) addTo(arriving, to, { events, bytes, records: batches });
    const stateful = stage.nodes.filter(({ state }) => state.length > 0).length;
    const delta = stateful * metKeys(perBatch, workload.keys) * ASSUMED.deltaBytesPerKey;
    const outbox = sent.reduce((sum, [, { bytes }]) => sum + bytes / batches, 0);
    return {
      stage: stage.name,
      isSource,
      shards,
      batches,
      eventsIn: arrival.events,
      bytesIn: arrival.bytes,
      framesOut: batches * outgoing.length,
      unitsOut: sent.reduce((sum, [, { bytes }]) => sum + batches * Math.ceil(bytes / batches / 25_000), 0),
      payloadBytes: delta + outbox,
      stateful,
      results: resultsOf(stage, graph, rates),
    };
  });
}

/** Of n events evenly over so many keys, how many keys are met. */
export function metKeys(events: number, keys: number): number {
  return keys * -Math.expm1(-events / keys);
}

type Arrival = { readonly events: number; readonly bytes: number; readonly records: number };
const NOTHING: Arrival = { events: 0, bytes: 0, records: 0 };

function sourceArrival(events: number, { eventBytes, packed }: Workload): Arrival {
  const bytes = events * eventBytes;
  if (!packed) return { events, bytes, records: events };
  // A producer sends a frame a second to each shard, or a full one.
  const small = bytes / ASSUMED.compression;
  return { events, bytes: small, records: Math.min(events, Math.max(1, small / ASSUMED.shardBytesPerSecond)) };
}

function shardsFor({ bytes, records }: Arrival): number {
  const { shardBytesPerSecond, shardRecordsPerSecond } = ASSUMED;
  return Math.max(1, Math.ceil(bytes / shardBytesPerSecond), Math.ceil(records / shardRecordsPerSecond));
}

/** Per second. A batch begins with a record, so that a quiet shard has no more batches than records. */
function batchesOfShard({ bytes, records }: Arrival, shards: number, batchSeconds: number): number {
  const arrivals = records / shards;
  const byTime = arrivals / (1 + arrivals * batchSeconds);
  const bySize = ((bytes / shards) * ASSUMED.base64) / ASSUMED.payloadBytes;
  return Math.max(byTime, bySize, arrivals / 10_000, Number.MIN_VALUE);
}

type Sending = {
  readonly batches: number;
  readonly perBatch: number;
  readonly rates: ReadonlyMap<string, number>;
  readonly workload: Workload;
};

function sentBy({ from, combined }: Exchange, { batches, perBatch, rates, workload }: Sending) {
  if (combined) {
    const events = batches * metKeys(perBatch, workload.keys);
    return { events, bytes: events * ASSUMED.accumulatorBytes };
  }
  const events = rates.get(from) ?? 0;
  return { events, bytes: (events * workload.eventBytes) / ASSUMED.compression };
}

function addTo(arriving: Map<string, Arrival>, stage: string, more: Arrival): void {
  const { events, bytes, records } = arriving.get(stage) ?? NOTHING;
  arriving.set(stage, { events: events + more.events, bytes: bytes + more.bytes, records: records + more.records });
}

/** What each node gives, in events per second. */
function outputRates({ nodes }: Graph, workload: Workload): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  const sources = nodes.filter(({ kind }) => kind === 'source').length;
  for (const node of nodes) {
    const input = node.kind === 'source' ? workload.rate / sources : inputRate(node, rates);
    rates.set(node.uid, outputRate(node, input, workload.keys));
  }
  return rates;
}

function inputRate(node: Exclude<GraphNode, { kind: 'source' }>, rates: ReadonlyMap<string, number>): number {
  return node.inputs.reduce((sum, { from, output }) => sum + (output === undefined ? (rates.get(from) ?? 0) : 0), 0);
}

function outputRate(node: GraphNode, input: number, keys: number): number {
  if (node.kind !== 'operator' || node.operator.kind !== 'window') return input;
  const { key, assigner } = node.operator;
  const met = (seconds: number) => (key === undefined ? 1 : metKeys(input * seconds, keys));
  switch (assigner.kind) {
    case 'tumbling':
      return met(assigner.sizeMs / 1_000) / (assigner.sizeMs / 1_000);
    case 'sliding':
      return met(assigner.sizeMs / 1_000) / (assigner.slideMs / 1_000);
    case 'session':
      return met(ASSUMED.sessionSeconds) / ASSUMED.sessionSeconds;
    case 'count':
      return input / assigner.slide;
    case 'global':
      return 0;
  }
}

function resultsOf({ nodes }: Stage, graph: Graph, rates: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const uids = new Set(nodes.filter(({ kind }) => kind === 'sink').map(({ uid }) => uid));
  return new Map(
    graph.nodes.flatMap((node) =>
      node.kind === 'sink' && uids.has(node.uid) ? [[node.uid, inputRate(node, rates)]] : [],
    ),
  );
}
