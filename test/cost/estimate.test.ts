import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { blackhole, collection, count, dynamodb, job, tumbling } from '../../core/index.ts';
import { estimateCommand } from '../../functions/cli/command/estimate.ts';
import { costLines, totalOf } from '../../functions/cost/cost-table.ts';
import { type Estimate, estimate, estimateText } from '../../functions/cost/estimate.ts';
import { MANAGED_FLINK, PRICES } from '../../functions/cost/price.ts';
import { metKeys, type Workload } from '../../functions/cost/stage-load.ts';
import { usageFrom } from '../../functions/cost/usage.ts';

const { graph } = job('page-views', ({ source }) =>
  source('clicks', collection<{ page: string }>([]), { eventTime: 'ingestion' })
    .keyBy('page')
    .window(tumbling('10s'))
    .aggregate({ views: count() })
    .uid('perPage')
    .to('table', dynamodb({ table: 'PageViews', key: 'page' })),
);

const WORKLOAD: Workload = {
  rate: 1_000,
  eventBytes: 1_000,
  keys: 1_000,
  batchSeconds: 1,
  memory: 1_769,
  packed: false,
};
const estimated = (workload: Partial<Workload> = {}) => estimate(graph, { ...WORKLOAD, ...workload });

/** Without metrics, alarms and dashboard, which the table of the design leaves out. */
const runningDollars = ({ lines }: Estimate) =>
  totalOf(lines.filter(({ item }) => !['metric', 'alarm', 'dashboard'].includes(item)));

describe('the estimate of two stages with a combiner', () => {
  /** Worked out by hand for packed events in batches of a second, in dollars a month. */
  const DESIGN = [
    [1, 16.5],
    [100, 21.2],
    [1_000, 33.1],
    [10_000, 76.9],
    [100_000, 578],
  ] as const;

  it.each(DESIGN)('of %s events a second is within a sixth of what the design says', (rate, dollars) => {
    const ratio = runningDollars(estimated({ rate, packed: true })) / dollars;
    expect(ratio).toBeGreaterThan(5 / 6);
    expect(ratio).toBeLessThan(7 / 6);
  });

  it('has an invocation that costs what was measured: $1.86 a million, with its commit and its log', () => {
    const { lambdaRequest, lambdaGbSecond, dynamodbWriteUnit, logGb } = PRICES;
    const million =
      lambdaRequest.dollars + 25_000 * lambdaGbSecond.dollars + dynamodbWriteUnit.dollars + 1.4 * logGb.dollars;
    expect(million).toBeCloseTo(1.86, 2);
  });

  it('has as many shards as its source needs, one of the inbox, and a batch a second of each', () => {
    const { stages } = estimated({ rate: 10_000 });
    expect(stages.map(({ stage, isSource, shards }) => [stage, isSource, shards])).toEqual([
      ['clicks', true, 10],
      ['perPage', false, 1],
    ]);
    expect(stages[0]?.batches).toBeCloseTo(10, 1);
    for (const { concurrency, shards } of stages) expect(concurrency).toBeLessThan(shards);
  });

  it('grows with the rate, and falls with a longer batch window', () => {
    const rate = fc.double({ min: 0.1, max: 50_000, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 100 }), (a, b, window) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((each) => estimated({ rate: each }).dollars);
        expect(low).toBeLessThanOrEqual((high ?? 0) * 1.001);
        const patient = estimated({ rate: 100, batchSeconds: window + 1 }).dollars;
        expect(patient).toBeLessThanOrEqual(estimated({ rate: 100, batchSeconds: window }).dollars * 1.001);
      }),
    );
  });
});

it('so many events meet so many keys', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 200 }), (events, keys) => {
      // The chance that a key is missed by all, to the exact (1 - 1/k)^n.
      const exact = keys * (1 - (1 - 1 / keys) ** events);
      expect(Math.abs(metKeys(events, keys) - exact)).toBeLessThanOrEqual(0.4 + exact * 0.01);
      expect(metKeys(events, keys)).toBeLessThanOrEqual(Math.min(events, keys));
    }),
  );
});

