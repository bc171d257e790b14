import * as z from 'zod';
import { SinkConnectors, SourceConnectors } from './connector-schema.ts';
import { Columns, EventTime, Input, Operator, Parallelism } from './operator-schema.ts';
import { Count, PositiveSpan } from './scalar-schema.ts';

/**
 * The job spec as one zod schema: the single source of its types, its validation and its JSON Schema. What needs more than
 * the shape is checked elsewhere: which words go together in form.ts, names and columns in build.ts. Nothing that runs a job
 * imports this.
 */

function optionalEach<T extends { readonly [word: string]: z.ZodType }>(shape: T) {
  return Object.fromEntries(Object.entries(shape).map(([word, schema]) => [word, z.exactOptional(schema)])) as {
    [Word in keyof T]: z.ZodExactOptional<T[Word]>;
  };
}

export const Source = z
  .strictObject({
    ...optionalEach(SourceConnectors),
    schema: Columns.exactOptional(),
    eventTime: EventTime.exactOptional().describe(
      'Where event time comes from: a field, options such as { field: at, outOfOrderness: 5s }, or ingestion for the moment of reading.',
    ),
    parallelism: Parallelism.exactOptional(),
  })
  .describe('One source: a connector with its options, and what is known of its records.');

export const Sink = z
  .strictObject({
    input: Input,
    ...optionalEach(SinkConnectors),
    partition: Operator.shape.partition,
    parallelism: Parallelism.exactOptional(),
  })
  .describe('One sink: what it writes, and a connector with its options.');

export const Settings = z
  .strictObject({
    parallelism: Count.exactOptional().describe('Subtasks of each operator; 1 unless said.'),
    maxParallelism: Count.exactOptional().describe(
      'Key groups: a power of two, 1,024 unless said; fixed for the life of a job.',
    ),
    checkpointEvery: PositiveSpan.exactOptional().describe(
      'How often state is written down; at a stop and on demand only unless said.',
    ),
    onPoison: z
      .enum(['deadLetter', 'stop'])
      .exactOptional()
      .describe('What happens to a record that cannot be handled; deadLetter unless said.'),
  })
  .describe('Settings of the job as a whole.');

export const Job = z
  .strictObject({
    $schema: z.string().exactOptional().describe('Where editors find the JSON Schema of this file.'),
    job: z.string().min(1, { error: 'the job has no name' }).describe('The name of the job.'),
    settings: Settings.exactOptional(),
    sources: z.record(z.string(), Source).describe('Where records come from, by name.'),
    operators: z.record(z.string(), Operator).exactOptional().describe('What is done with them, by name.'),
    sinks: z.record(z.string(), Sink).exactOptional().describe('Where results go, by name.'),
  })
  .describe('A Millrace job.');

export type JobSpec = z.infer<typeof Job>;
export type SourceSpec = z.infer<typeof Source>;
export type OperatorSpec = z.infer<typeof Operator>;
export type SinkSpec = z.infer<typeof Sink>;
export type SettingsSpec = z.infer<typeof Settings>;
export type WindowSpec = NonNullable<OperatorSpec['window']>;
export type InputSpec = z.infer<typeof Input>;
export type EventTimeSpec = z.infer<typeof EventTime>;
