import type { Key } from '../codec/key.ts';
import { type AsSink, sinkOf } from '../connector/connector.ts';
import type { DraftOperator, DraftSource, GraphBuilder } from '../graph/graph-builder.ts';
import type { ProcessFunction } from '../operator/process-function.ts';
import type { Untyped } from '../operator/untyped.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import { type AsyncOptions, type AsyncResult, asyncDescriptor } from './async-options.ts';
import { BroadcastConnectedStreams, ConnectedStreams } from './connected-streams.ts';
import { functionText } from './description.ts';
import { type EventTimeOptions, watermarkStrategy } from './event-time.ts';
import { fieldKey, functionKey, type KeyColumns, type KeyField, type KeyOfFields } from './key.ts';
import { KeyedStream } from './keyed-stream.ts';
import type { Nothing } from './nothing.ts';
import type { OutputTag } from './output-tag.ts';
import { type Made, makerOf, type NotKeyed, nameOfMade } from './process-form.ts';
import { type BoundsOf, WindowedStream, type WindowOptions } from './windowed-stream.ts';
import { Wiring } from './wiring.ts';

/**
 * Records of one type on their way through a job (Flink: DataStream). A stream is a description: nothing runs while a job
 * is built. Each method gives a new stream and leaves this one as it was, so one stream may be read by several others.
 */
export class Stream<T> {
  /** What the stream is underneath; not for users. */
  readonly '~wiring': Wiring;

  constructor(wiring: Wiring) {
    this['~wiring'] = wiring;
  }

  /** One record for each. */
  map<Out>(map: (value: T) => Out): OperatorStream<Out> {
    return this.#operator<Out>(this['~wiring'].operator({ kind: 'map', map }, functionText(map)));
  }

  /** The records for which `filter` is true; of a type guard, narrowed. */
  filter<Narrow extends T>(filter: (value: T) => value is Narrow): OperatorStream<Narrow>;
  filter(filter: (value: T) => boolean): OperatorStream<T>;
  filter(filter: (value: T) => boolean): OperatorStream<T> {
    return this.#operator<T>(this['~wiring'].operator({ kind: 'filter', filter }, functionText(filter)));
  }

  /**
   * Any number of records for each: returned as an array or another iterable, or given to `emit`.
   *
   * @example
   * lines.flatMap((line) => line.split(' '));
   * lines.flatMap<string>((line, emit) => { if (line !== '') emit(line); });
   */
  flatMap<Out>(flatMap: (value: T, emit: (value: Out) => void) => Iterable<Out> | Nothing): OperatorStream<Out> {
    const descriptor = { kind: 'flatMap', flatMap: flatMap as (value: T) => Iterable<Out> } as const;
    return this.#operator<Out>(this['~wiring'].operator(descriptor, functionText(flatMap)));
  }

  /** A process function: its class, a function that makes one, or an object with a `process` method. */
  process<Out>(made: Made<NotKeyed<ProcessFunction<T, Out>>>): SidedStream<Out> {
    const draft = this['~wiring'].operator({ kind: 'process', create: makerOf(made) }, nameOfMade(made));
    return new SidedStream<Out>(this['~wiring'].builder, draft);
  }

  /**
   * Asynchronous I/O: a call for each record, many under way at a time (Flink: AsyncDataStream). The call gives one
   * result, several (an array) or none (undefined); its signal is aborted when the time is up.
   *
   * @example
   * clicks.mapAsync((click, signal) => fetchUser(click.user, signal), { timeout: '2s', retry: { attempts: 3 } });
   */
  mapAsync<Out>(
    call: (value: T, signal: AbortSignal) => Promise<AsyncResult<Out>>,
    options: AsyncOptions<T, NoInfer<Out>> = {},
  ): OperatorStream<Out> {
    return this.#operator<Out>(this['~wiring'].operator(asyncDescriptor(call, options), functionText(call)));
  }

  /** Event time given in mid-stream: replaces timestamps and watermarks (Flink: assignTimestampsAndWatermarks). */
  assignTimestamps(options: EventTimeOptions<T>): OperatorStream<T> {
    const strategy = watermarkStrategy(options);
    return this.#operator<T>(this['~wiring'].operator({ kind: 'assignTimestamps', strategy }));
  }

  /**
   * Divides the records by key: a field, several fields, or a function. State, timers and windows belong to a key. In
   * results the key stands under the names of its fields, or under `key` where a function found it.
   *
   * @example
   * clicks.keyBy('page');
   * clicks.keyBy('page', 'user'); // the key is the tuple of both
   * clicks.keyBy((click) => click.page.toLowerCase());
   */
  keyBy<const Fields extends readonly [KeyField<T>, ...KeyField<T>[]]>(
    ...fields: Fields
  ): KeyedStream<T, KeyOfFields<T, Fields>, KeyColumns<T, Fields>>;
  keyBy<const K extends Key>(key: (value: T) => K): KeyedStream<T, K, { readonly key: K }>;
  keyBy(...by: readonly (string | ((value: T) => Key))[]): unknown {
    const [first] = by;
    const key = typeof first === 'function' ? functionKey(first) : fieldKey(by as readonly string[]);
    return new KeyedStream<T, Key, object>(this['~wiring'], key);
  }

