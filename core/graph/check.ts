import type { Fault } from '../error/error.ts';
import { suggestion } from '../expression/fault.ts';
import { operatorFaults } from './check-operator.ts';
import { eventTimeFaults } from './check-time.ts';
import { parallelismFault, settingsFaults } from './job-settings.ts';
import type { Edge, Graph, GraphNode } from './node.ts';
import { pathOf } from './node-path.ts';
import { holdsState, keysOf, portsOf, sideOutputsOf } from './operator-facts.ts';
import { topologyOf } from './topology.ts';
import { uidFault } from './uid.ts';

/** What is wrong with a graph, all of it, and what is doubtful. */
export type GraphReport = {
  readonly faults: readonly Fault[];
  /** The job may run, but not as its author may think. */
  readonly warnings: readonly Fault[];
};

/** Suggestions compare a name with all others, so only so many names get one. */
const MAX_SUGGESTIONS = 20;

/**
 * Checks a graph. Paths are those of the job spec: `operators.perPage.window`, `sinks.table.input`, `settings.parallelism`.
 *
 * @example
 * const { faults, warnings } = checkGraph(graph);
 */
export function checkGraph(graph: Graph): GraphReport {
  const byUid = new Map<string, GraphNode>();
  for (const node of graph.nodes) if (!byUid.has(node.uid)) byUid.set(node.uid, node);
  const inputs = new InputChecks(byUid);
  const faults = [
    ...(graph.name === '' ? [{ path: 'job', message: 'the job has no name' }] : []),
    ...settingsFaults(graph.settings),
    ...presenceFaults(graph),
    ...nameFaults(graph, byUid),
    ...graph.nodes.flatMap((node) => [
      ...inputs.faults(node),
      ...parallelismFaults(node, graph),
      ...(node.kind === 'operator' ? operatorFaults(node) : []),
    ]),
    ...cycleFaults(graph, byUid),
  ];
  if (faults.length === 0) faults.push(...eventTimeFaults(graph));
  return { faults, warnings: warningsOf(graph) };
}

function presenceFaults({ nodes }: Graph): Fault[] {
  if (nodes.some(({ kind }) => kind === 'source')) return [];
  return [{ path: 'sources', message: 'the job has no source, so it would read nothing' }];
}

function nameFaults({ nodes }: Graph, byUid: ReadonlyMap<string, GraphNode>): Fault[] {
  return nodes.flatMap((node) => {
    const fault = node.uidGiven ? uidFault(node.uid) : undefined;
    if (fault !== undefined) return [{ path: pathOf(node), message: fault }];
    const first = byUid.get(node.uid);
    if (first === undefined || first === node) return [];
    const message =
      node.kind === 'sink' && first.kind === 'sink'
        ? `two sinks are named "${node.uid}"; give each its own name (one sink may have several inputs)`
        : `"${node.uid}" is the name of ${aOf(first)} already; names are unique in a job, since state belongs to them`;
    return [{ path: pathOf(node), message }];
  });
}

function aOf({ kind }: GraphNode): string {
  return kind === 'operator' ? 'an operator' : `a ${kind}`;
}

class InputChecks {
  readonly #byUid: ReadonlyMap<string, GraphNode>;
  #suggested = 0;

  constructor(byUid: ReadonlyMap<string, GraphNode>) {
    this.#byUid = byUid;
  }

  faults(node: GraphNode): Fault[] {
    if (node.kind === 'source') return [];
    const path = `${pathOf(node)}.input`;
    const ports = node.kind === 'operator' ? portsOf(node.operator) : 1;
    const keys = node.kind === 'operator' ? keysOf(node.operator) : [];
    const messages = node.inputs.flatMap((edge) => this.#edgeMessages(edge, ports));
    for (let port = 0; port < ports; port++) {
      const edges = node.inputs.filter((edge) => edge.port === port);
      if (edges.length === 0) messages.push(ports === 1 ? 'has no input' : `input ${port + 1} of 2 is missing`);
      if (keys[port] !== undefined && edges.some((edge) => edge.partitioning.kind !== 'hash')) {
        messages.push('its input is not keyed; put a keyBy before it');
      }
    }
    return messages.map((message) => ({ path, message }));
  }

  #edgeMessages({ from, output, port }: Edge, ports: number): string[] {
    if (!(Number.isInteger(port) && port >= 0 && port < ports)) {
      return [`input ${port + 1} is one too many; it takes ${ports}`];
    }
    const origin = this.#byUid.get(from);
    if (origin === undefined) return [`"${from}" is not in this job${this.#suggestion(from)}`];
    if (origin.kind === 'sink') return [`"${from}" is a sink, which gives nothing to read`];
    if (output === undefined) return [];
    const sides = origin.kind === 'operator' ? sideOutputsOf(origin.operator) : [];
    if (sides === 'any' || sides.includes(output)) return [];
    const way = sides.length === 0 ? 'it has none' : `it has ${sides.join(', ')}`;
    return [`"${from}" has no side output "${output}"; ${way}`];
  }

  #suggestion(name: string): string {
    if (this.#suggested++ >= MAX_SUGGESTIONS) return '';
    return suggestion(
      name,
      [...this.#byUid.values()].filter(({ kind }) => kind !== 'sink').map(({ uid }) => uid),
    );
  }
}

function parallelismFaults(node: GraphNode, { settings }: Graph): Fault[] {
  if (node.parallelism === undefined) return [];
  const path = `${pathOf(node)}.parallelism`;
  const message = parallelismFault(node.parallelism, settings.maxParallelism);
  if (message !== undefined) return [{ path, message }];
  const overAllKeys = node.kind === 'operator' && node.operator.kind === 'window' && node.operator.key === undefined;
  if (!overAllKeys || node.parallelism === 1) return [];
  return [
    { path, message: 'a window over all keys runs in one subtask; leave parallelism out, or put a keyBy before it' },
  ];
}

function cycleFaults({ nodes }: Graph, byUid: ReadonlyMap<string, GraphNode>): Fault[] {
  const inputsOf = (node: GraphNode): GraphNode[] =>
    node.kind === 'source' ? [] : node.inputs.flatMap(({ from }) => byUid.get(from) ?? []);
  return topologyOf(nodes, inputsOf).cycles.flatMap((cycle) => {
    const [first] = cycle;
    if (first === undefined) return [];
    const names = [...cycle, first].map(({ uid }) => uid).join(' ─▶ ');
    return [{ path: `${pathOf(first)}.input`, message: `reads what it gives itself: ${names}; a job has no cycles` }];
  });
}

function warningsOf({ nodes }: Graph): Fault[] {
  const warnings: Fault[] = [];
  const read = new Set(nodes.flatMap((node) => (node.kind === 'source' ? [] : node.inputs.map(({ from }) => from))));
  for (const node of nodes) {
    const path = pathOf(node);
    if (node.kind === 'operator' && holdsState(node.operator) && !node.uidGiven) {
      const message =
        'its state is kept under a name derived from its place in the job, and is lost when that changes; name it with uid(…)';
      warnings.push({ path, message });
    }
    if (node.kind === 'source' && !read.has(node.uid)) warnings.push({ path, message: 'nothing reads it' });
  }
  if (!nodes.some(({ kind }) => kind === 'sink')) {
    warnings.push({ path: 'sinks', message: 'the job has no sink, so its results go nowhere' });
  }
  return warnings;
}
