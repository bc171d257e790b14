import { type AsSource, sourceOf } from '../connector/connector.ts';
import { type Fault, JobSpecError } from '../error/error.ts';
import type { RecordSchema } from '../expression/type.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import type { Graph, JobSettings } from '../graph/node.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import { type EventTimeOptions, watermarkStrategy } from './event-time.ts';
import { OperatorStream } from './stream.ts';

/** A job: a description that runs nothing. It is run by `millrace run`, deployed by `millrace deploy`, tested with `millrace/testing`. */
export type Job = {
  readonly kind: 'job';
  readonly name: string;
  readonly graph: Graph;
  /** What is doubtful, such as state under a derived name. */
  readonly warnings: readonly Fault[];
};

/** What a job as a whole may be told. */
export type JobOptions = {
  /** Subtasks of each operator in the local runtime; 1 unless said. */
  readonly parallelism?: number;
  /** Key groups: a power of two, 1,024 unless said; fixed for a job's life, since state is shared out by it. */
  readonly maxParallelism?: number;
  /** How often state is written down; only on demand and at a stop unless said. */
  readonly checkpointEvery?: Duration;
  /** What happens to a record that cannot be handled: to the dead letters (unless said), or stop. */
  readonly onPoison?: 'deadLetter' | 'stop';
};

/** What a source of a job may be told. */
export type SourceOptions<T> = {
  /** Absent: records have no event time. `ingestion`: the moment they were read. */
  readonly eventTime?: EventTimeOptions<T> | 'ingestion';
  /** Declared columns; absent: no column checks. */
  readonly schema?: RecordSchema;
  /** Readers, where they are not as many as the job's subtasks. */
  readonly parallelism?: number;
};

/** Where a job begins. Its methods may be taken out of it: `({ source }) => …`. */
export type Environment = {
  /**
   * Records from outside, under a name that is unique in the job.
   *
   * @example
   * source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at', outOfOrderness: '5s' } });
   */
  readonly source: <T>(name: string, source: AsSource<T>, options?: SourceOptions<NoInfer<T>>) => OperatorStream<T>;
};

/**
 * Describes a job. `build` wires streams from sources to sinks; nothing runs.
 *
 * @throws JobSpecError listing all that is wrong with it.
 *
 * @example
 * export default job('page-views', ({ source }) =>
 *   source('clicks', file<Click>({ path: 'clicks.jsonl' }), { eventTime: { from: 'at', outOfOrderness: '5s' } })
 *     .filter((click) => click.agent !== 'bot')
 *     .keyBy('page')
 *     .window(tumbling('10s'))
 *     .aggregate({ views: count() })
 *     .uid('perPage')
 *     .to('table', stdout()));
 */
export function job(name: string, build: (environment: Environment) => unknown, options: JobOptions = {}): Job {
  const builder = new GraphBuilder(name, settingsOf(options));
  const built = build({ source: (uid, source, given = {}) => addSource(builder, uid, sourceOf(source), given) });
  if (built instanceof Promise) {
    const message = 'the function that builds a job must not be async; load what it needs before job(…)';
    throw new JobSpecError([{ path: 'job', message }]);
  }
  const { graph, faults, warnings } = builder.check();
  if (faults.length > 0) throw new JobSpecError(faults);
  return { kind: 'job', name, graph, warnings };
}

/** True for what {@link job} gives: how the default export of a module is told. */
export function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'job' && 'graph' in value;
}

function settingsOf({ checkpointEvery, ...rest }: JobOptions): Partial<JobSettings> {
  if (checkpointEvery === undefined) return rest;
  return { ...rest, checkpointEveryMs: durationMs(checkpointEvery, 'settings.checkpointEvery') };
}

function addSource<T>(
  builder: GraphBuilder,
  uid: string,
  source: ReturnType<typeof sourceOf<T>>,
  { eventTime, schema, parallelism }: SourceOptions<T>,
): OperatorStream<T> {
  const path = `sources.${uid}.eventTime`;
  const strategy = typeof eventTime === 'object' ? watermarkStrategy(eventTime, path) : eventTime;
  const draft = builder.source({
    uid,
    source,
    ...(strategy !== undefined && { eventTime: strategy as Exclude<typeof strategy, object> }),
    ...(schema !== undefined && { schema }),
    ...(parallelism !== undefined && { parallelism }),
  });
  return new OperatorStream<T>(builder, draft);
}