  /** One stream of the records of all, each of its own type. */
  union<const Others extends readonly Stream<Untyped>[]>(...others: Others): Stream<T | RecordOf<Others[number]>> {
    return new Stream(others.reduce<Wiring>((all, other) => all.and(other['~wiring']), this['~wiring']));
  }

  /** Two streams side by side, each of its own type; of a broadcast stream, the broadcast state pattern. */
  connect<Rule>(rules: BroadcastStream<Rule>): BroadcastConnectedStreams<T, Rule>;
  connect<Right>(right: Stream<Right>): ConnectedStreams<T, Right>;
  connect<Right>(right: Stream<Right>): unknown {
    const [mine, other] = [this['~wiring'], right['~wiring']];
    if (right instanceof BroadcastStream) return new BroadcastConnectedStreams<T, Right>(mine, other);
    return new ConnectedStreams<T, Right>(mine, other);
  }

  /**
   * Windows over all records, whatever their key: in one subtask (Flink: windowAll).
   *
   * @example
   * clicks.windowAll(tumbling('1m')).aggregate({ clicks: count() });
   */
  windowAll<Assigner extends WindowAssigner<T>>(
    assigner: Assigner | WindowAssigner<T>,
    options: WindowOptions<T> = {},
  ): WindowedStream<T, never, object, BoundsOf<Assigner>> {
    return new WindowedStream(this['~wiring'].partitioned({ kind: 'global' }), undefined, assigner, options);
  }

  /** To the subtasks in turn, whatever the parallelism. */
  rebalance(): Stream<T> {
    return new Stream(this['~wiring'].partitioned({ kind: 'rebalance' }));
  }

  /** To subtasks at random. */
  shuffle(): Stream<T> {
    return new Stream(this['~wiring'].partitioned({ kind: 'shuffle' }));
  }

  /** Every record to every subtask. To be connected with another stream, for rules that all must know. */
  broadcast(): BroadcastStream<T> {
    return new BroadcastStream(this['~wiring'].partitioned({ kind: 'broadcast' }));
  }

  /** All records to the first subtask. */
  global(): Stream<T> {
    return new Stream(this['~wiring'].partitioned({ kind: 'global' }));
  }

  /** To the subtask of the number that `partition` gives, 0 up to `partitions - 1`. */
  partitionCustom(partition: (value: T, partitions: number) => number): Stream<T> {
    const untyped = partition as (value: unknown, partitions: number) => number;
    return new Stream(this['~wiring'].partitioned({ kind: 'custom', partition: untyped }));
  }

  /** Writes the records to a sink, and gives the stream again, so that it may be written to several. */
  to(name: string, sink: AsSink<T>, { parallelism }: { readonly parallelism?: number } = {}): this {
    const { builder, inputs } = this['~wiring'];
    builder.sink({ uid: name, sink: sinkOf(sink), inputs, ...(parallelism !== undefined && { parallelism }) });
    return this;
  }

  #operator<Out>(draft: DraftOperator): OperatorStream<Out> {
    return new OperatorStream<Out>(this['~wiring'].builder, draft);
  }
}

/** What the records of a stream are. */
export type RecordOf<S> = S extends Stream<infer T> ? T : never;

/** A stream of which every subtask of the reader gets every record. */
export class BroadcastStream<T> extends Stream<T> {
  readonly isBroadcast = true;
}

/** What an operator or a source gives, and the place to say more about it (Flink: SingleOutputStreamOperator). */
export class OperatorStream<T> extends Stream<T> {
  protected readonly builder: GraphBuilder;
  protected readonly draft: DraftOperator | DraftSource;

  constructor(builder: GraphBuilder, draft: DraftOperator | DraftSource) {
    super(Wiring.of(builder, draft));
    this.builder = builder;
    this.draft = draft;
  }

  /** Names the operator. Its state is found by this name in later versions of the job, so give stateful ones a name. */
  uid(name: string): this {
    this.draft.uid = name;
    return this;
  }

  /** Subtasks of this operator, where they are not as many as the job's. */
  parallelism(subtasks: number): this {
    this.draft.parallelism = subtasks;
    return this;
  }

  /** What the operator does, in a few words for plans. */
  describe(text: string): this {
    if (this.draft.kind === 'operator') this.draft.description = text;
    return this;
  }
}

/** What an operator with side outputs gives; `Known` are those whose type is known from it. */
export class SidedStream<T, Known extends object = object> extends OperatorStream<T> {
  /**
   * The records that the operator put aside.
   *
   * @example
   * const late = perPage.sideOutput('late');
   * const big = checked.sideOutput(outputTag<Order>('tooBig'));
   */
  sideOutput<Tag extends keyof Known & string>(tag: Tag): Stream<Known[Tag]>;
  sideOutput<Out = unknown>(tag: OutputTag<Out>): Stream<Out>;
  sideOutput(tag: string): Stream<unknown> {
    return new Stream(Wiring.of(this.builder, this.draft, tag));
  }
}
