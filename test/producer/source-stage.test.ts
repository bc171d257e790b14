import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinesis } from '../../core/connector/aws/kinesis.ts';
import { collect } from '../../core/connector/collect.ts';
import { UnansweredError } from '../../core/error/error.ts';
import { job } from '../../core/job/job.ts';
import type { EntryResult, FrameLog, LogEntry } from '../../core/port/frame-log.ts';
import { seededRandom } from '../../core/port/random.ts';
import { FrameProducer } from '../../core/producer/frame-producer.ts';
import type { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import { finish } from '../frame/alarm.ts';
import { MemoryDeployment } from '../task/deployment.ts';

type Click = { readonly user: string; readonly seen: string };

const USERS = 5;

/** What each user did, in order, as the job sees it. */
const journeys = () =>
  job('journeys', ({ source }) =>
    source('clicks', kinesis<Click>({ stream: 'clicks' }))
      .keyBy('user')
      .reduce((before, click) => ({ user: click.user, seen: `${before.seen} ${click.seen}` }))
      .uid('perUser')
      .to('out', collect()),
  ).graph;

type Fault = 'none' | 'lose-answer' | 'refuse';

/** A stream that loses answers after it took the entries, and refuses some. */
function faulty(inner: MemoryFrameLog, faults: readonly Fault[]): FrameLog {
  let calls = 0;
  return {
    shards: () => inner.shards(),
    after: (shard, position) => inner.after(shard, position),
    async put(entries: readonly LogEntry[]): Promise<readonly EntryResult[]> {
      const fault = faults[calls++] ?? 'none';
      if (fault === 'refuse') return entries.map(() => ({ kind: 'refused', reason: 'throttled' }));
      const results = await inner.put(entries);
      if (fault === 'lose-answer') throw new UnansweredError('the answer was lost');
      return results;
    },
  };
}

test('a source stage processes what producers send once each and in the order of its key, though puts are repeated', async () => {
  const fault = fc.constantFrom<Fault>('none', 'none', 'lose-answer', 'refuse');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat({ max: USERS - 1 }), { maxLength: 12 }), { minLength: 1, maxLength: 8 }),
      fc.array(fault, { maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      async (batches, faults, shards, size) => {
        const deployment = new MemoryDeployment(journeys(), { shards: { clicks: shards } });
        await deployment.start();
        const { clock } = deployment;
        const log = faulty(deployment.stream('clicks'), faults);
        const options = { key: ({ user }: Click) => user, giveUpAfter: '1d' } as const;
        const producers = [1, 2].map(
          (seed) => new FrameProducer<Click>({ log, clock, random: seededRandom(seed) }, options),
        );
        const sent = new Map<string, string[]>();
        for (const [n, batch] of batches.entries()) {
          const producer = producers[n % 2] as FrameProducer<Click>;
          for (const [i, who] of batch.entries()) {
            // A user's clicks come from one producer: between two there is no order.
            const user = `user-${who}-${n % 2}`;
            await producer.send({ user, seen: `${n}.${i}` });
            sent.set(user, [...(sent.get(user) ?? []), `${n}.${i}`]);
          }
          await finish(clock, producer.flush());
          if (n % 3 === 2) deployment.crash();
          await deployment.settle(size);
        }
        await deployment.settle(size);
        const rows = (deployment.sinks.get('out')?.values ?? []) as readonly Click[];
        const last = new Map(rows.map(({ user, seen }) => [user, seen]));
        expect(Object.fromEntries(last)).toEqual(
          Object.fromEntries([...sent].map(([user, seen]) => [user, seen.join(' ')])),
        );
        expect(deployment.deadLetters.values).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
