import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobSpecError } from '../../core/error/error.ts';
import type { Draft } from '../../core/graph/graph-builder.ts';
import { replaceConnectors } from '../../core/graph/replace.ts';
import { topologyOf } from '../../core/graph/topology.ts';
import { byPage, filter, map, sink, source, tumbling, withClicks } from './build.ts';

const uidsOf = (made: ReturnType<typeof withClicks>) => made.build().nodes.map(({ uid }) => uid);

describe('derived names', () => {
  it('are the nearest named node and the kind, numbered', () => {
    const made = withClicks();
    const first = made.operator({ operator: filter, inputs: [{ from: 'clicks' }] });
    const second = made.operator({ operator: filter, inputs: [{ from: first }] });
    made.operator({ operator: map, inputs: [{ from: second }] });
    const perPage = made.operator({
      uid: 'perPage',
      operator: tumbling,
      inputs: [{ from: second, partitioning: byPage }],
    });
    made.operator({ operator: map, inputs: [{ from: perPage }] });
    made.operator({ operator: map, inputs: [{ from: perPage, output: 'late' }] });
    expect(uidsOf(made)).toEqual([
      'clicks',
      'clicks.filter',
      'clicks.filter-2',
      'clicks.map',
      'perPage',
      'perPage.map',
      'perPage.late.map',
    ]);
  });

  it('never equal a given one', () => {
    const made = withClicks();
    made.operator({ operator: map, inputs: [{ from: 'clicks' }] });
    made.operator({ uid: 'clicks.map', operator: map, inputs: [{ from: 'clicks' }] });
    expect(uidsOf(made)).toEqual(['clicks', 'clicks.map-2', 'clicks.map']);
  });

  it('do not change when another branch of the job does', () => {
    const build = (more: number): string[] => {
      const made = withClicks();
      made.source({ uid: 'ads', source: source() });
      for (let index = 0; index < more; index++) made.operator({ operator: map, inputs: [{ from: 'ads' }] });
      made.operator({ operator: map, inputs: [{ from: 'clicks' }] });
      return uidsOf(made);
    };
    expect(build(3)).toEqual(expect.arrayContaining(build(1)));
  });
});

describe('the order of nodes', () => {
  it('puts each after its inputs, whatever order they were added in', () => {
    const made = withClicks();
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'b' }] });
    made.operator({ uid: 'b', operator: map, inputs: [{ from: 'a' }] });
    made.operator({ uid: 'a', operator: map, inputs: [{ from: 'clicks' }] });
    expect(uidsOf(made)).toEqual(['clicks', 'a', 'b', 'out']);
  });

  it('holds all nodes once, inputs first, and finds a cycle exactly where there is one', () => {
    const graphs = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 3 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(graphs, (inputs) => {
        const nodes = inputs.map((_, index) => index);
        const { order, cycles } = topologyOf(nodes, (node) => inputs[node] ?? []);
        expect([...order].sort((left, right) => left - right)).toEqual(nodes);
        expect(cycles.length > 0).toBe(hasCycle(inputs));
        if (cycles.length > 0) return;
        for (const node of nodes) {
          for (const input of inputs[node] ?? []) expect(order.indexOf(input)).toBeLessThan(order.indexOf(node));
        }
      }),
    );
  });
});

/** Takes nodes without inputs away until there are none left, or none can be taken. */
function hasCycle(inputs: readonly (readonly number[])[]): boolean {
  let left = inputs.map((_, node) => node);
  for (;;) {
    const stuck = left.filter((node) => (inputs[node] ?? []).some((input) => left.includes(input)));
    if (stuck.length === left.length) return left.length > 0;
    left = stuck;
  }
}

describe('replacing connectors', () => {
  const graph = () => {
    const made = withClicks();
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: 'clicks' }] });
    return made.build();
  };

  it('changes source and sink and nothing else', () => {
    const before = graph();
    const after = replaceConnectors(before, { sources: { clicks: source('file') }, sinks: { out: sink('stdout') } });
    expect(after.nodes.map((node) => (node.kind === 'source' ? node.source.name : node.uid))).toEqual(['file', 'out']);
    expect(after.nodes.map(({ uid }) => uid)).toEqual(before.nodes.map(({ uid }) => uid));
    const [first] = after.nodes;
    expect(first?.kind === 'source' && first.eventTime !== undefined).toBe(true);
  });

  it('refuses every name that the job does not have', () => {
    const replace = () => replaceConnectors(graph(), { sources: { click: source() }, sinks: { constructor: sink() } });
    expect(replace).toThrow(JobSpecError);
    expect(replace).toThrow('sources.click: job has no source "click"; did you mean "clicks"?');
    expect(replace).toThrow('sinks.constructor: job has no sink "constructor"; it has out');
  });
});

describe('a draft', () => {
  it('may be named after others read it', () => {
    const made = withClicks();
    const mapped: Draft = made.operator({ operator: map, inputs: [{ from: 'clicks' }] });
    made.sink({ uid: 'out', sink: sink(), inputs: [{ from: mapped }] });
    mapped.uid = 'named';
    expect(uidsOf(made)).toEqual(['clicks', 'named', 'out']);
  });
});
