import * as z from 'zod';
import { AwsSinkConnectors, AwsSourceConnectors } from './aws-connector-schema.ts';
import { CsvShape } from './csv-schema.ts';
import { textOf } from './description.ts';
import { Column, Count, FunctionReference, PositiveNumber, PositiveSpan, Span, WholeNumber } from './scalar-schema.ts';

/**
 * The connectors of the spec: word and options. A new connector adds a word to the two lists at the end and no syntax.
 * A scalar stands for the one option that says it all.
 */

const Path = z.string().min(1, { error: 'the path is empty' });

const FileSource = z
  .strictObject({
    path: z
      .union([Path, z.array(Path).min(1, { error: 'there is no path' })], {
        error: () => 'a path is expected, or a list of paths',
      })
      .describe('Files, folders or globs such as clicks/*.jsonl.gz, relative to the folder of this file.'),
    format: z
      .enum(['json', 'csv', 'parquet', 'text'])
      .exactOptional()
      .describe('By the ending of each file unless said. json is JSON Lines; text gives records with one field, line.'),
    watch: z
      .union([z.boolean(), PositiveSpan], { error: () => 'true is expected, or how often to look, such as 5s' })
      .exactOptional()
      .describe('Go on forever and look for new files so often; true is every second.'),
    ...CsvShape,
  })
  .describe('Files: JSON Lines, CSV, Parquet or lines of text, plain or in gzip or zstd.');

const FileSink = z
  .strictObject({
    path: Path.describe('The folder for the parts, relative to the folder of this file.'),
    format: z.enum(['json', 'csv', 'parquet', 'text']).exactOptional().describe('json (JSON Lines) unless said.'),
    compression: z.enum(['none', 'gzip', 'zstd']).exactOptional().describe('none unless said.'),
    partitionBy: Column.exactOptional().describe('A folder field=value for each value of this column.'),
    rollBytes: Count.exactOptional().describe(
      'A part that is larger is closed and the next begun; 128 MiB unless said.',
    ),
    ...CsvShape,
  })
  .describe('Files, each part visible once the checkpoint that it belongs to is complete: exactly once.');

const DatagenField = z
  .strictObject({
    kind: z
      .enum(['sequence', 'int', 'double', 'string', 'enum', 'boolean', 'timestamp', 'uuid', 'constant'])
      .describe('How the values are made.'),
    start: z
      .union([z.number(), z.string()], { error: () => 'a number is expected, or a time in ISO 8601' })
      .exactOptional()
      .describe('Of a sequence: the first number, 0 unless said. Of a timestamp: the first, 2024-01-01 unless said.'),
    step: z.number().exactOptional().describe('Of a sequence: from one number to the next; 1 unless said.'),
    min: z.number().exactOptional().describe('Of int and double: the smallest.'),
    max: z.number().exactOptional().describe('Of int: the largest. Of double: what all are below.'),
    length: WholeNumber.exactOptional().describe('Of string: how many characters; 16 unless said.'),
    values: z.array(z.unknown()).exactOptional().describe('Of enum: one of these.'),
    weights: z.array(z.number()).exactOptional().describe('Of enum: how likely each value is; all alike unless said.'),
    probability: z.number().exactOptional().describe('Of boolean: how likely true is; 0.5 unless said.'),
    every: PositiveSpan.exactOptional().describe('Of timestamp: from one record to the next; 1s unless said.'),
    jitter: Span.exactOptional().describe('Of timestamp: each goes back by up to this; 0s unless said.'),
    value: z.unknown().optional().describe('Of constant: the value.'),
  })
  .describe('How a field is made.');

const Datagen = z
  .strictObject({
    fields: z.record(z.string(), DatagenField).describe('How each field is made.'),
    count: WholeNumber.exactOptional().describe('Records in all. Absent: it goes on forever.'),
    rate: PositiveNumber.exactOptional().describe(
      'Records per second over all subtasks. Absent: as fast as they are taken.',
    ),
    seed: z.number().exactOptional().describe('Another seed gives other records; 0 unless said.'),
  })
  .describe('Made-up records, the same each time with one seed.');

const proportion = (what: string) => WholeNumber.exactOptional().describe(what);

