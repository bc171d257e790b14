import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyGroupOf, stateKeyOf, subtaskOf } from '../../core/codec/key.ts';
import { explain } from '../../core/graph/explain.ts';
import type { Draft, GraphBuilder } from '../../core/graph/graph-builder.ts';
import { keyGroupRanges, planOf } from '../../core/graph/plan.ts';
import type { WindowDescriptor } from '../../core/operator/descriptor.ts';
import { state } from '../../core/state/state.ts';
import { byPage, filter, map, page, sink, tumbling, withClicks } from './build.ts';

/** Of each stage its nodes. */
const stagesOf = (made: GraphBuilder): string[] =>
  planOf(made.build()).stages.map(({ nodes }) => nodes.map(({ uid }) => uid).join(' '));

describe('chaining', () => {
  it('joins forward neighbours into one stage and cuts at a shuffle', () => {
    const made = withClicks();
    made.operator({ uid: 'humans', operator: filter, inputs: [{ from: 'clicks' }] });
    made.operator({ uid: 'perPage', operator: tumbling, inputs: [{ from: 'humans', partitioning: byPage }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'perPage' }] });
    expect(stagesOf(made)).toEqual(['clicks humans', 'perPage out']);
  });

  it('makes a tree where one node has several readers, side outputs too', () => {
    const made = withClicks();
    made.operator({ uid: 'perPage', operator: tumbling, inputs: [{ from: 'clicks', partitioning: byPage }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'perPage' }] });
    made.sink({ uid: 'late', sink: sink(), inputs: [{ from: 'perPage', output: 'late' }] });
    expect(stagesOf(made)).toEqual(['clicks', 'perPage out late']);
  });

  it('does not reach over a union, another parallelism, or a rebalance', () => {
    const made = withClicks();
    made.operator({ uid: 'a', operator: map, inputs: [{ from: 'clicks' }] });
    made.operator({ uid: 'union', operator: map, inputs: [{ from: 'clicks' }, { from: 'a' }] });
    made.operator({ uid: 'wide', operator: map, inputs: [{ from: 'union' }], parallelism: 4 });
    const partitioning = { kind: 'rebalance' } as const;
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'wide', partitioning }], parallelism: 4 });
    expect(stagesOf(made)).toEqual(['clicks a', 'union', 'wide', 'out']);
    const { exchanges } = planOf(made.build());
    expect(exchanges.map(({ from, to, partitioning }) => `${from} ${partitioning} ${to}`)).toEqual([
      'clicks forward union',
      'a forward union',
      'union rebalance wide',
      'wide rebalance out',
    ]);
  });

  it('runs a window over all keys in one subtask', () => {
    const made = withClicks({ parallelism: 4 });
    const { key: _, ...overAll } = tumbling;
    made.operator({ uid: 'all', operator: overAll, inputs: [{ from: 'clicks', partitioning: { kind: 'global' } }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'all' }] });
    expect(planOf(made.build()).stages.map(({ name, parallelism }) => [name, parallelism])).toEqual([
      ['clicks', 4],
      ['all', 1],
      ['out', 4],
    ]);
  });

  it('puts every node into exactly one stage, which is entered at its head only', () => {
    const kinds = fc.array(
      fc.record({ from: fc.nat(), again: fc.option(fc.nat()), shuffled: fc.boolean(), wide: fc.boolean() }),
    );
    fc.assert(
      fc.property(kinds, (nodes) => {
        const made = withClicks();
        const drafts: (Draft | string)[] = ['clicks'];
        for (const { from, again, shuffled, wide } of nodes) {
          const inputs = [from, ...(again === null ? [] : [again])].map((at) => ({
            from: drafts[at % drafts.length] ?? 'clicks',
            partitioning: { kind: shuffled ? 'shuffle' : 'forward' } as const,
          }));
          drafts.push(made.operator({ operator: map, inputs, ...(wide && { parallelism: 2 }) }));
        }
        const graph = made.build();
        const { stages, exchanges } = planOf(graph);
        const planned = stages.flatMap((stage) => stage.nodes.map(({ uid }) => uid));
        expect(planned.toSorted()).toEqual(graph.nodes.map(({ uid }) => uid).toSorted());
        const heads = stages.map(({ name }) => name);
        for (const { to } of exchanges) expect(heads).toContain(to);
        for (const { nodes: members } of stages) {
          const uids = members.map(({ uid }) => uid);
          for (const { input } of members.slice(1)) expect(uids).toContain(input?.from);
        }
        const chained = stages.reduce((count, stage) => count + stage.nodes.filter(({ input }) => input).length, 0);
        const edges = graph.nodes.reduce((count, node) => count + (node.kind === 'source' ? 0 : node.inputs.length), 0);
        expect(chained + exchanges.length).toBe(edges);
      }),
    );
  });
});

