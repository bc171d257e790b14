import { describe, expect, test } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { RetryableError } from '../../core/error/error.ts';
import { job } from '../../core/job/job.ts';
import { KeyedProcess } from '../../core/job/process.ts';
import { count } from '../../core/operator/aggregate/aggregates.ts';
import type { KeyedContext, TimerContext } from '../../core/operator/process-function.ts';
import type { TaskCommand } from '../../core/port/invoker.ts';
import { Coordinator } from '../../core/task/coordinator.ts';
import { tumbling } from '../../core/window/assigner.ts';
import { jsonStream, MemoryDeployment } from './deployment.ts';

type Click = { readonly page: string; readonly at: number };

const MINUTE = 60_000;

const idling = () =>
  job('idling', ({ source }) =>
    source('clicks', jsonStream<Click>('clicks'), { eventTime: { from: 'at', idleAfter: '5m' } })
      .keyBy('page')
      .window(tumbling('10s'))
      .aggregate({ views: count() })
      .uid('perPage')
      .to('out', collect()),
  ).graph;

class Reminder extends KeyedProcess<string, Click, string> {
  process(_: Click, { timers, processingTime }: KeyedContext<string, string>): void {
    timers.processingTime(processingTime + 3 * MINUTE);
  }

  onTimer(_: number, { key, emit }: TimerContext<string, string>): void {
    emit(`remember ${key}`);
  }
}

const reminding = () =>
  job('reminding', ({ source }) =>
    source('clicks', jsonStream<Click>('clicks'))
      .keyBy((click) => click.page)
      .process(Reminder)
      .uid('remind')
      .to('out', collect()),
  ).graph;

/** A deployment with its coordinator, whose calls run at once. */
function coordinated(deployment: MemoryDeployment) {
  const calls: (TaskCommand & { readonly stage: string })[] = [];
  const coordinator = new Coordinator({
    graph: deployment.graph,
    incarnation: 1,
    table: deployment.table,
    streams: deployment.streams,
    clock: deployment.clock,
    invoker: {
      async invoke(stage, command) {
        calls.push({ stage, ...command });
        await deployment.touch(stage, command.shard);
      },
    },
  });
  const minutes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      deployment.clock.moveTo(deployment.clock.now() + MINUTE);
      await coordinator.tick(`minute ${i}`);
      await deployment.settle();
    }
  };
  return { coordinator, calls, minutes };
}

const valuesOf = (deployment: MemoryDeployment) => deployment.sinks.get('out')?.values ?? [];

describe('a job', () => {
  test('does nothing before it was started, and starting it twice changes nothing', async () => {
    const deployment = new MemoryDeployment(reminding());
    const { coordinator } = coordinated(deployment);
    await deployment.put('clicks', [{ page: '/home', at: 0 }]);
    await expect(deployment.settle()).rejects.toThrow(RetryableError);
    const first = await coordinator.start('one');
    deployment.stream('remind').split('shard-000');
    expect(await coordinator.start('another')).toEqual(first);
    expect(first.stages.remind).toEqual([{ id: 'shard-000', range: { first: 0, last: 1023 } }]);
  });
});

describe('a processing-time timer', () => {
  test('fires though no data comes, once it is due and the task has stood still', async () => {
    const deployment = new MemoryDeployment(reminding());
    const { coordinator, calls, minutes } = coordinated(deployment);
    await coordinator.start('one');
    await deployment.put('clicks', [{ page: '/home', at: 0 }]);
    await deployment.settle();
    await minutes(2);
    expect([calls, valuesOf(deployment)]).toEqual([[], []]);
    await minutes(1);
    expect(calls).toEqual([{ stage: 'remind', kind: 'tick', shard: 'shard-000' }]);
    expect(valuesOf(deployment)).toEqual(['remember /home']);
    await minutes(10);
    expect(calls).toHaveLength(1);
  });

  test('is found by an instance that knows nothing', async () => {
    const deployment = new MemoryDeployment(reminding());
    const { coordinator, minutes } = coordinated(deployment);
    await coordinator.start('one');
    await deployment.put('clicks', [{ page: '/home', at: 0 }]);
    await deployment.settle();
    deployment.crash();
    await minutes(4);
    expect(valuesOf(deployment)).toEqual(['remember /home']);
  });
});

describe('a source whose shards are not all read from', () => {
  const windowsOf = async (idle: boolean) => {
    const deployment = new MemoryDeployment(idling(), { shards: { clicks: 2 } });
    const { coordinator, minutes } = coordinated(deployment);
    await coordinator.start('one');
    const [busy] = await deployment.stream('clicks').shards();
    const put = (click: Click) =>
      deployment
        .stream('clicks')
        .put([{ hashKey: busy?.first ?? 0n, bytes: new TextEncoder().encode(JSON.stringify(click)) }]);
    await put({ page: '/home', at: 1_000 });
    await put({ page: '/home', at: 11_000 });
    await deployment.settle();
    await minutes(idle ? 6 : 3);
    return valuesOf(deployment);
  };

  test('holds time back for as long as the empty one may still speak', async () => {
    expect(await windowsOf(false)).toEqual([]);
  });

  test('does not hold it back once that one is idle', async () => {
    expect(await windowsOf(true)).toEqual([expect.objectContaining({ page: '/home', windowStart: 0, views: 1 })]);
  });
});
