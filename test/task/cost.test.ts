import { expect, test } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { job } from '../../core/job/job.ts';
import { count } from '../../core/operator/aggregate/aggregates.ts';
import { seededRandom } from '../../core/port/random.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { jsonStream, MemoryDeployment } from './deployment.ts';

type Click = { readonly page: string; readonly at: number };

const counting = () =>
  job('counting', ({ source }) =>
    source('clicks', jsonStream<Click>('clicks'), { eventTime: { from: (click) => click.at } })
      .keyBy('page')
      .window(tumbling('10s'))
      .aggregate({ views: count() })
      .uid('perPage')
      .to('out', collect()),
  ).graph;

/** How often each method of a port is called. */
function counted<P extends object>(port: P): { readonly port: P; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const handler: ProxyHandler<P> = {
    get(target, name: string & keyof P) {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...given: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return method.apply(target, given);
      };
    },
  };
  return { port: new Proxy(port, handler), calls };
}

const BATCHES = 150;

/** Batches of a warm window task, each of so many clicks on pages of so long names; what each asked of its services. */
async function spent({ clicks, name }: { clicks: number; name: number }) {
  const deployment = new MemoryDeployment(counting());
  await deployment.start();
  const table = counted(deployment.table);
  const objects = counted(deployment.objects);
  const runtime = deployment.newRuntime('perPage', { table: table.port, objects: objects.port });
  const random = seededRandom(1);
  const pageOf = () => Array.from({ length: name }, () => Math.floor(random.next() * 2 ** 32).toString(36)).join('');
  for (let i = 0; i < BATCHES; i++) {
    await deployment.put(
      'clicks',
      Array.from({ length: clicks }, (_, n) => ({ page: pageOf(), at: i * 1_000 + n })),
    );
    await deployment.settleStage('clicks', clicks);
    const entries = deployment.stream('perPage').entries('shard-000');
    await runtime.batch('shard-000', entries.slice(-1), deployment.clock.now() + 60_000);
    if (i === 0) for (const { calls } of [table, objects]) calls.clear();
  }
  const per = ({ calls }: { calls: Map<string, number> }, method: string) => (calls.get(method) ?? 0) / (BATCHES - 1);
  return {
    writes: per(table, 'put') + per(objects, 'put'),
    reads: per(table, 'head') + per(table, 'rows') + per(objects, 'get'),
  };
}

test('a warm batch whose payload fits its row costs at most 1.1 durable writes, compaction included, and no read', async () => {
  const { writes, reads } = await spent({ clicks: 20, name: 1 });
  expect(writes).toBeGreaterThanOrEqual(1);
  expect(writes).toBeLessThanOrEqual(1.1);
  expect(reads).toBe(0);
});

test('a warm batch whose payload does not fit costs at most 2.1, and no read', async () => {
  const { writes, reads } = await spent({ clicks: 200, name: 10 });
  expect(writes).toBeGreaterThan(1.9);
  expect(writes).toBeLessThanOrEqual(2.1);
  expect(reads).toBe(0);
});
