import type { JobSpec } from '../../core/job/spec/schema.ts';

/**
 * Where the connector of a word is made, so that a bundle holds those of its job alone. `make` is the expression of a
 * function from options, in which `module` is the imported module.
 */
type ConnectorModule = { readonly path: string; readonly make: string };
type Words = { readonly [word: string]: ConnectorModule };

const aws = (file: string) => `../../core/connector/aws/${file}`;

const SOURCES: Words = {
  kinesis: { path: aws('kinesis'), make: '(options) => module.kinesis(options).source' },
  dynamodb: { path: aws('dynamodb'), make: 'module.dynamodbChanges' },
  s3: { path: aws('s3'), make: '(options) => module.s3(options).source' },
  sqs: { path: aws('sqs'), make: '(options) => module.sqs(options).source' },
};

/** The sinks of a machine work in a handler too that runs on one, as under `millrace up`. */
const SINKS: Words = {
  blackhole: { path: '../../core/connector/blackhole', make: 'module.blackhole' },
  stdout: { path: '../../core/connector/stdout', make: 'module.stdout' },
  file: { path: '../../core/connector/file/file', make: '(options) => module.file(options).sink' },
  kinesis: { path: aws('kinesis'), make: '(options) => module.kinesis(options).sink' },
  dynamodb: { path: aws('dynamodb'), make: 'module.dynamodb' },
  s3: { path: aws('s3'), make: '(options) => module.s3(options).sink' },
  sqs: { path: aws('sqs'), make: '(options) => module.sqs(options).sink' },
  sns: { path: aws('sns'), make: 'module.sns' },
  eventbridge: { path: aws('event-bridge'), make: 'module.eventBridge' },
  firehose: { path: aws('firehose'), make: 'module.firehose' },
  http: { path: aws('http'), make: 'module.http' },
};

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
