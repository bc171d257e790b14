/** The public door: `import { … } from 'millrace'`. */

export type { Key, KeyPart } from './codec/key.ts';
export { type DynamodbOptions, dynamodb, dynamodbChanges } from './connector/aws/dynamodb.ts';
export { type EventBridgeOptions, eventBridge } from './connector/aws/event-bridge.ts';
export { type FirehoseOptions, firehose } from './connector/aws/firehose.ts';
export { type HttpOptions, http } from './connector/aws/http.ts';
export type { ItemChange } from './connector/aws/item-change.ts';
export { type KinesisOptions, kinesis } from './connector/aws/kinesis.ts';
export { type S3Options, s3 } from './connector/aws/s3.ts';
export { type SnsOptions, sns } from './connector/aws/sns.ts';
export { type SqsOptions, sqs } from './connector/aws/sqs.ts';
export { blackhole } from './connector/blackhole.ts';
export { type Collect, collect } from './connector/collect.ts';
export { collection } from './connector/collection.ts';
export type { AsSink, AsSource } from './connector/connector.ts';
export { datagen } from './connector/datagen.ts';
export { defineSink } from './connector/define-sink.ts';
export { defineSource } from './connector/define-source.ts';
export { file } from './connector/file/file.ts';
export type { NexmarkAuction, NexmarkBid, NexmarkEvent, NexmarkPerson } from './connector/nexmark/event.ts';
export { nexmark } from './connector/nexmark/nexmark.ts';
export type { Sink, SinkContext, SinkWriter } from './connector/sink.ts';
export type { Batch, DecodeFault, Source, SourceContext, SourceSplit, SplitReader } from './connector/source.ts';
export { stdin } from './connector/stdin.ts';
export { stdout } from './connector/stdout.ts';
export {
  type Fault,
  FencedError,
  formatFault,
  InvariantError,
  JobSpecError,
  PoisonRecordError,
  RetryableError,
} from './error/error.ts';
export type { ColumnType, RecordSchema } from './expression/type.ts';
export { checkGraph, type GraphReport } from './graph/check.ts';
export { type ExplainFormat, explain } from './graph/explain.ts';
export type { HeldState } from './graph/held-state.ts';
export type { Graph, JobSettings } from './graph/node.ts';
export { type Exchange, type Plan, type PlanNode, planOf, type Stage } from './graph/plan.ts';
export { type Replacements, replaceConnectors } from './graph/replace.ts';
export { aggregateRecord } from './job/aggregate-record.ts';
export type { AsyncOptions, AsyncResult, AsyncRetry } from './job/async-options.ts';
export type {
  BroadcastConnectedStreams,
  ConnectedStreams,
  KeyedBroadcastConnectedStreams,
  KeyedConnectedStreams,
} from './job/connected-streams.ts';
export { type EventTimeOptions, type TimeValue, timestampFrom, watermarkStrategy } from './job/event-time.ts';
export type { BoundedIntervalJoin, IntervalBounds, IntervalJoin, IntervalJoinContext } from './job/interval-join.ts';
export { type Environment, isJob, type Job, type JobOptions, job, type SourceOptions } from './job/job.ts';
export type { KeyedStream } from './job/keyed-stream.ts';
export { type OutputTag, outputTag } from './job/output-tag.ts';
export {
  BroadcastProcess,
  CoProcess,
  KeyedBroadcastProcess,
  KeyedCoProcess,
  KeyedProcess,
  Process,
} from './job/process.ts';
export type { Made } from './job/process-form.ts';
export type { BroadcastStream, OperatorStream, SidedStream, Stream } from './job/stream.ts';
export type {
  CoGroupedStreams,
  JoinContext,
  JoinedStreams,
  WindowedCoGroup,
  WindowedJoin,
} from './job/window-join.ts';
export type { ResultContext, WindowBounds, WindowedStream, WindowOptions, WindowRow } from './job/windowed-stream.ts';
export {
  type AggregateOptions,
  avg,
  collectAll,
  count,
  countDistinct,
  first,
  last,
  max,
  maxBy,
  min,
  minBy,
  stddev,
  stddevPop,
  sum,
  variance,
  variancePop,
} from './operator/aggregate/aggregates.ts';
export { approxCountDistinct } from './operator/aggregate/approx-count-distinct.ts';
export { approxPercentile, percentile } from './operator/aggregate/percentile.ts';
export type { AggregateFunction, AnyAggregate } from './operator/aggregate-function.ts';
export { LATE_OUTPUT } from './operator/descriptor.ts';
export type { KeySelector } from './operator/key-selector.ts';
export type {
  BroadcastProcessFunction,
  Context,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedContext,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  ProcessFunction,
  TimerContext,
  Timers,
} from './operator/process-function.ts';
export type { BroadcastState } from './state/broadcast-state.ts';
export type { AggregatingState, ReducingState } from './state/folding-state.ts';
export type { ListState } from './state/list-state.ts';
export type { MapState } from './state/map-state.ts';
export type { Serializer } from './state/serializer.ts';
export { state } from './state/state.ts';
export type { OperatorListState } from './state/state-backend.ts';
export type { StateOptions, ValueOptions } from './state/state-options.ts';
export type { TimeToLive } from './state/time-to-live.ts';
export type { ValueState } from './state/value-state.ts';
export { type Duration, days, durationMs, formatDuration, hours, minutes, seconds } from './time/duration.ts';
export { MAX_TIMESTAMP, MIN_TIMESTAMP, NO_TIMESTAMP, type Timestamp } from './time/timestamp.ts';
export {
  boundedOutOfOrderness,
  type GeneratorFactory,
  monotonous,
  noWatermarks,
  periodic,
  punctuated,
} from './time/watermark-generator.ts';
export type { WatermarkGenerator, WatermarkStrategy } from './time/watermark-strategy.ts';
export { countWindow, endOfStream, globalWindow, session, sliding, tumbling } from './window/assigner.ts';
export type { Evictor, Timestamped } from './window/evictor.ts';
export { evictor } from './window/evictors.ts';
export type { AnyTrigger, Trigger, TriggerContext, TriggerResult } from './window/trigger.ts';
export { trigger } from './window/triggers.ts';
export type { Window } from './window/window.ts';
export type { WindowAssigner } from './window/window-assigner.ts';
export type { WindowContext, WindowProcessFunction, WindowResultFunction } from './window/window-function.ts';
