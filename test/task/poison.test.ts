import { beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { InvariantError } from '../../core/error/error.ts';
import { job } from '../../core/job/job.ts';
import { KeyedProcess } from '../../core/job/process.ts';
import type { KeyedContext } from '../../core/operator/process-function.ts';
import { jsonStream, MemoryDeployment } from './deployment.ts';

type Item = { readonly id: number };

/** The record at which the process dies, as by lack of memory or an endless loop; and how often it has. */
const fatal = { id: -1, deaths: 0 };

class Work extends KeyedProcess<number, Item, number> {
  process({ id }: Item, { emit }: KeyedContext<number, number>): void {
    // No record is blamed for this error, and nothing is committed after it: as if the process had died.
    if (id === fatal.id) throw new InvariantError('the process dies');
    emit(id);
  }
}

const items = () =>
  job('items', ({ source }) =>
    source('items', jsonStream<Item>('items'))
      .map((item) => {
        if (item.id % 100 === 99) throw new Error(`item ${item.id} is bad`);
        return item;
      })
      .uid('check')
      .keyBy((item) => item.id % 3)
      .process(Work)
      .uid('work')
      .to('out', collect()),
  ).graph;

const idsOf = (deployment: MemoryDeployment) =>
  [...(deployment.sinks.get('out')?.values ?? [])].sort((a, b) => Number(a) - Number(b));
const lettersOf = (deployment: MemoryDeployment) =>
  deployment.deadLetters.values as {
    operator: string;
    reason: string;
    stack?: string;
    record: unknown;
    place?: string;
  }[];

describe('a record that a function throws at', () => {
  test('goes to the dead letters with reason, stack and position, and the stream goes on', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put(
      'items',
      [...Array(150).keys()].map((id) => ({ id })),
    );
    await deployment.settle();
    expect(idsOf(deployment)).toEqual([...Array(150).keys()].filter((id) => id !== 99));
    const [letter, ...others] = lettersOf(deployment);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ operator: 'check', reason: 'item 99 is bad', record: { id: 99 } });
    expect(letter?.stack).toContain('poison.test.ts');
    expect(letter?.place).toMatch(/^items\/shard-000 0+100$/);
  });

  test('is one letter, however often its batch is given', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put('items', [{ id: 99 }]);
    const entries = deployment.stream('items').entries('shard-000');
    for (let i = 0; i < 3; i++)
      await deployment.newRuntime('items').batch('shard-000', entries, deployment.clock.now() + 1_000);
    expect(lettersOf(deployment)).toHaveLength(1);
  });
});

describe('what cannot be decoded', () => {
  test('goes to the dead letters, and what stands behind it does not wait', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put('items', [{ id: 1 }, '{"id": 2', { id: 3 }]);
    await deployment.settle();
    expect(idsOf(deployment)).toEqual([1, 3]);
    expect(lettersOf(deployment)).toMatchObject([{ operator: 'items', reason: 'it is no JSON', record: '{"id": 2' }]);
  });

  test('as a frame still counts by its header', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put('items', [{ id: 1 }]);
    await deployment.deliver('items', 'shard-000');
    await deployment.put('items', [{ id: 2 }]);
    await deployment.deliver('items', 'shard-000');
    const [first] = deployment.stream('work').entries('shard-000');
    first?.bytes.set([255, 255, 255, 255], first.bytes.length - 4);
    await deployment.settle();
    expect(idsOf(deployment)).toEqual([2]);
    expect(lettersOf(deployment)[0]?.reason).toContain('frame (items/shard-000, ');
  });
});

describe('a record that kills the process', () => {
  beforeEach(() => {
    fatal.id = -1;
    fatal.deaths = 0;
  });

  /** A new instance each time one dies, until all entries of a shard are through; gives how often one died. */
  async function survive(deployment: MemoryDeployment, stage: string): Promise<number> {
    const entries = deployment.stream(stage).entries('shard-000');
    for (let deaths = 0; deaths < 50; deaths++) {
      try {
        await deployment.newRuntime(stage).batch('shard-000', entries, deployment.clock.now() + 60_000);
        return deaths;
      } catch (error) {
        expect(error).toMatchObject({ message: 'the process dies' });
      }
    }
    throw new Error('it never gets through');
  }

  test.each([
    { in: 'the middle of a large frame', id: 1_717 },
    { in: 'the first place', id: 0 },
    { in: 'the last place', id: 2_998 },
  ])('is found in $in by parts that grow smaller, and is the only one that is lost', async ({ id }) => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    const ids = [...Array(3_000).keys()].filter((each) => each % 100 !== 99);
    await deployment.put(
      'items',
      ids.map((each) => ({ id: each })),
    );
    await deployment.settleStage('items', 3_000);
    fatal.id = id;
    expect(await survive(deployment, 'work')).toBe(6);
    expect(idsOf(deployment)).toEqual(ids.filter((each) => each !== id));
    expect(lettersOf(deployment)).toMatchObject([{ operator: 'work', record: { id } }]);
    expect(lettersOf(deployment)[0]?.reason).toContain('the process died or stalled');
  });

  test('does not delay what comes after it any more', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put('items', [{ id: 1 }, { id: 2 }, { id: 3 }]);
    await deployment.settleStage('items', 1);
    fatal.id = 2;
    await survive(deployment, 'work');
    await deployment.put('items', [{ id: 4 }]);
    await deployment.settleStage('items', 1);
    expect(await survive(deployment, 'work')).toBe(0);
    expect(idsOf(deployment)).toEqual([1, 3, 4]);
  });

  test('is not looked for where instances die of something else', async () => {
    const deployment = new MemoryDeployment(items());
    await deployment.start();
    await deployment.put('items', [{ id: 1 }, { id: 2 }, { id: 3 }]);
    await deployment.settleStage('items', 1);
    for (let deaths = 0; deaths < 3; deaths++) {
      fatal.id = 2;
      const entries = deployment.stream('work').entries('shard-000');
      await expect(deployment.newRuntime('work').batch('shard-000', entries, 2_000_000)).rejects.toThrow('dies');
    }
    fatal.id = -1;
    await survive(deployment, 'work');
    expect(idsOf(deployment)).toEqual([1, 2, 3]);
    expect(lettersOf(deployment)).toEqual([]);
  });
});
