import { JobSpecError } from '../error/error.ts';
import { type DynamodbChangesOptions, type DynamodbOptions, dynamodb, dynamodbChanges } from './aws/dynamodb.ts';
import { type EventBridgeOptions, eventBridge } from './aws/event-bridge.ts';
import { type FirehoseOptions, firehose } from './aws/firehose.ts';
import { type HttpOptions, http } from './aws/http.ts';
import { type KinesisOptions, kinesis } from './aws/kinesis.ts';
import { type S3Options, s3 } from './aws/s3.ts';
import { type SnsOptions, sns } from './aws/sns.ts';
import { type SqsOptions, sqs } from './aws/sqs.ts';
import { blackhole } from './blackhole.ts';
import { type CollectOptions, collect } from './collect.ts';
import { type CollectionOptions, collection } from './collection.ts';
import { type DatagenOptions, datagen } from './datagen.ts';
import { file } from './file/file.ts';
import type { FileOptions } from './file/file-options.ts';
import { nexmark } from './nexmark/nexmark.ts';
import type { NexmarkOptions } from './nexmark/options.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import { type StdinOptions, stdin } from './stdin.ts';
import { type StdoutOptions, stdout } from './stdout.ts';

/** The options of each word that a job can read from. */
export type SourceOptions = {
  readonly file: FileOptions;
  readonly stdin: StdinOptions;
  readonly collection: CollectionOptions;
  readonly datagen: DatagenOptions;
  readonly nexmark: NexmarkOptions;
  readonly kinesis: KinesisOptions;
  readonly dynamodb: DynamodbChangesOptions;
  readonly s3: S3Options;
  readonly sqs: SqsOptions;
};

/** The options of each word that a job can write to. */
export type SinkOptions = {
  readonly file: FileOptions;
  readonly stdout: StdoutOptions;
  readonly collect: CollectOptions;
  readonly blackhole: Readonly<Record<string, never>>;
  readonly kinesis: KinesisOptions;
  readonly dynamodb: DynamodbOptions;
  readonly s3: S3Options;
  readonly sqs: SqsOptions;
  readonly sns: SnsOptions;
  readonly eventbridge: EventBridgeOptions;
  readonly firehose: FirehoseOptions;
  readonly http: HttpOptions;
};

export type SourceWord = keyof SourceOptions;
export type SinkWord = keyof SinkOptions;

/**
 * What makes the connectors that a spec names by their words. It is handed to whoever builds a job of a spec, so that a
 * bundle that runs one job holds the connectors of that job and no others.
 */
export type Connectors = {
  readonly sources: { readonly [word: string]: (options: never) => Source };
  readonly sinks: { readonly [word: string]: (options: never) => Sink };
};

const SOURCES: { readonly [word in SourceWord]: (options: SourceOptions[word]) => Source } = {
  file: (options) => file(options).source,
  stdin: (options) => stdin(options) as Source,
  collection: ({ items, ...options }) => collection(items, options) as Source,
  datagen: (options) => datagen(options) as Source,
  nexmark: (options) => nexmark(options) as Source,
  kinesis: (options) => kinesis(options).source,
  dynamodb: dynamodbChanges,
  s3: (options) => s3(options).source,
  sqs: (options) => sqs(options).source,
};

const SINKS: { readonly [word in SinkWord]: (options: SinkOptions[word]) => Sink } = {
  file: (options) => file(options).sink,
  stdout,
  collect: (options) => collect(options) as Sink,
  blackhole,
  kinesis: (options) => kinesis(options).sink,
  dynamodb: (options) => dynamodb(options) as Sink,
  s3: (options) => s3(options).sink,
  sqs: (options) => sqs(options).sink,
  sns: (options) => sns(options) as Sink,
  eventbridge: (options) => eventBridge(options) as Sink,
  firehose: (options) => firehose(options) as Sink,
  http: (options) => http(options) as Sink,
};

/** All connectors; those of AWS are data until the job is deployed. */
export const ALL_CONNECTORS: Connectors = { sources: SOURCES, sinks: SINKS };

export const SOURCE_WORDS = Object.keys(SOURCES) as readonly SourceWord[];
export const SINK_WORDS = Object.keys(SINKS) as readonly SinkWord[];

/**
 * The source of a word of the job spec, from options that were checked against their schema.
 *
 * @throws JobSpecError for an unknown word, or options that contradict each other
 * @example
 * makeSource('file', { path: 'clicks.jsonl' });
 */
export function makeSource<Word extends SourceWord>(word: Word, options: SourceOptions[Word]): Source {
  if (Object.hasOwn(SOURCES, word)) return SOURCES[word](options);
  throw unknownWord('source', word, SOURCE_WORDS);
}

/** The sink of a word of the job spec; see {@link makeSource}. */
export function makeSink<Word extends SinkWord>(word: Word, options: SinkOptions[Word]): Sink {
  if (Object.hasOwn(SINKS, word)) return SINKS[word](options);
  throw unknownWord('sink', word, SINK_WORDS);
}

function unknownWord(side: string, word: string, words: readonly string[]): JobSpecError {
  return new JobSpecError([{ path: side, message: `${word} is no ${side}; there are ${words.join(', ')}` }]);
}
