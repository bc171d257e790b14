import type { Connectors } from '../../connector/registry.ts';
import { type Fault, JobSpecError } from '../../error/error.ts';
import type { RecordSchema } from '../../expression/type.ts';
import { type DraftInput, GraphBuilder } from '../../graph/graph-builder.ts';
import type { JobSettings, Partitioning } from '../../graph/node.ts';
import { topologyOf } from '../../graph/topology.ts';
import type { Untyped } from '../../operator/untyped.ts';
import { durationMs } from '../../time/duration.ts';
import { watermarkStrategy } from '../event-time.ts';
import type { Job } from '../job.ts';
import { Stream } from '../stream.ts';
import { Wiring } from '../wiring.ts';
import { builtOperator } from './build-operator.ts';
import { choiceFaults, connectorChoice, windowFaults } from './choice.ts';
import { columnsUsed, connectorWords, sinkOfSpec, sourceOfSpec } from './endpoint.ts';
import { eventTimeOptions } from './event-time-spec.ts';
import type { Expressions, Known } from './expressions.ts';
import { formFaults } from './form.ts';
import { FunctionResolver, type SpecModules } from './function-resolver.ts';
import { namesOf, namesRead, partsOf } from './input-names.ts';
import { columnsOfUnion } from './known-columns.ts';
import { OperatorScope } from './operator-scope.ts';
import { looksLikeReference } from './reference.ts';
import type { InputSpec, JobSpec, OperatorSpec, SettingsSpec, SinkSpec, SourceSpec } from './schema.ts';
import { checkedColumns } from './schema-columns.ts';
import { pathText, type SpecFault, type Step, stepsOf } from './spec-fault.ts';

/** A spec made into a job; to be run only where there is no fault. */
export type CheckedSpec = {
  readonly job: Job;
  readonly faults: readonly SpecFault[];
  readonly warnings: readonly Fault[];
};

/** What a spec names and does not hold. */
export type SpecParts = {
  /** The connectors whose words it may use. */
  readonly connectors: Connectors;
  /** What makes functions of its expressions. */
  readonly expressions: Expressions;
  /** What `import * as` gives of each module that it refers to. */
  readonly modules?: SpecModules;
};

/**
 * The job of a spec whose shape was checked (structure.ts), with everything else that is wrong with it.
 *
 * Model: each operator is built by the methods of the API, over names instead of streams, so that both give one graph and
 * operators may stand in any order. What one operator lacks is noted and stood in for, so that all faults come in one go.
 *
 */
export function checkedJobOfSpec(spec: JobSpec, parts: SpecParts): CheckedSpec {
  return new SpecJob(spec, parts).build();
}

/**
 * The job of a spec.
 *
 * @throws JobSpecError with all its faults
 *
 * @example
 * jobOfSpec({ job: 'copy', sources: { in: { stdin: 'json' } }, sinks: { out: { input: 'in', stdout: null } } }, { connectors: ALL_CONNECTORS, expressions: new ExpressionCompiler() });
 */
export function jobOfSpec(spec: JobSpec, parts: SpecParts): Job {
  const { job, faults } = checkedJobOfSpec(spec, parts);
  if (faults.length > 0) throw new JobSpecError(faults.map(({ path, message }) => ({ path: pathText(path), message })));
  return job;
}

class SpecJob {
  readonly #spec: JobSpec;
  readonly #builder: GraphBuilder;
  readonly #faults: SpecFault[] = [];
  readonly #resolver: FunctionResolver;
  readonly #connectors: Connectors;
  readonly #standIns = new Set<string>();
  readonly #columns = new Map<string, RecordSchema | undefined>();
  readonly #inputsOf = new Map<string, RecordSchema | undefined>();

  constructor(spec: JobSpec, { modules = {}, connectors, expressions }: SpecParts) {
    this.#connectors = connectors;
    this.#spec = spec;
    this.#builder = new GraphBuilder(spec.job, this.#settings(spec.settings ?? {}));
    this.#resolver = new FunctionResolver(modules, expressions, (fault) => this.#faults.push(fault));
  }

