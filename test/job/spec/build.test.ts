import { describe, expect, it } from 'vitest';
import { KeyedProcess, Process } from '../../../core/job/process.ts';
import { state } from '../../../core/state/state.ts';
import { resultsOf, specOf } from './run-spec.ts';

const CLICKS = `
    collection:
      - { page: /a, user: u1, agent: web, ms: 30, at: 1000 }
      - { page: /b, user: u2, agent: bot, ms: 10, at: 2000 }
      - { page: /a, user: u2, agent: web, ms: 50, at: 4000 }
      - { page: /b, user: u1, agent: web, ms: 20, at: 12000 }
      - { page: /a, user: u1, agent: web, ms: 40, at: 3000 }
    eventTime: { field: at, outOfOrderness: 5s }`;

/** A job over clicks whose sink is `out`, around the operators of a test. */
function spec(operators: string, input: string, more = ''): string {
  return `job: test\nsources:\n  clicks:${CLICKS}\n${more}\noperators:\n${operators}\nsinks:\n  out: { input: ${input}, blackhole: {} }\n`;
}

async function values(operators: string, input = 'x', modules = {}, more = ''): Promise<readonly unknown[]> {
  return (await resultsOf(spec(operators, input, more), modules)).map(({ value }) => value);
}

type Click = { page: string; user: string; agent: string; ms: number; at: number };
class Total extends KeyedProcess<string, Click, { page: string; total: number }> {
  readonly total = state.value<number>('total', { default: 0 });

  process(
    { ms }: Click,
    { key, emit }: Parameters<KeyedProcess<string, Click, { page: string; total: number }>['process']>[1],
  ) {
    this.total.set(this.total.get() + ms);
    emit({ page: key, total: this.total.get() });
  }
}

class Slow extends Process<Click, string> {
  process({ page, ms }: Click, { emit, side }: Parameters<Process<Click, string>['process']>[1]) {
    if (ms > 35) side('slow', page);
    else emit(page);
  }
}

const MODULES = {
  './own.ts': {
    Total,
    Slow,
    longest: (a: Click, b: Click) => (b.ms > a.ms ? b : a),
    words: ({ page }: Click, emit: (text: string) => void) => {
      emit(page);
      emit(`${page}!`);
    },
    upper: async ({ user }: Click) => user.toUpperCase(),
    toSecond: (_value: Click, partitions: number) => partitions - 1,
    all: (clicks: readonly Click[]) => clicks.map(({ ms }) => ms).join('+'),
    pairs: (left: readonly Click[], right: readonly Click[]) => [`${left.length}:${right.length}`],
    gap: ({ ms }: Click) => ms * 100,
    three: (_a: unknown, _b: unknown, _c: unknown) => true,
    Rules: () => ({
      process: ({ ms }: Click, { emit }: { emit: (value: unknown) => void }) => emit(ms),
      processBroadcast: () => {},
    }),
    Both: () => ({
      processLeft: ({ ms }: Click, { emit }: { emit: (value: unknown) => void }) => emit(ms),
      processRight: ({ ms }: Click, { emit }: { emit: (value: unknown) => void }) => emit(-ms),
    }),
  },
};