const Nexmark = z
  .strictObject({
    count: WholeNumber.exactOptional().describe('Events in all. Absent: it goes on forever.'),
    rate: PositiveNumber.exactOptional().describe(
      'Events per second over all subtasks. Absent: as fast as they are taken.',
    ),
    firstEventRate: PositiveNumber.exactOptional().describe('Events per second of event time; 10,000 unless said.'),
    baseTime: z.number().exactOptional().describe('Event time of the first event; 2015-07-15 unless said.'),
    seed: z.number().exactOptional().describe('Another seed gives other events; 0 unless said.'),
    personProportion: proportion('People among the events; 1 unless said.'),
    auctionProportion: proportion('Auctions among the events; 3 unless said.'),
    bidProportion: proportion('Bids among the events; 46 unless said.'),
    hotAuctionRatio: proportion('All but one of so many bids go to a hot auction; 2 unless said.'),
    hotBiddersRatio: proportion('All but one of so many bids come from a hot bidder; 4 unless said.'),
    hotSellersRatio: proportion('All but one of so many auctions are of a hot seller; 4 unless said.'),
    numInFlightAuctions: proportion('Auctions that are open at any time; 100 unless said.'),
    numActivePeople: proportion('People who sell and bid; 1,000 unless said.'),
    avgPersonByteSize: proportion('Average bytes of a person; 200 unless said.'),
    avgAuctionByteSize: proportion('Average bytes of an auction; 500 unless said.'),
    avgBidByteSize: proportion('Average bytes of a bid; 100 unless said.'),
    outOfOrderGroupSize: proportion('Event times are out of order within so many events; 1 (in order) unless said.'),
  })
  .describe('People, auctions and bids in the published proportions, the same each time with one seed.');

const StreamFormat = z.enum(['json', 'csv', 'text']);
const TableFormat = z.enum(['json', 'table']);

const Stdin = z
  .strictObject({
    format: StreamFormat.exactOptional().describe('json (one object per line) unless said.'),
    ...CsvShape,
  })
  .describe('The standard input, until it ends.');

const Collection = z
  .strictObject({
    items: z.array(z.unknown()).describe('The records.'),
    timestamps: z.array(z.number()).exactOptional().describe('Event times in epoch milliseconds, one for each record.'),
  })
  .describe('Records that stand in the spec, for tests and small tables.');

const Stdout = z
  .strictObject({
    format: TableFormat.exactOptional().describe('json (one line for each record) unless said; table prints tables.'),
    rows: Count.exactOptional().describe('The most rows of one table; 50 unless said.'),
  })
  .describe('The standard output.');

const Collect = z
  .strictObject({
    onCommit: z.boolean().exactOptional().describe('True: values appear when their checkpoint is complete, each once.'),
  })
  .describe('Keeps the results in memory, for tests.');

/** Options of one's own connector are its own business. */
const Own = (what: string) =>
  z
    .union(
      [
        FunctionReference,
        z.strictObject({
          from: FunctionReference.describe(`The ${what}, or a function of the options that makes it.`),
          options: z.record(z.string(), z.unknown()).exactOptional().describe('What the function is given.'),
        }),
      ],
      { error: () => `a reference is expected, such as ./module.ts#${what}` },
    )
    .describe(`A ${what} of your own: ./module.ts#${what}, or { from, options } for a function that makes it.`);

export const SourceConnectors = {
  file: z
    .union([Path, FileSource], { error: () => 'a path is expected, or options such as { path: clicks.jsonl }' })
    .describe(textOf(FileSource)),
  stdin: z
    .union([z.null(), StreamFormat, Stdin], { error: () => 'json, csv or text is expected, or options' })
    .describe(textOf(Stdin)),
  collection: z
    .union([z.array(z.unknown()), Collection], { error: () => 'a list of records is expected' })
    .describe(textOf(Collection)),
  datagen: Datagen,
  nexmark: z
    .union([z.null(), Nexmark], { error: () => 'options are expected, such as { count: 1000 }' })
    .describe(textOf(Nexmark)),
  ...AwsSourceConnectors,
  source: Own('source'),
} as const;

export const SinkConnectors = {
  file: z
    .union([Path, FileSink], { error: () => 'a folder is expected, or options such as { path: out }' })
    .describe(textOf(FileSink)),
  stdout: z
    .union([z.null(), TableFormat, Stdout], { error: () => 'json or table is expected, or options' })
    .describe(textOf(Stdout)),
  collect: z
    .union([z.null(), Collect], { error: () => 'options are expected, such as { onCommit: true }' })
    .describe(textOf(Collect)),
  blackhole: z
    .union([z.null(), z.strictObject({})], { error: () => 'it has no options; write blackhole: {}' })
    .describe('Nowhere: results are counted only.'),
  ...AwsSinkConnectors,
  sink: Own('sink'),
} as const;