describe('a combiner before the shuffle', () => {
  const combined = (window: WindowDescriptor): boolean => {
    const made = withClicks();
    made.operator({ uid: 'perPage', operator: window, inputs: [{ from: 'clicks', partitioning: byPage }] });
    return planOf(made.build()).exchanges.some((exchange) => exchange.combined);
  };
  const sessions = { ...tumbling, assigner: { kind: 'session', gapMs: 1, time: 'event' } } as const;
  const process = { ...tumbling, computation: { kind: 'process', create: () => ({ process() {} }) } } as const;
  const aggregate = { create: () => 0, add: (n: number) => n + 1, result: (n: number) => n };

  it.each([
    ['is planned for an aggregate that can be merged', tumbling, true],
    ['is planned for a reduce', { ...tumbling, computation: { kind: 'reduce', reduce: (one: unknown) => one } }, true],
    ['is not for one that cannot', { ...tumbling, computation: { kind: 'aggregate', aggregate } }, false],
    ['is not for a function of all records', process, false],
    ['is not for windows that merge', sessions, false],
    ['is not where an evictor needs the records', { ...tumbling, evictor: { name: 'none' } }, false],
  ] as const)('%s', (_, window, expected) => {
    expect(combined(window)).toBe(expected);
  });
});

describe('key groups', () => {
  it('are shared out as the runtime finds them', () => {
    const powers = fc.integer({ min: 0, max: 10 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(powers, fc.nat(), fc.string(), (maxParallelism, some, key) => {
        const parallelism = 1 + (some % maxParallelism);
        const group = keyGroupOf(stateKeyOf(key), maxParallelism);
        const [first, last] =
          keyGroupRanges(parallelism, maxParallelism)[subtaskOf(group, parallelism, maxParallelism)] ?? [];
        expect(first).toBeLessThanOrEqual(group);
        expect(last).toBeGreaterThanOrEqual(group);
      }),
    );
  });

  it('are all given, each once', () => {
    expect(keyGroupRanges(3, 8)).toEqual([
      [0, 2],
      [3, 5],
      [6, 7],
    ]);
  });
});

/** A job with a bit of everything, for the golden explanations. */
function everything(): GraphBuilder {
  const made = withClicks({ parallelism: 2 });
  const humans = { operator: filter, description: "agent <> 'bot'" };
  made.operator({ uid: 'humans', ...humans, inputs: [{ from: 'clicks' }] });
  const windowed = { operator: tumbling, description: 'tumbling 10s: views' };
  made.operator({ uid: 'perPage', ...windowed, inputs: [{ from: 'humans', partitioning: byPage }] });
  made.sink({ uid: 'table', sink: sink('dynamodb PageViews'), inputs: [{ from: 'perPage' }] });
  made.sink({ uid: 'tooLate', sink: sink('s3 late-clicks'), inputs: [{ from: 'perPage', output: 'late' }] });
  const create = () => ({ usual: state.value<number>('usual'), rules: state.broadcast('rules'), process() {} });
  made.operator({
    operator: { kind: 'keyedProcess', key: page, create },
    inputs: [{ from: 'perPage', partitioning: byPage }],
  });
  made.sink({ uid: 'alerts', sink: sink('sqs alerts'), inputs: [{ from: 'perPage.keyedProcess' }], parallelism: 1 });
  return made;
}

describe('an explanation', () => {
  it('as text draws each stage and says what its nodes do', async () => {
    const plan = planOf(everything().build());
    await expect(`${explain(plan, 'text')}\n`).toMatchFileSnapshot('../golden/graph/plan.txt');
  });

  it('as JSON is the plan, the same text for the same job', async () => {
    const plan = planOf(everything().build());
    expect(JSON.parse(explain(plan, 'json'))).toEqual(plan);
    expect(explain(planOf(everything().build()), 'json')).toBe(explain(plan, 'json'));
    await expect(`${explain(plan, 'json')}\n`).toMatchFileSnapshot('../golden/graph/plan.json');
  });

  it('as Mermaid has a box for each stage', async () => {
    const plan = planOf(everything().build());
    await expect(`${explain(plan, 'mermaid')}\n`).toMatchFileSnapshot('../golden/graph/plan.mmd');
  });

  it('tells of a function that cannot be made without a job', () => {
    const made = withClicks();
    const create = (): never => {
      throw new Error('not here');
    };
    made.operator({ uid: 'p', operator: { kind: 'process', create }, inputs: [{ from: 'clicks' }] });
    expect(explain(planOf(made.build()))).toContain('could not be made while the job was planned');
  });

  it.each([
    ['a row', (index: number) => index],
    ['a comb', (index: number) => index - (index % 2)],
    ['a star', () => 0],
  ])('of ten thousand operators in %s takes less than a second, its size linear', (_, inputOf) => {
    const made = withClicks();
    const drafts: (Draft | string)[] = ['clicks'];
    for (let index = 0; index < 10_000; index++) {
      drafts.push(made.operator({ operator: map, inputs: [{ from: drafts[inputOf(index)] ?? 'clicks' }] }));
    }
    const graph = made.build();
    const started = performance.now();
    const plan = planOf(graph);
    const texts = [explain(plan, 'text'), explain(plan, 'mermaid'), explain(plan, 'json')];
    expect(performance.now() - started).toBeLessThan(1_000);
    for (const text of texts) expect(text.length).toBeLessThan(4_000_000);
    for (const uid of ['clicks.map', 'clicks.map-10000']) expect(texts[0]).toContain(uid);
  });
});
