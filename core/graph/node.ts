import type { Sink } from '../connector/sink.ts';
import type { Source } from '../connector/source.ts';
import type { RecordSchema } from '../expression/type.ts';
import type { OperatorDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';

/**
 * The logical graph of a job: what the spec, the TypeScript API and SQL all build.
 *
 * 1. Nodes are named by uid, unique in the job. State belongs to a uid, so it must outlive versions of the job.
 * 2. Edges point from input to reader and have no cycle; a node stands after its inputs in `Graph.nodes`.
 * 3. It is immutable and holds the user's functions; a plan (plan.ts) is what remains as plain JSON.
 */
export type Graph = {
  readonly name: string;
  readonly settings: JobSettings;
  readonly nodes: readonly GraphNode[];
};

/** What holds for a job as a whole, with every default filled in. */
export type JobSettings = {
  /** Subtasks of each operator in the local runtime; 1 unless said. */
  readonly parallelism: number;
  /** Key groups: a power of two, 1,024 unless said, fixed for a job's life. */
  readonly maxParallelism: number;
  /** Absent: no checkpoints but on demand and at a stop. */
  readonly checkpointEveryMs?: number;
  /** What happens to a record that cannot be handled; `deadLetter` unless said. */
  readonly onPoison: 'deadLetter' | 'stop';
};

export type GraphNode = SourceNode | OperatorNode | SinkNode;

type NodeBase = {
  readonly uid: string;
  /** False where the uid was derived from the node's place in the graph, and so changes when the graph does. */
  readonly uidGiven: boolean;
  /** Subtasks, where this node differs from the job. */
  readonly parallelism?: number;
};

export type SourceNode = NodeBase & {
  readonly kind: 'source';
  readonly source: Source;
  /** Absent: records have no event time, or that of the source (`ingestion`: the moment they were read). */
  readonly eventTime?: WatermarkStrategy | 'ingestion';
  /** Declared columns, for checks; absent: no column checks. */
  readonly schema?: RecordSchema;
};

export type OperatorNode = NodeBase & {
  readonly kind: 'operator';
  readonly operator: OperatorDescriptor;
  readonly inputs: readonly Edge[];
  /** What the operator does in the user's words, for plans: `agent <> 'bot'`, `tumbling 10s, views: count(*)`. */
  readonly description?: string;
};

export type SinkNode = NodeBase & {
  readonly kind: 'sink';
  readonly sink: Sink;
  readonly inputs: readonly Edge[];
};

/** One input of a node. Several edges of one port are a union. */
export type Edge = {
  readonly from: string;
  /** A side output's tag; absent: the main output. */
  readonly output?: string;
  /** 0 unless the operator has two inputs. */
  readonly port: number;
  readonly partitioning: Partitioning;
};

/** Which subtask of the reader gets a record (Flink: physical partitioning). */
export type Partitioning =
  /** The subtask of the same number, which makes chaining possible; round robin where the parallelisms differ. */
  | { readonly kind: 'forward' }
  | { readonly kind: 'hash'; readonly key: KeySelector }
  | { readonly kind: 'rebalance' }
  | { readonly kind: 'shuffle' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'global' }
  | { readonly kind: 'custom'; readonly partition: (value: unknown, partitions: number) => number };
