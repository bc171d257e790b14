import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/port/random.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { MAX_PAYLOAD_BYTES } from '../../functions/emulator/mapping/batch-queue.ts';
import { failuresOf, type Invocation, succeeded } from '../../functions/emulator/mapping/invocation.ts';
import { pollShard, type ShardPollerOptions } from '../../functions/emulator/mapping/shard-poller.ts';

type Settings = ShardPollerOptions['settings'];
type Arrival = { readonly at: number; readonly bytes?: number };

/** What the function does with the batch of a call; the numbers are those of the batch's records. */
type Handler = (numbers: readonly number[], call: number) => Invocation;

const SETTINGS: Settings = { batchSize: 100, windowMs: 0, bisect: false, reportsFailures: false, fanOut: false };
const fine: Invocation = { kind: 'answered', json: 'null', ms: 1 };
const failed: Invocation = { kind: 'failed', reason: 'threw', message: 'no', ms: 1 };
const failing = (...numbers: readonly number[]): Invocation => {
  const batchItemFailures = numbers.map((number) => ({ itemIdentifier: `${number}` }));
  return { kind: 'answered', json: JSON.stringify({ batchItemFailures }), ms: 1 };
};

/** Runs a poller over a shard that ends after its records, on a clock that jumps from alarm to alarm. */
async function run(
  arrivals: readonly Arrival[],
  handler: Handler,
  more: Partial<ShardPollerOptions> = {},
  pageSize = 1_000,
) {
  const clock = new ManualClock();
  const calls: { readonly at: number; readonly numbers: readonly number[]; readonly bytes: number }[] = [];
  const progress: number[] = [];
  let next = 0;
  const end = pollShard({
    settings: SETTINGS,
    clock,
    signal: new AbortController().signal,
    reader: {
      async read() {
        const there = arrivals.filter(({ at }) => at <= clock.now()).length;
        const until = Math.min(there, next + pageSize);
        const records = arrivals.slice(next, until).map(({ bytes = 0 }, offset) => {
          const sequence = `${next + offset}`;
          return { sequence, json: JSON.stringify({ sequence, pad: 'x'.repeat(bytes) }) };
        });
        next = until;
        return { records, behind: until < there, ended: until === arrivals.length };
      },
    },
    async invoke(eventJson) {
      const { Records } = JSON.parse(eventJson) as { Records: readonly { readonly sequence: string }[] };
      const numbers = Records.map(({ sequence }) => Number(sequence));
      calls.push({ at: clock.now(), numbers, bytes: Buffer.byteLength(eventJson) });
      return handler(numbers, calls.length - 1);
    },
    onProgress: (sequence) => void progress.push(Number(sequence)),
    ...more,
  });
  let done = false;
  void end.then(() => {
    done = true;
  });
  for (let step = 0; !done && step < 20_000; step++) {
    await turn();
    if (!done && clock.nextAlarm !== undefined) clock.moveTo(clock.nextAlarm);
  }
  expect(done).toBe(true);
  return { calls, progress, batches: calls.map(({ numbers }) => numbers) };
}

const at = (...times: readonly number[]): readonly Arrival[] => times.map((time) => ({ at: time }));

