import { describe, expect, it } from 'vitest';
import { JobSpecError } from '../../core/error/error.ts';
import type { Draft } from '../../core/graph/graph-builder.ts';
import type { AnyTrigger } from '../../core/window/trigger.ts';
import {
  builder,
  byPage,
  faultsOf,
  filter,
  map,
  monotonous,
  page,
  sink,
  source,
  tumbling,
  withClicks,
} from './build.ts';

describe('a graph with faults', () => {
  it('names all of them at once', () => {
    const made = withClicks({ maxParallelism: 1000, parallelism: 0 });
    made.operator({ uid: 'humans', operator: filter, inputs: [{ from: 'clickz' }] });
    made.operator({ uid: 'perPage', operator: tumbling, inputs: [{ from: 'humans' }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'perPage', output: 'lat' }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'perPage' }] });
    expect(faultsOf(made)).toEqual([
      'settings.maxParallelism: 1000 is not a power of two; use 512 or 1024',
      'settings.parallelism: 0 is not a whole number above 0',
      'sinks.out: two sinks are named "out"; give each its own name (one sink may have several inputs)',
      'operators.humans.input: "clickz" is not in this job; did you mean "clicks"?',
      'operators.perPage.input: its input is not keyed; put a keyBy before it',
      'sinks.out.input: "perPage" has no side output "lat"; it has late',
    ]);
    expect(() => made.build()).toThrow(JobSpecError);
  });

  it('has no cycle, and is told the way around it', () => {
    const made = withClicks();
    made.operator({ uid: 'a', operator: map, inputs: [{ from: 'clicks' }, { from: 'c' }] });
    made.operator({ uid: 'b', operator: map, inputs: [{ from: 'a' }] });
    made.operator({ uid: 'c', operator: map, inputs: [{ from: 'b' }] });
    const [fault, ...others] = faultsOf(made);
    expect(others).toEqual([]);
    expect(fault).toMatch(/reads what it gives itself: (a ─▶ b ─▶ c ─▶ a|b ─▶ c ─▶ a ─▶ b|c ─▶ a ─▶ b ─▶ c); /);
  });

  it('reads nothing without a source', () => {
    expect(faultsOf(builder())).toEqual(['sources: the job has no source, so it would read nothing']);
  });

  it('uses one name for one thing', () => {
    const made = withClicks();
    made.operator({ uid: 'clicks', operator: map, inputs: [{ from: 'clicks' }] });
    expect(faultsOf(made)).toContain(
      'operators.clicks: "clicks" is the name of a source already; names are unique in a job, since state belongs to them',
    );
  });

  it.each(['', '-a', 'a b', '__proto__', 'a/b', '.'])('refuses the name %j', (uid) => {
    const made = withClicks();
    made.operator({ uid, operator: map, inputs: [{ from: 'clicks' }] });
    expect(faultsOf(made)[0]).toContain('is not a name');
  });

  it.each([
    [{ parallelism: 2048 }, 'settings.parallelism: 2048 is above maxParallelism (1024)'],
    [{ maxParallelism: 65_536 }, 'settings.maxParallelism: 65536 is not from 1 to 32768'],
    [{ checkpointEveryMs: 0 }, 'settings.checkpointEvery: 0 ms is not above 0'],
    [{ onPoison: 'ignore' as 'stop' }, 'settings.onPoison: "ignore" is unknown'],
  ])('refuses the settings %j', (settings, fault) => {
    expect(faultsOf(withClicks(settings))).toEqual([expect.stringContaining(fault)]);
  });

  it('gives every operator as many inputs as it takes', () => {
    const made = withClicks();
    const create = () => ({ processLeft() {}, processRight() {} });
    made.operator({ uid: 'one', operator: { kind: 'coProcess', create }, inputs: [{ from: 'clicks' }] });
    made.operator({ uid: 'none', operator: map, inputs: [] });
    made.operator({ uid: 'two', operator: map, inputs: [{ from: 'clicks' }, { from: 'clicks', port: 1 }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'out2' }] });
    made.sink({ uid: 'out2', sink: sink(), inputs: [{ from: 'one' }] });
    expect(faultsOf(made)).toEqual([
      'operators.one.input: input 2 of 2 is missing',
      'operators.none.input: has no input',
      'operators.two.input: input 2 is one too many; it takes 1',
      'sinks.out.input: "out2" is a sink, which gives nothing to read',
    ]);
  });

  it('has a parallelism for an operator that the operator can have', () => {
    const made = withClicks();
    made.operator({ uid: 'a', operator: map, inputs: [{ from: 'clicks' }], parallelism: 1.5 });
    const { key: _, ...overAll } = tumbling;
    made.operator({ uid: 'all', operator: overAll, inputs: [{ from: 'clicks' }], parallelism: 2 });
    expect(faultsOf(made)).toEqual([
      'operators.a.parallelism: 1.5 is not a whole number above 0',
      expect.stringContaining('operators.all.parallelism: a window over all keys runs in one subtask'),
    ]);
  });
});

