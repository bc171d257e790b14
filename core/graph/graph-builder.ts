import type { Sink } from '../connector/sink.ts';
import type { Source } from '../connector/source.ts';
import { JobSpecError } from '../error/error.ts';
import type { RecordSchema } from '../expression/type.ts';
import type { OperatorDescriptor } from '../operator/descriptor.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';
import { checkGraph, type GraphReport } from './check.ts';
import { DEFAULT_SETTINGS } from './job-settings.ts';
import type { Edge, Graph, GraphNode, JobSettings, Partitioning } from './node.ts';
import { topologyOf } from './topology.ts';
import { UidAllocator } from './uid.ts';

/** A node being built. What is not readonly may be said later, up to `build`. */
export type Draft = DraftSource | DraftOperator | DraftSink;

type DraftBase = {
  /** Absent: derived. */
  uid?: string;
  parallelism?: number;
  /** Absent: written in any order. */
  readonly inputs: readonly DraftInput[];
};
export type DraftSource = DraftBase & {
  readonly kind: 'source';
  readonly source: Source;
  readonly eventTime?: WatermarkStrategy | 'ingestion';
  readonly schema?: RecordSchema;
};
export type DraftOperator = DraftBase & {
  readonly kind: 'operator';
  readonly operator: OperatorDescriptor;
  description?: string;
};
export type DraftSink = DraftBase & { readonly kind: 'sink'; readonly sink: Sink };

/** Where an input comes from: a draft, or the name of a node that may be added later. */
export type DraftInput = {
  readonly from: Draft | string;
  /** A side output's tag. */
  readonly output?: string;
  /** 0 unless said. */
  readonly port?: number;
  /** `forward` unless said. */
  readonly partitioning?: Partitioning;
};

/** A graph with what is wrong with it, and what is doubtful. */
export type CheckedGraph = GraphReport & { readonly graph: Graph };

/**
 * Builds a {@link Graph}: what the TypeScript API and the job spec both stand on. Nodes may be added in any order and
 * refer to each other by name; nameless ones get a derived uid.
 *
 * @example
 * const builder = new GraphBuilder('job', { parallelism: 2 });
 * const clicks = builder.source({ uid: 'clicks', source });
 * const humans = builder.operator({ operator: { kind: 'filter', filter }, inputs: [{ from: clicks }] });
 * builder.sink({ uid: 'out', sink, inputs: [{ from: humans }] });
 * const graph = builder.build(); // nodes clicks, clicks.filter, out
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #settings: JobSettings;
  readonly #drafts: Draft[] = [];

  constructor(name: string, settings: Partial<JobSettings> = {}) {
    this.#name = name;
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  source(draft: Omit<DraftSource, 'kind' | 'inputs'>): DraftSource {
    return this.#add({ kind: 'source', inputs: [], ...draft });
  }

  operator(draft: Omit<DraftOperator, 'kind'>): DraftOperator {
    return this.#add({ kind: 'operator', ...draft });
  }

  sink(draft: Omit<DraftSink, 'kind'>): DraftSink {
    return this.#add({ kind: 'sink', ...draft });
  }

  /**
   * The graph, checked.
   *
   * @throws JobSpecError with all faults.
   */
  build(): Graph {
    const { graph, faults } = this.check();
    if (faults.length > 0) throw new JobSpecError(faults);
    return graph;
  }

  /** The graph with its faults and warnings; to be run only where there is no fault. */
  check(): CheckedGraph {
    const nodes = orderedByInputs(this.#nodes());
    const graph: Graph = { name: this.#name, settings: this.#settings, nodes };
    return { graph, ...checkGraph(graph) };
  }

  #add<D extends Draft>(draft: D): D {
    this.#drafts.push(draft);
    return draft;
  }

  #nodes(): GraphNode[] {
    const uids = uidsOf(this.#drafts);
    return this.#drafts.map((draft) => nodeOf(draft, uids));
  }
}

/** Cycles and unknown names are left for the checks to tell. */
function orderedByInputs(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const byUid = new Map(nodes.map((node) => [node.uid, node]));
  const inputsOf = (node: GraphNode): GraphNode[] =>
    node.kind === 'source' ? [] : node.inputs.flatMap(({ from }) => byUid.get(from) ?? []);
  return topologyOf(nodes, inputsOf).order;
}

function uidsOf(drafts: readonly Draft[]): Map<Draft, string> {
  const named = drafts.filter((draft) => draft.uid !== undefined);
  const byName = new Map(named.map((draft) => [draft.uid, draft]));
  const allocator = new UidAllocator(named.map((draft) => draft.uid ?? ''));
  const draftsOf = (draft: Draft): Draft[] =>
    draft.inputs.flatMap(({ from }) => (typeof from === 'string' ? (byName.get(from) ?? []) : from));
  const origins = new Map<Draft, string>();
  const uids = new Map<Draft, string>();
  for (const draft of topologyOf(drafts, draftsOf).order) {
    const origin = draft.uid ?? originOf(draft.inputs[0], origins);
    origins.set(draft, origin);
    const kind = draft.kind === 'operator' ? draft.operator.kind : draft.kind;
    uids.set(draft, draft.uid ?? allocator.derive(origin, kind));
  }
  return uids;
}

/** The nearest named node upstream, with the side output that leads here. */
function originOf(input: DraftInput | undefined, origins: ReadonlyMap<Draft, string>): string {
  if (input === undefined) return '';
  const from = typeof input.from === 'string' ? input.from : (origins.get(input.from) ?? '');
  return input.output === undefined ? from : `${from}.${input.output}`;
}

function nodeOf(draft: Draft, uids: ReadonlyMap<Draft, string>): GraphNode {
  const base = {
    uid: uids.get(draft) ?? '',
    uidGiven: draft.uid !== undefined,
    ...(draft.parallelism !== undefined && { parallelism: draft.parallelism }),
  };
  switch (draft.kind) {
    case 'source':
      return {
        ...base,
        kind: 'source',
        source: draft.source,
        ...(draft.eventTime !== undefined && { eventTime: draft.eventTime }),
        ...(draft.schema !== undefined && { schema: draft.schema }),
      };
    case 'operator':
      return {
        ...base,
        kind: 'operator',
        operator: draft.operator,
        inputs: edgesOf(draft, uids),
        ...(draft.description !== undefined && { description: draft.description }),
      };
    case 'sink':
      return { ...base, kind: 'sink', sink: draft.sink, inputs: edgesOf(draft, uids) };
  }
}

function edgesOf(draft: Draft, uids: ReadonlyMap<Draft, string>): Edge[] {
  return draft.inputs.map(({ from, output, port = 0, partitioning = { kind: 'forward' } }) => ({
    from: typeof from === 'string' ? from : (uids.get(from) ?? ''),
    ...(output !== undefined && { output }),
    port,
    partitioning,
  }));
}
