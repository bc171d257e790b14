import type { JobSpec } from '../../core/job/spec/schema.ts';

/**
 * Where the connectors of a spec's words are made, so that a bundle holds those of its job alone. `make` is the expression
 * of a function from options, in which `module` is the imported module.
 */
type ConnectorModule = { readonly path: string; readonly make: string };
type Words = { readonly [word: string]: ConnectorModule };

/** By its path from core/connector. */
const module = (path: string, make: string): ConnectorModule => ({ path: `../../core/connector/${path}`, make });

/**
 * All words, also those of a machine: a job that uses one is told that it cannot be deployed by what it reads, and a sink of
 * a machine works in a handler that runs on one, as under `millrace up`.
 */
const SOURCES: Words = {
  file: module('file/file', '(options) => module.file(options).source'),
  stdin: module('stdin', 'module.stdin'),
  collection: module('collection', '({ items, ...options }) => module.collection(items, options)'),
  datagen: module('datagen', 'module.datagen'),
  nexmark: module('nexmark/nexmark', 'module.nexmark'),
  kinesis: module('aws/kinesis', '(options) => module.kinesis(options).source'),
  dynamodb: module('aws/dynamodb', 'module.dynamodbChanges'),
  s3: module('aws/s3', '(options) => module.s3(options).source'),
  sqs: module('aws/sqs', '(options) => module.sqs(options).source'),
};

const SINKS: Words = {
  file: module('file/file', '(options) => module.file(options).sink'),
  stdout: module('stdout', 'module.stdout'),
  collect: module('collect', 'module.collect'),
  blackhole: module('blackhole', 'module.blackhole'),
  kinesis: module('aws/kinesis', '(options) => module.kinesis(options).sink'),
  dynamodb: module('aws/dynamodb', 'module.dynamodb'),
  s3: module('aws/s3', '(options) => module.s3(options).sink'),
  sqs: module('aws/sqs', '(options) => module.sqs(options).sink'),
  sns: module('aws/sns', 'module.sns'),
  eventbridge: module('aws/event-bridge', 'module.eventBridge'),
  firehose: module('aws/firehose', 'module.firehose'),
  http: module('aws/http', 'module.http'),
};

/** The words that a spec may use, which are those of core's registry. */
export const BUNDLED_WORDS = { sources: Object.keys(SOURCES), sinks: Object.keys(SINKS) } as const;

/** The connectors that a spec names, as the imports and the expression of core's `Connectors`. */
export function connectorCode(spec: JobSpec, pathOf: (path: string) => string): { imports: string; value: string } {
  const imports: string[] = [];
  const side = (name: string, ends: object, words: Words) => {
    const used = new Set(Object.values(ends).flatMap((end) => Object.keys(end)));
    const makers = Object.entries(words)
      .filter(([word]) => used.has(word))
      .map(([word, { path, make }]) => {
        imports.push(`import * as ${name}_${word} from ${JSON.stringify(pathOf(path))};`);
        return `${JSON.stringify(word)}: ${make.replaceAll('module.', `${name}_${word}.`)}`;
      });
    return `{ ${makers.join(', ')} }`;
  };
  const value = `{ sources: ${side('source', spec.sources, SOURCES)}, sinks: ${side('sink', spec.sinks ?? {}, SINKS)} }`;
  return { imports: imports.join('\n'), value };
}

const writer = (file: string, make: string): ConnectorModule => ({
  path: `../connector/${file}-writer`,
  make: `module.${make}Writer`,
});

const WRITERS: Words = {
  kinesis: writer('kinesis', 'kinesis'),
  dynamodb: writer('dynamodb', 'dynamodb'),
  s3: writer('s3', 's3'),
  s3_table: writer('s3-table', 's3Table'),
  sqs: writer('sqs', 'sqs'),
  sns: writer('sns', 'sns'),
  eventbridge: writer('event-bridge', 'eventBridge'),
  firehose: writer('firehose', 'firehose'),
  http: writer('http', 'http'),
};

/** The writers of some words, as imports and an expression: each brings its client, so a bundle holds only those it needs. */
export function writerCode(
  words: readonly string[],
  pathOf: (path: string) => string,
): { imports: string; value: string } {
  const found = Object.entries(WRITERS).filter(([word]) => words.includes(word));
  const imports = found.map(([word, { path }]) => `import * as writer_${word} from ${JSON.stringify(pathOf(path))};`);
  const makers = found.map(
    ([word, { make }]) => `${JSON.stringify(word)}: ${make.replace('module.', `writer_${word}.`)}`,
  );
  return { imports: imports.join('\n'), value: `{ ${makers.join(', ')} }` };
}