describe('a shard', () => {
  test('without a window is read once a second, and what is there is one batch', async () => {
    const { calls } = await run(at(0, 0, 100, 900, 1_500), () => fine);
    expect(calls.map(({ at: time, numbers }) => [time, numbers])).toEqual([
      [0, [0, 1]],
      [1_000, [2, 3]],
      [2_000, [4]],
    ]);
  });

  test('with a window waits for more until the first record has waited that long', async () => {
    const settings = { ...SETTINGS, windowMs: 3_000 };
    const { calls } = await run(at(0, 100, 1_900, 3_500, 20_000), () => fine, { settings });
    expect(calls.map(({ at: time, numbers }) => [time, numbers])).toEqual([
      [3_000, [0, 1, 2]],
      [7_000, [3]],
      [20_000, [4]],
    ]);
  });

  test('with a window does not wait once a batch is full', async () => {
    const settings = { ...SETTINGS, windowMs: 300_000, batchSize: 2 };
    const { calls } = await run(at(0, 0, 0, 0, 900_000), () => fine, { settings });
    expect(calls.slice(0, 2).map(({ at: time, numbers }) => [time, numbers])).toEqual([
      [0, [0, 1]],
      [0, [2, 3]],
    ]);
  });

  test('pushed by fan-out gives a record within 70 ms', async () => {
    const settings = { ...SETTINGS, fanOut: true };
    const { calls } = await run(at(0, 500), () => fine, { settings });
    expect(calls[1]?.at).toBeLessThanOrEqual(570);
  });

  test('gives a batch that failed again, whole, ever later, and nothing after it before', async () => {
    const { calls, progress } = await run(at(0, 0, 50), (_, call) => (call < 4 ? failed : fine));
    expect(calls.map(({ at: time }) => time)).toEqual([0, 100, 300, 700, 1_500, 1_500]);
    expect(calls.map(({ numbers }) => numbers)).toEqual([[0, 1], [0, 1], [0, 1], [0, 1], [0, 1], [2]]);
    expect(progress).toEqual([1, 2]);
  });

  test('tries without end, at most a minute apart', async () => {
    const { calls } = await run(at(0), (_, call) => (call < 40 ? failed : fine));
    const gaps = calls.slice(1).map(({ at: time }, index) => time - (calls[index]?.at ?? 0));
    expect(calls).toHaveLength(41);
    expect(Math.max(...gaps)).toBe(60_000);
  });

  test('goes on from the first record that a function reports', async () => {
    const settings = { ...SETTINGS, reportsFailures: true };
    const handler: Handler = (_, call) => (call === 0 ? failing(3, 2) : fine);
    const { batches } = await run(at(0, 0, 0, 0, 0), handler, { settings });
    expect(batches).toEqual([
      [0, 1, 2, 3, 4],
      [2, 3, 4],
    ]);
  });

  test('takes a report for success where the mapping does not ask for reports', async () => {
    const { batches } = await run(at(0, 0, 0), () => failing(1));
    expect(batches).toEqual([[0, 1, 2]]);
  });

  test('is bisected until the record that fails stands alone', async () => {
    const settings = { ...SETTINGS, bisect: true };
    let alone = 0;
    const handler: Handler = (numbers) => {
      if (!numbers.includes(2)) return fine;
      return numbers.length === 1 && ++alone > 2 ? fine : failed;
    };
    const { batches } = await run(at(0, 0, 0, 0, 0), handler, { settings });
    expect(batches).toEqual([[0, 1, 2, 3, 4], [0, 1, 2], [0, 1], [2], [2], [2], [3, 4]]);
  });

  test('is cut where the payload would pass 6 MB, however few records that are', async () => {
    const big = { at: 0, bytes: 2_500_000 };
    const { calls } = await run([big, big, big, { at: 0, bytes: 10 }, { at: 0, bytes: 6_200_000 }], () => fine);
    expect(calls.map(({ numbers }) => numbers)).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('whatever fails, however it is cut: no record is lost, none overtakes, and each batch keeps its limits', async () => {
    const outcome = fc.oneof(
      { weight: 3, arbitrary: fc.constant('fine' as const) },
      fc.constantFrom('threw' as const, 'broken' as const, 'partial' as const),
    );
    const arrivals = fc.array(fc.record({ at: fc.nat(20_000), bytes: fc.nat(1_500_000) }), { maxLength: 25 });
    const settings = fc.record({
      batchSize: fc.integer({ min: 1, max: 10 }),
      windowMs: fc.constantFrom(0, 500, 5_000),
      bisect: fc.boolean(),
      reportsFailures: fc.boolean(),
      fanOut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          arrivals,
          settings,
          outcomes: fc.infiniteStream(outcome),
          seed: fc.option(fc.nat()),
          page: fc.integer({ min: 1, max: 9 }),
        }),
        async (world) => {
          const sorted = world.arrivals.toSorted((a, b) => a.at - b.at);
          let expected = 0;
          const handler: Handler = (numbers) => {
            expect(numbers).toEqual(numbers.map((_, index) => expected + index));
            const [kind] = [world.outcomes.next().value];
            if (kind === 'threw') return failed;
            if (kind === 'broken' && world.settings.reportsFailures) return failing(-1);
            if (kind === 'partial' && world.settings.reportsFailures) {
              const at = expected + Math.floor(numbers.length / 2);
              expected = at;
              return failing(at);
            }
            expected += numbers.length;
            return fine;
          };
          const recut = world.seed === null ? {} : { recut: seededRandom(world.seed) };
          const { calls } = await run(sorted, handler, { settings: world.settings, ...recut }, world.page);
          expect(expected).toBe(sorted.length);
          for (const { numbers, bytes } of calls) {
            expect(numbers.length).toBeLessThanOrEqual(world.settings.batchSize);
            expect(bytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the answer of a function', () => {
  test.each([
    ['null', 3],
    ['{}', 3],
    ['"text"', 3],
    ['{"batchItemFailures":null}', 3],
    ['{"batchItemFailures":[]}', 3],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', 1],
    ['{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"b"}]}', 1],
    ['{"batchItemFailures":[{"itemIdentifier":"a"}]}', 0],
    ['{"batchItemFailures":[{"itemIdentifier":"nobody"}]}', 0],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', 0],
    ['{"batchItemFailures":[{"identifier":"a"}]}', 0],
    ['{"batchItemFailures":"all"}', 0],
  ])('%s to a batch a, b, c means that %i records succeeded', (json, count) => {
    expect(succeeded(json, ['a', 'b', 'c'])).toBe(count);
  });

  test('names what failed', () => {
    expect(failuresOf('{"batchItemFailures":[{"itemIdentifier":"b"}]}')).toEqual(['b']);
  });
});