describe('an operator of a spec', () => {
  it.each<readonly [string, string, readonly unknown[]]>([
    [
      'filter',
      'x: { input: clicks, filter: ms > 30 and page = "/a" }'.replaceAll('"', "'"),
      [50, 40].map((ms) => ({ ms })),
    ],
    [
      'map',
      'x: { input: clicks, map: { ms: ms * 2, who: upper(user) } }',
      [
        { ms: 60, who: 'U1' },
        { ms: 20, who: 'U2' },
        { ms: 100, who: 'U2' },
        { ms: 40, who: 'U1' },
        { ms: 80, who: 'U1' },
      ],
    ],
    ['map to one value', 'x: { input: clicks, map: ms }', [30, 10, 50, 20, 40]],
    [
      'addColumns',
      'x: { input: clicks, addColumns: { slow: ms > 45 } }',
      [
        { ms: 30, slow: false },
        { ms: 10, slow: false },
        { ms: 50, slow: true },
        { ms: 20, slow: false },
        { ms: 40, slow: false },
      ],
    ],
    [
      'flatMap',
      'x: { input: clicks, flatMap: ./own.ts#words }',
      ['/a', '/a!', '/b', '/b!', '/a', '/a!', '/b', '/b!', '/a', '/a!'],
    ],
    ['async', 'x: { input: clicks, async: { call: ./own.ts#upper, capacity: 2 } }', ['U1', 'U2', 'U2', 'U1', 'U1']],
    [
      'keyed process',
      'x: { input: clicks, keyBy: page, process: ./own.ts#Total }',
      [
        { page: '/a', total: 30 },
        { page: '/b', total: 10 },
        { page: '/a', total: 80 },
        { page: '/b', total: 30 },
        { page: '/a', total: 120 },
      ],
    ],
    [
      'rolling reduce',
      'x: { input: clicks, keyBy: page, reduce: ./own.ts#longest }',
      [30, 10, 50, 20, 50].map((ms) => ({ ms })),
    ],
    [
      'rolling maxBy of an expression',
      'x: { input: clicks, keyBy: page, maxBy: 0 - ms }',
      [30, 10, 30, 10, 30].map((ms) => ({ ms })),
    ],
    ['rolling sum', 'x: { input: clicks, keyBy: page, sum: ms }', [30, 10, 80, 30, 120].map((ms) => ({ ms }))],
    [
      'window sum',
      'x: { input: clicks, keyBy: page, window: { tumbling: 10s }, sum: ms }',
      [{ ms: 120 }, { ms: 10 }, { ms: 20 }],
    ],
    [
      'session with a gap of the record',
      'x: { input: clicks, keyBy: page, window: { session: ./own.ts#gap }, aggregate: { n: count(*) } }',
      [
        { page: '/b', windowStart: 2000, windowEnd: 3000, n: 1 },
        { page: '/a', windowStart: 1000, windowEnd: 9000, n: 3 },
        { page: '/b', windowStart: 12000, windowEnd: 14000, n: 1 },
      ],
    ],
    [
      'count window',
      'x: { input: clicks, keyBy: page, window: { count: 2 }, aggregate: { total: sum(ms) } }',
      [
        { page: '/a', total: 80 },
        { page: '/b', total: 30 },
      ],
    ],
    [
      'global window with an evictor',
      'x: { input: clicks, windowAll: { global: true, trigger: { count: 5 }, evictor: { delta: 15, of: ms } }, apply: ./own.ts#all }',
      ['30+50+40'],
    ],
    [
      'delta trigger',
      'x: { input: clicks, windowAll: { global: true, trigger: { delta: 15, of: ms } }, apply: ./own.ts#all }',
      ['30+10', '30+10+50', '30+10+50+20', '30+10+50+20+40'],
    ],
    [
      'interval join',
      'x: { intervalJoin: { left: clicks, right: clicks, on: page }, between: [2s, 3s], select: { from: left.ms, to: right.ms } }',
      [{ from: 30, to: 50 }],
    ],
    [
      'window join',
      'x: { join: { left: clicks, right: clicks, on: { left: page, right: page } }, window: { tumbling: 10s }, select: { sum: left.ms + right.ms } }',
      [60, 80, 70, 80, 100, 90, 70, 90, 80, 20, 40].map((sum) => ({ sum })),
    ],
    [
      'coGroup',
      'x: { coGroup: { left: clicks, right: clicks, on: page }, window: endOfStream, apply: ./own.ts#pairs }',
      ['3:3', '2:2'],
    ],
    [
      'coMap',
      'x: { connect: { left: clicks, right: clicks }, coMap: { left: ms, right: 0 - ms } }',
      [30, -30, 10, -10, 50, -50, 20, -20, 40, -40],
    ],
    [
      'coProcess',
      'x: { connect: { left: clicks, right: clicks, on: user }, coProcess: ./own.ts#Both }',
      [30, -30, 10, -10, 50, -50, 20, -20, 40, -40],
    ],
    ['broadcast', 'x: { input: clicks, broadcast: clicks, process: ./own.ts#Rules }', [30, 10, 50, 20, 40]],
    [
      'assignTimestamps',
      'x: { input: clicks, assignTimestamps: { from: at + 1, watermarks: monotonous } }',
      [30, 10, 50, 20, 40].map((ms) => ({ ms })),
    ],
    ['custom partitioning', 'x: { input: clicks, partition: ./own.ts#toSecond, map: ms }', [30, 10, 50, 20, 40]],
  ])('%s', async (_, operators, expected) => {
    const results = await values(`  ${operators}`, 'x', MODULES);
    const shaped = results.map((result, index) => {
      const like = expected[index];
      if (typeof like !== 'object' || like === null || typeof result !== 'object') return result;
      return Object.fromEntries(Object.keys(like).map((key) => [key, (result as Record<string, unknown>)[key]]));
    });
    expect(shaped).toEqual(expected);
  });

  it('gives its side outputs under its name and theirs', async () => {
    expect(await values('  x: { input: clicks, process: ./own.ts#Slow }', 'x.slow', MODULES)).toEqual(['/a', '/a']);
    const late = '  x: { input: clicks, keyBy: page, window: { tumbling: 1s }, aggregate: { n: count(*) } }';
    expect(await values(late, 'x.late')).toEqual([expect.objectContaining({ at: 3000 })]);
  });

  it('may have a name that every object has', async () => {
    const operators =
      '  toString: { input: clicks, filter: ms > 35 }\n  constructor: { input: toString, filter: ms > 45 }';
    expect(await values(operators, 'constructor')).toHaveLength(1);
    const { faults } = specOf(spec('  x: { input: valueOf, filter: ms > 35 }', 'hasOwnProperty'));
    expect(faults).toEqual([
      'job.yaml:13:15  operators.x.input: "valueOf" is not in this job',
      'job.yaml:15:17  sinks.out.input: "hasOwnProperty" is not in this job',
    ]);
  });

  it('may stand before those that it reads from', async () => {
    expect(await values('  x: { input: y, filter: ms > 45 }\n  y: { input: clicks, filter: ms > 35 }')).toHaveLength(1);
  });
});
