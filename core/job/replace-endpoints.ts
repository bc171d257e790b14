import { makeSink, makeSource } from '../connector/registry.ts';
import { type Fault, JobSpecError } from '../error/error.ts';
import { suggestion } from '../expression/fault.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Job } from './job.ts';

/** Other ends of a job by the names of its sources and sinks: a path of files, or `-` for standard input and output. */
export type Endpoints = {
  readonly sources: { readonly [name: string]: string };
  readonly sinks: { readonly [name: string]: string };
};

/**
 * The same job that reads from or writes to other places, such as files on a laptop.
 *
 * @throws JobSpecError where it has no source or sink of a name
 *
 * @example
 * replaceEndpoints(job, { sources: { clicks: 'clicks.jsonl' }, sinks: { table: '-' } });
 */
export function replaceEndpoints(job: Job, endpoints: Endpoints): Job {
  const named = (kind: 'source' | 'sink') => job.graph.nodes.filter((node) => node.kind === kind).map(({ uid }) => uid);
  const faults = endpointFaults(endpoints, { sources: named('source'), sinks: named('sink') });
  if (faults.length > 0) throw new JobSpecError(faults);
  const nodes = job.graph.nodes.map((node): GraphNode => {
    if (node.kind === 'source') {
      const at = ownOf(endpoints.sources, node.uid);
      if (at === undefined) return node;
      return { ...node, source: at === '-' ? makeSource('stdin', {}) : makeSource('file', { path: at }) };
    }
    const at = node.kind === 'sink' ? ownOf(endpoints.sinks, node.uid) : undefined;
    if (node.kind !== 'sink' || at === undefined) return node;
    return { ...node, sink: at === '-' ? makeSink('stdout', {}) : makeSink('file', { path: at }) };
  });
  return { ...job, graph: { ...job.graph, nodes } };
}

/**
 * The same for a spec as it was read, before its shape is checked: so a connector that is not available here may be
 * replaced.
 */
export function replaceSpecEndpoints(spec: unknown, endpoints: Endpoints): { spec: unknown; faults: readonly Fault[] } {
  if (!isRecord(spec)) return { spec, faults: [] };
  const { sources, sinks } = spec;
  const names = { sources: keysOf(sources), sinks: keysOf(sinks) };
  const replaced = {
    ...spec,
    ...(isRecord(sources) && { sources: eachReplaced(sources, endpoints.sources, 'stdin', SOURCE_REST) }),
    ...(isRecord(sinks) && { sinks: eachReplaced(sinks, endpoints.sinks, 'stdout', SINK_REST) }),
  };
  return { spec: replaced, faults: endpointFaults(endpoints, names) };
}

/** What of a source or sink does not belong to its connector. */
const SOURCE_REST = ['schema', 'eventTime', 'parallelism'];
const SINK_REST = ['input', 'partition', 'parallelism'];

function eachReplaced(
  ends: Record<string, unknown>,
  others: { readonly [name: string]: string },
  standard: string,
  rest: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(ends).map(([name, end]) => {
      const at = ownOf(others, name);
      if (at === undefined || !isRecord(end)) return [name, end];
      const kept = Object.entries(end).filter(([word]) => rest.includes(word));
      return [name, { ...Object.fromEntries(kept), ...(at === '-' ? { [standard]: null } : { file: { path: at } }) }];
    }),
  );
}

function endpointFaults(
  { sources, sinks }: Endpoints,
  names: { readonly sources: readonly string[]; readonly sinks: readonly string[] },
): Fault[] {
  const unknown = (given: object, known: readonly string[], kind: string) =>
    Object.keys(given)
      .filter((name) => !known.includes(name))
      .map((name) => {
        const near = suggestion(name, known) || (known.length === 0 ? '; it has none' : `; it has ${known.join(', ')}`);
        return { path: `--${kind} ${name}`, message: `the job has no ${kind} "${name}"${near}` };
      });
  return [...unknown(sources, names.sources, 'source'), ...unknown(sinks, names.sinks, 'sink')];
}

/** Names may be those that every object has. */
function ownOf(ends: { readonly [name: string]: string }, name: string): string | undefined {
  return Object.hasOwn(ends, name) ? ends[name] : undefined;
}

function keysOf(value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