describe('beside it', () => {
  it('stand Managed Flink, never below two units, and a write per event', () => {
    expect(estimated({ rate: 0.001 }).managedFlink).toEqual({ units: 2, dollars: expect.closeTo(160.6, 2) });
    expect(estimated({ rate: 10_000 }).managedFlink.units).toBe(10 / MANAGED_FLINK.megabytesPerSecondPerUnit + 1);
    expect(estimated().writePerEventDollars).toBeCloseTo(1_642.5, 1);
  });

  it('stand sources and sinks, which are not in the total', () => {
    const { sourceStreamDollars, sinkDollars, dollars, lines } = estimated();
    expect(sourceStreamDollars).toBeCloseTo(10.95 + 1_000 * 2.628 * 0.014, 2);
    // A window gives a row for each key that it met, every ten seconds.
    expect(sinkDollars).toBeCloseTo((metKeys(10_000, 1_000) / 10) * 2.628 * 0.625, 1);
    expect(totalOf(lines)).toBe(dollars);
    const dropped = job('drop', ({ source }) => source('in', collection<number>([])).to('out', blackhole()));
    expect(estimate(dropped.graph, WORKLOAD).sinkDollars).toBe(0);
  });
});

describe('what was counted', () => {
  it('is put in the same table, as of a month', () => {
    const counted = usageFrom({ lambdaRequest: 600, dynamodbWriteUnit: 660 }, 600);
    expect(costLines(counted)).toEqual([
      { item: 'lambdaRequest', text: 'Lambda, requests', quantity: 2_628_000, dollars: expect.closeTo(0.5256, 4) },
      {
        item: 'dynamodbWriteUnit',
        text: PRICES.dynamodbWriteUnit.text,
        quantity: 2_890_800,
        dollars: expect.closeTo(1.80675, 4),
      },
    ]);
    const text = estimateText(estimated(), counted);
    expect(text).toMatch(/a month +estimated +dollars +counted +dollars\n/);
    expect(text).toMatch(/Lambda, requests +[\d,]+ +[\d.]+ +2,628,000 +0\.53\n/);
    expect(text).toMatch(/total +[\d.]+ +2\.33\n/);
  });
});

describe('millrace estimate', () => {
  afterEach(() => vi.restoreAllMocks());

  const file = join(mkdtempSync(join(tmpdir(), 'millrace-cost-')), 'job.yaml');
  writeFileSync(
    file,
    'job: copy\nsources: { clicks: { kinesis: clicks } }\nsinks: { out: { input: clicks, sqs: out } }\n',
  );

  async function told(...words: readonly string[]): Promise<string> {
    let text = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((more) => {
      text += String(more);
      return true;
    });
    await estimateCommand(() => {})
      .exitOverride()
      .configureOutput({ writeErr() {} })
      .parseAsync([file, ...words], { from: 'user' });
    return text;
  }

  it('reads rates and sizes as people write them', async () => {
    const { workload } = JSON.parse(
      await told('--rate', '6k/m', '--event-size', '2KB', '--keys', '5_000', '--json'),
    ) as Estimate;
    expect(workload).toEqual({
      rate: 100,
      eventBytes: 2_000,
      keys: 5_000,
      batchSeconds: 1,
      memory: 1_024,
      packed: false,
    });
    expect(await told('--rate', '1000/s')).toMatch(
      /^copy: 1,000 events\/s of 1,000 bytes, over 10,000 keys, in batches of 1 s\n/,
    );
  });

  it('refuses what is no rate or size', async () => {
    for (const rate of ['fast', '0', '-1/s', '10/parsec'])
      await expect(told(`--rate=${rate}`)).rejects.toThrow('write a rate such as');
    await expect(told('--rate', '1/s', '--event-size', '1 parsec')).rejects.toThrow('write a size such as');
    await expect(told()).rejects.toThrow("required option '--rate");
  });
});