  build(): CheckedSpec {
    const { sources, operators = {}, sinks = {} } = this.#spec;
    for (const [name, source] of Object.entries(sources)) {
      this.#trying(['sources', name], () => this.#source(name, source));
    }
    const all = new Map(Object.entries(operators));
    const readBy = (name: string) =>
      namesRead(all.get(name) ?? {})
        .map((read) => this.#nodeOf(read).from)
        .filter((read) => all.has(read));
    for (const name of topologyOf([...all.keys()], readBy).order) {
      this.#trying(['operators', name], () => this.#operator(name, all.get(name) ?? {}));
    }
    for (const [name, sink] of Object.entries(sinks)) this.#trying(['sinks', name], () => this.#sink(name, sink));
    const { graph, faults, warnings } = this.#builder.check();
    for (const { path, message } of faults) this.#faults.push({ path: stepsOf(path, this.#spec), message });
    const job: Job = { kind: 'job', name: graph.name, graph, warnings };
    return { job, faults: this.#faults, warnings };
  }

  #settings({ checkpointEvery, ...rest }: SettingsSpec): Partial<JobSettings> {
    return {
      ...rest,
      ...(checkpointEvery !== undefined && {
        checkpointEveryMs: durationMs(checkpointEvery as never, 'settings.checkpointEvery'),
      }),
    };
  }

  #source(name: string, spec: SourceSpec): void {
    const path = ['sources', name];
    const { eventTime, parallelism } = spec;
    const schema = this.#declared(spec, path);
    const known: Known = { input: name, ...(schema !== undefined && { columns: schema }) };
    this.#columns.set(name, schema);
    this.#faults.push(
      ...choiceFaults(spec, connectorChoice('source', connectorWords(this.#connectors, 'source')), path),
    );
    const source = sourceOfSpec(spec, { connectors: this.#connectors, resolver: this.#resolver, path });
    if (source === undefined) {
      this.#standIn(name);
      return;
    }
    const timePath = [...path, 'eventTime'];
    const strategy =
      eventTime === undefined || eventTime === 'ingestion'
        ? eventTime
        : watermarkStrategy(
            eventTimeOptions(eventTime, { resolver: this.#resolver, known, path: timePath }),
            pathText(timePath),
          );
    this.#builder.source({
      uid: name,
      source,
      ...(strategy !== undefined && { eventTime: strategy as 'ingestion' }),
      ...(schema !== undefined && { schema }),
      ...(parallelism !== undefined && { parallelism }),
    });
  }

  #operator(name: string, spec: OperatorSpec): void {
    const path = ['operators', name];
    if (spec.input !== undefined) this.#inputsOf.set(name, this.#known(spec.input).columns);
    const declared = this.#declared(spec, path);
    this.#columns.set(name, declared);
    const faults = [...formFaults(spec, path), ...windowFaults(spec, path)];
    this.#faults.push(...faults);
    if (faults.length > 0) {
      this.#standIn(name);
      return;
    }
    const inputs = {
      stream: (input: InputSpec, at: readonly Step[], partition?: string) => this.#stream(input, at, partition),
      known: (input: InputSpec) => this.#known(input),
    };
    const built = builtOperator(new OperatorScope(spec, path, this.#resolver, inputs));
    if (built === undefined) {
      this.#standIn(name);
      return;
    }
    built.stream.uid(name);
    if (spec.parallelism !== undefined) built.stream.parallelism(spec.parallelism);
    const text = spec.description ?? built.text;
    if (text !== undefined) built.stream.describe(text);
    this.#columns.set(name, declared ?? built.columns);
  }

  #declared({ schema }: SourceSpec | OperatorSpec, path: readonly Step[]): RecordSchema | undefined {
    if (schema === undefined) return undefined;
    return checkedColumns(schema, [...path, 'schema'], (fault) => this.#faults.push(fault));
  }

  #sink(name: string, spec: SinkSpec): void {
    const path = ['sinks', name];
    this.#faults.push(...choiceFaults(spec, connectorChoice('sink', connectorWords(this.#connectors, 'sink')), path));
    // Where the shape is wrong, what is left of a sink may have no input.
    if ((spec.input as InputSpec | undefined) === undefined) return;
    const stream = this.#stream(spec.input, [...path, 'input'], spec.partition);
    for (const used of columnsUsed(spec)) {
      this.#resolver.column(used.column, [...path, ...used.path], this.#known(spec.input));
    }
    const sink = sinkOfSpec(spec, { connectors: this.#connectors, resolver: this.#resolver, path });
    if (sink === undefined) return;
    stream.to(name, sink as Untyped, spec.parallelism === undefined ? {} : { parallelism: spec.parallelism });
  }

  /** What keeps those that read from a faulty piece from having faults because of it; its own inputs are still checked. */
  #standIn(name: string): void {
    this.#standIns.add(name);
    const operator = this.#spec.operators?.[name];
    if (operator === undefined) {
      const source = { name: 'none', bounded: true } as Untyped;
      this.#builder.source({ uid: name, source, eventTime: 'ingestion' });
      return;
    }
    const inputs = namesRead(operator).map((from) => this.#nodeOf(from));
    const hole =
      inputs.length === 0
        ? Object.keys(this.#spec.sources)
            .slice(0, 1)
            .map((from) => ({ from }))
        : inputs;
    this.#builder.operator({ uid: name, operator: { kind: 'map', map: (value) => value }, inputs: hole });
  }

  #stream(input: InputSpec, path: readonly Step[], partition?: string): Stream<Untyped> {
    const whole =
      partition === undefined ? undefined : this.#partitioning(partition, [...path.slice(0, -1), 'partition']);
    const inputs: DraftInput[] = partsOf(input, path).flatMap(({ names, by, at }) => {
      const partitioning = whole ?? (by === undefined ? undefined : this.#partitioning(by, [...at, 'partition']));
      return names.map((name) => ({ ...this.#nodeOf(name), ...(partitioning !== undefined && { partitioning }) }));
    });
    return new Stream<Untyped>(new Wiring(this.#builder, inputs));
  }

  #partitioning(text: string, path: readonly Step[]): Partitioning {
    if (!looksLikeReference(text)) return { kind: text as 'rebalance' };
    return { kind: 'custom', partition: this.#resolver.export(text, path, 2) };
  }

  /** `perPage.late` is the side output `late` of `perPage`, unless an operator has that very name. */
  #nodeOf(name: string): { readonly from: string; readonly output?: string } {
    const dot = name.lastIndexOf('.');
    if (dot < 0 || this.#has(name) || !this.#has(name.slice(0, dot))) return { from: name };
    const from = name.slice(0, dot);
    return this.#standIns.has(from) ? { from } : { from, output: name.slice(dot + 1) };
  }

  #has(name: string): boolean {
    const { sources, operators = {} } = this.#spec;
    return Object.hasOwn(sources, name) || Object.hasOwn(operators, name);
  }

  #known(input: InputSpec): Known {
    const names = namesOf(input);
    const columns = columnsOfUnion(
      names.map((name) => {
        const { from, output } = this.#nodeOf(name);
        if (output === undefined) return this.#columns.get(from);
        return output === 'late' ? this.#inputsOf.get(from) : undefined;
      }),
    );
    return { input: names.join(' and '), ...(columns !== undefined && { columns }) };
  }

  /** Notes what the API refuses of a piece, under the piece's path. */
  #trying(path: readonly Step[], build: () => void): void {
    try {
      build();
    } catch (error) {
      if (!(error instanceof JobSpecError)) throw error;
      for (const { path: at, message } of error.faults) {
        const within = at.startsWith(pathText(path)) ? stepsOf(at, this.#spec) : [...path, ...stepsOf(at, {})];
        this.#faults.push({ path: within, message, mayFollow: true });
      }
      if (path[0] !== 'sinks') this.#standIn(String(path[1]));
    }
  }
}
