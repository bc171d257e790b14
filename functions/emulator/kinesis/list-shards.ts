import type { Input } from '../server/gate.ts';
import { ServiceError } from '../server/service-error.ts';
import type { Kinesis } from './kinesis-service.ts';
import { isOpen, lifeOf, type ShardRow, streamOf } from './stream-store.ts';

type Filter = { readonly Type: string; readonly ShardId?: string; readonly Timestamp?: number };

const MAX_RESULTS = 1_000;

/** ListShards with its pages and filters; a page's token holds what the first page was asked. */
export async function listShards({ engine, now }: Kinesis, input: Input): Promise<object> {
  const asked = input.NextToken === undefined ? input : { ...readToken(input.NextToken), MaxResults: input.MaxResults };
  const { StreamName: name, ShardFilter: filter, ExclusiveStartShardId: after = '', MaxResults = MAX_RESULTS } = asked;
  if (typeof name !== 'string')
    throw new ServiceError('InvalidArgumentException', 'Either NextToken or StreamName should be provided.');
  await engine.call('DescribeStreamSummary', { StreamName: name });
  const all = (await streamOf(engine.store, name)).Shards;
  const fitting = all.filter(
    (shard) => shard.ShardId > String(after) && fits(shard, filter as Filter | undefined, now()),
  );
  const page = fitting.slice(0, Number(MaxResults));
  const more = fitting.length > page.length;
  const next = { StreamName: name, ShardFilter: filter, ExclusiveStartShardId: page.at(-1)?.ShardId };
  return { Shards: page, ...(more && { NextToken: Buffer.from(JSON.stringify(next)).toString('base64') }) };
}

function readToken(token: unknown): Input {
  try {
    return JSON.parse(Buffer.from(String(token), 'base64').toString('utf8')) as Input;
  } catch {
    throw new ServiceError('InvalidArgumentException', 'NextToken is invalid.');
  }
}

function fits(shard: ShardRow, filter: Filter | undefined, now: number): boolean {
  const life = lifeOf(shard);
  const at = (filter?.Timestamp ?? now / 1000) * 1000;
  switch (filter?.Type) {
    case 'AT_LATEST':
      return isOpen(shard);
    case 'AFTER_SHARD_ID':
      return shard.ShardId > String(filter.ShardId);
    case 'AT_TIMESTAMP':
      return life.from <= at && life.until >= at;
    case 'FROM_TIMESTAMP':
      return life.until >= at;
    case 'AT_TRIM_HORIZON':
      return shard.ParentShardId === undefined;
    default:
      return true;
  }
}