describe('event time', () => {
  it.each([
    ['a window', tumbling, [{ from: 'plain', partitioning: byPage }]],
    [
      'a window behind other operators and a union',
      tumbling,
      [
        { from: 'clicks', partitioning: byPage },
        { from: 'mapped', partitioning: byPage },
      ],
    ],
    [
      'an interval join',
      {
        kind: 'intervalJoin',
        keys: [page, page],
        lowerMs: 0,
        upperMs: 1,
        lowerInclusive: true,
        upperInclusive: true,
        join: () => 1,
      },
      [
        { from: 'clicks', partitioning: byPage },
        { from: 'plain', port: 1, partitioning: byPage },
      ],
    ],
  ] as const)('is missed by %s where a source upstream gives none', (_, operator, inputs) => {
    const made = withClicks();
    made.source({ uid: 'plain', source: source() });
    made.operator({ uid: 'mapped', operator: map, inputs: [{ from: 'plain' }] });
    made.operator({ uid: 'timed', operator, inputs });
    expect(faultsOf(made)).toEqual([
      expect.stringMatching(/^operators\.timed: an .* needs event time, and "plain" gives none; say eventTime there/),
    ]);
  });

  it('may be missing on one of two connected inputs if that one ends', () => {
    const job = (bounded: boolean): string[] => {
      const made = withClicks();
      made.source({ uid: 'rules', source: { ...source(), bounded } });
      const create = () => ({ process() {}, processBroadcast() {} });
      const inputs = [{ from: 'clicks' }, { from: 'rules', port: 1, partitioning: { kind: 'broadcast' } as const }];
      made.operator({ uid: 'ruled', operator: { kind: 'broadcastProcess', create }, inputs });
      made.operator({ uid: 'perPage', operator: tumbling, inputs: [{ from: 'ruled', partitioning: byPage }] });
      return faultsOf(made);
    };
    expect(job(true)).toEqual([]);
    expect(job(false)).toEqual([expect.stringContaining('"rules" gives none')]);
  });

  it('may be given in mid-stream, be that of ingestion, or not be needed', () => {
    const made = builder();
    made.source({ uid: 'plain', source: source() });
    made.source({ uid: 'ingested', source: source(), eventTime: 'ingestion' });
    const strategy = monotonous;
    made.operator({ uid: 'timed', operator: { kind: 'assignTimestamps', strategy }, inputs: [{ from: 'plain' }] });
    const inputs = ['timed', 'ingested'].map((from) => ({ from, partitioning: byPage }));
    made.operator({ uid: 'perPage', operator: tumbling, inputs });
    const byClock = { ...tumbling, assigner: { ...tumbling.assigner, time: 'processing' as const } };
    made.operator({
      uid: 'byClock',
      operator: byClock as typeof tumbling,
      inputs: [{ from: 'plain', partitioning: byPage }],
    });
    expect(faultsOf(made)).toEqual([]);
  });
});

