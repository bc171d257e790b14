import { sinkOf, sourceOf } from '../../connector/connector.ts';
import type { Connectors } from '../../connector/registry.ts';
import type { Sink } from '../../connector/sink.ts';
import type { Source } from '../../connector/source.ts';
import { JobSpecError, reasonOf } from '../../error/error.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { FunctionResolver } from './function-resolver.ts';
import type { SinkSpec, SourceSpec } from './schema.ts';
import { pathText, type Step } from './spec-fault.ts';

/** The words of connectors: those that are given, and one for a user's own. */
export function connectorWords({ sources, sinks }: Connectors, side: 'source' | 'sink'): readonly string[] {
  return [...Object.keys(side === 'source' ? sources : sinks), side];
}

/** What the scalar of a connector stands for. */
const SCALARS: { readonly [word: string]: (scalar: unknown) => object } = {
  file: (path) => ({ path }),
  stdin: (format) => (format === null ? {} : { format }),
  stdout: (format) => (format === null ? {} : { format }),
  collection: (items) => ({ items }),
  nexmark: () => ({}),
  collect: () => ({}),
  blackhole: () => ({}),
  kinesis: (stream) => ({ stream }),
  dynamodb: (stream) => ({ stream }),
  s3: (bucket) => ({ bucket }),
  sqs: (queue) => ({ queue }),
  sns: (topic) => ({ topic }),
  firehose: (stream) => ({ stream }),
  http: (url) => ({ url }),
};

/** Where the functions of one end of a spec come from. */
export type EndpointScope = {
  readonly connectors: Connectors;
  readonly resolver: FunctionResolver;
  readonly path: readonly Step[];
};

/**
 * The source of a spec; undefined where it names no connector, or several.
 *
 * @throws JobSpecError where options contradict each other
 */
export function sourceOfSpec(spec: SourceSpec, { connectors, resolver, path }: EndpointScope): Source | undefined {
  const word = onlyWord(spec, connectorWords(connectors, 'source'));
  if (word === undefined) return undefined;
  if (word === 'source') {
    const own = ownOf(spec.source, 'a source', { resolver, path: [...path, word] });
    return own === undefined ? undefined : sourceOf(own);
  }
  return connectors.sources[word]?.(optionsOf(spec, word) as never);
}

/** The sink of a spec; see {@link sourceOfSpec}. */
export function sinkOfSpec(spec: SinkSpec, { connectors, resolver, path }: EndpointScope): Sink | undefined {
  const word = onlyWord(spec, connectorWords(connectors, 'sink'));
  if (word === undefined) return undefined;
  if (word === 'sink') {
    const own = ownOf(spec.sink, 'a sink', { resolver, path: [...path, word] });
    return own === undefined ? undefined : sinkOf(own);
  }
  return connectors.sinks[word]?.(optionsOf(spec, word) as never);
}

/** Where the options of a sink name columns of its records. */
const COLUMN_OPTIONS: { readonly [word: string]: readonly string[] } = {
  file: ['partitionBy'],
  kinesis: ['key'],
  dynamodb: ['key'],
  s3: ['partitionBy'],
  sqs: ['group'],
  sns: ['group'],
};

/** The columns of its records that a sink needs, each with its place in the sink's spec. */
export function columnsUsed(spec: SinkSpec): readonly { readonly column: string; readonly path: readonly Step[] }[] {
  return Object.entries(spec).flatMap(([word, options]) =>
    (COLUMN_OPTIONS[word] ?? []).flatMap((option) => {
      const given: unknown = typeof options === 'object' && options !== null ? options[option as never] : undefined;
      if (typeof given === 'string') return [{ column: given, path: [word, option] }];
      if (Array.isArray(given)) return given.map((column, place) => ({ column, path: [word, option, place] }));
      return Object.keys(given ?? {}).map((column) => ({ column, path: [word, option, column] }));
    }),
  );
}

function onlyWord(spec: object, words: readonly string[]): string | undefined {
  const found = words.filter((word) => Object.hasOwn(spec, word));
  return found.length === 1 ? found[0] : undefined;
}

function optionsOf(spec: object, word: string): object {
  const given = (spec as { readonly [word: string]: unknown })[word];
  const isScalar = typeof given !== 'object' || given === null || Array.isArray(given);
  return isScalar ? (SCALARS[word]?.(given) ?? {}) : given;
}

/** A user's own: an object, or what a function makes of the options. */
function ownOf(
  spec: SourceSpec['source'],
  kind: 'a source' | 'a sink',
  { resolver, path }: Omit<EndpointScope, 'connectors'>,
): Untyped | undefined {
  if (spec === undefined) return undefined;
  if (typeof spec === 'string') return resolver.object(spec, path, kind);
  const at = [...path, 'from'];
  const found = resolver.any(spec.from, at);
  if (found === undefined) return undefined;
  const made = typeof found === 'function' ? madeOf(found, spec, at) : found;
  return resolver.expected(made, kind, { text: spec.from, path: at });
}

type OwnSpec = Exclude<NonNullable<SourceSpec['source']>, string>;

function madeOf(make: Untyped, { from, options = {} }: OwnSpec, path: readonly Step[]): unknown {
  try {
    return make(options);
  } catch (error) {
    if (error instanceof JobSpecError) throw error;
    throw new JobSpecError([{ path: pathText(path), message: `${from} throws: ${reasonOf(error)}` }]);
  }
}
