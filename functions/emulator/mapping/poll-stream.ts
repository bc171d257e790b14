import type { Clock } from '../../../core/port/clock.ts';
import type { Random } from '../../../core/port/random.ts';
import type { ShardRow } from '../kinesis/stream-store.ts';
import type { JsonServer } from '../server/json-server.ts';
import type { Invoke } from './invocation.ts';
import { KinesisShardReader } from './kinesis-shard-reader.ts';
import type { MappingSettings } from './mapping-settings.ts';
import { pause } from './pause.ts';
import type { PositionFile } from './position-file.ts';
import { pollShard, type ShardPollerOptions } from './shard-poller.ts';

export type StreamPollerOptions = {
  readonly settings: MappingSettings;
  readonly kinesis: JsonServer['call'];
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly positions: PositionFile;
  readonly roleArn: string;
  readonly region: string;
  readonly onFailure?: ShardPollerOptions['onFailure'];
  readonly recut?: Random | undefined;
  /** Whether a shard waits for the shards that it came from. Lambda does as a rule and promises it to nobody. */
  readonly parentsFirst?: boolean;
};

/** How often new shards are looked for. */
const DISCOVER_MS = 1_000;

/** Polls all shards of a stream, those that it gets later too. Resolves after the signal, when nothing runs any more. */
export async function pollStream(options: StreamPollerOptions): Promise<void> {
  const { settings, clock, signal, parentsFirst = true } = options;
  const running = new Map<string, Promise<void>>();
  const ended = new Set<string>();
  let first = true;
  while (!signal.aborted) {
    const shards = await shardsOf(options);
    const waits = (id: string | undefined) =>
      id !== undefined && shards.some(({ ShardId }) => ShardId === id) && !ended.has(id);
    for (const { ShardId, ParentShardId, AdjacentParentShardId } of shards) {
      if (running.has(ShardId)) continue;
      if (parentsFirst && (waits(ParentShardId) || waits(AdjacentParentShardId))) continue;
      // A shard that came after the mapping is read whole, wherever the mapping began.
      const start = first && ParentShardId === undefined ? settings.start : ({ kind: 'oldest' } as const);
      running.set(
        ShardId,
        poll(options, ShardId, start).then((end) => {
          if (end === 'ended') ended.add(ShardId);
        }),
      );
    }
    first = false;
    await pause(clock, DISCOVER_MS, signal);
  }
  await Promise.all(running.values());
}

async function shardsOf({ kinesis, settings }: StreamPollerOptions): Promise<readonly ShardRow[]> {
  const { Shards } = await kinesis('ListShards', { StreamARN: settings.source, MaxResults: 10_000 });
  return Shards as readonly ShardRow[];
}

function poll(options: StreamPollerOptions, shardId: string, start: MappingSettings['start']) {
  const { settings, kinesis, positions, roleArn, region } = options;
  const place = `${settings.source} ${settings.target} ${shardId}`;
  const after = positions.get(place);
  const from = after === undefined ? start : { after };
  const reader = new KinesisShardReader(kinesis, { streamArn: settings.source, shardId, roleArn, region, from });
  return pollShard({ ...options, reader, onProgress: (sequence) => positions.set(place, sequence) });
}