describe('settings of operators', () => {
  const never: AnyTrigger = {
    name: 'never',
    create: () => undefined,
    onElement: () => 'continue',
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
  };
  const interval = { kind: 'intervalJoin', keys: [page, page], lowerInclusive: true, upperInclusive: true } as const;
  const call = { kind: 'async', call: async () => 1, order: 'ordered', timeoutMs: 1, capacity: 1 } as const;

  it.each([
    ['window: size 0 ms is not above 0', { ...tumbling, assigner: { ...tumbling.assigner, sizeMs: 0 } }],
    [
      'window: offset 10000 ms is not smaller than the size, 10000 ms',
      { ...tumbling, assigner: { ...tumbling.assigner, offsetMs: 10_000 } },
    ],
    [
      'window: slide NaN ms is not above 0',
      { ...tumbling, assigner: { kind: 'sliding', sizeMs: 1, slideMs: Number.NaN, offsetMs: 0, time: 'event' } },
    ],
    ['window: gap -1 ms is not above 0', { ...tumbling, assigner: { kind: 'session', gapMs: -1, time: 'event' } }],
    [
      'window: size 1.5 is not a whole number above 0',
      { ...tumbling, assigner: { kind: 'count', size: 1.5, slide: 1 } },
    ],
    ['window.allowedLateness: -1 ms is below 0', { ...tumbling, allowedLatenessMs: -1 }],
    [
      'window.trigger: never cannot follow sessions that merge; use a trigger with a merge method',
      { ...tumbling, assigner: { kind: 'session', gapMs: 1, time: 'event' }, trigger: never },
    ],
    ['async: capacity 0 is not a whole number above 0', { ...call, capacity: 0 }],
    ['async: timeout 0 ms is not above 0', { ...call, timeoutMs: 0 }],
    [
      'async: retry.attempts 0 is not a whole number above 0',
      { ...call, retry: { attempts: 0, delayMs: 1, backoff: 1, maxDelayMs: 1 } },
    ],
    [
      'between: the lower bound, 2 ms, is above the upper one, 1 ms',
      { ...interval, lowerMs: 2, upperMs: 1, join: () => 1 },
    ],
    [
      'between: nothing lies between the bounds, since they are not inclusive',
      { ...interval, upperInclusive: false, lowerMs: 1, upperMs: 1, join: () => 1 },
    ],
  ] as const)('%s', (fault, operator) => {
    const made = withClicks();
    const keyed = operator.kind === 'async' ? {} : { partitioning: byPage };
    const ports = operator.kind === 'intervalJoin' ? [0, 1] : [0];
    const inputs = ports.map((port) => ({ from: 'clicks', port, ...keyed }));
    made.operator({ uid: 'it', operator, inputs });
    expect(faultsOf(made)).toEqual([`operators.it.${fault}`]);
  });
});

describe('warnings', () => {
  it('tell of state under a derived name, an unread source and a job without sinks', () => {
    const made = withClicks();
    made.source({ uid: 'unread', source: source() });
    made.operator({ operator: tumbling, inputs: [{ from: 'clicks', partitioning: byPage }] });
    expect(made.check().warnings.map(({ path }) => path)).toEqual([
      'sources.unread',
      'operators.clicks.window',
      'sinks',
    ]);
  });

  it('say nothing of a derived name without state', () => {
    const made = withClicks();
    const mapped = made.operator({ operator: map, inputs: [{ from: 'clicks' }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: mapped }] });
    expect(made.check().warnings).toEqual([]);
  });
});

describe('ten thousand operators', () => {
  const LIMIT_MS = 1_000;

  it('in a row are built, named and checked in less than a second', () => {
    const made = withClicks();
    let last: Draft | string = 'clicks';
    for (let index = 0; index < 10_000; index++) last = made.operator({ operator: map, inputs: [{ from: last }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: last }] });
    const started = performance.now();
    const graph = made.build();
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    expect(graph.nodes.at(-2)?.uid).toBe('clicks.map-10000');
  });

  it('written backwards with a wrong name each are refused in less than a second', () => {
    const made = withClicks();
    for (let index = 10_000; index > 0; index--) {
      const inputs = [{ from: `o${index - 1}` }, { from: `wrong${index}` }];
      made.operator({ uid: `o${index}`, operator: map, inputs });
    }
    const started = performance.now();
    expect(made.check().faults).toHaveLength(10_001);
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });

  it('in a ring are refused in less than a second', () => {
    const made = withClicks();
    for (let index = 0; index < 10_000; index++) {
      made.operator({ uid: `o${index}`, operator: map, inputs: [{ from: `o${(index + 1) % 10_000}` }] });
    }
    const started = performance.now();
    expect(made.check().faults).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });
});
