import { DEFAULT_MAX_PARALLELISM, type Key, keyGroupOf, stateKeyOf } from '../codec/key.ts';
import { PoisonRecordError } from '../error/error.ts';
import { cutRecords } from '../frame/cut-records.ts';
import { encodeFrame } from '../frame/frame-codec.ts';
import { FramePublisher, type OutgoingFrame } from '../frame/frame-publisher.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Clock } from '../port/clock.ts';
import type { FrameLog } from '../port/frame-log.ts';
import type { Random } from '../port/random.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { ProducerIdentity } from './producer-identity.ts';
import { RecordBuffer } from './record-buffer.ts';

/**
 * Packs events into frames and puts them into a source stream: many events in one record, each event once.
 *
 * P6  Frames are cut once and put again unchanged; each names the one before it, so that a source stage restores their
 *     order and drops what a retry doubled (P7).
 * P8  A frame reaches every shard of its range, also while shards are split and merged.
 *
 * One batch is under way at a time, a frame for each shard; what is sent meanwhile makes up the next. So under load
 * batches grow by themselves, and nothing overtakes anything.
 */
export type ProducerOptions<T> = {
  /** What decides the shard of an event: events of one key keep their order. Absent: they are spread batch by batch. */
  readonly key?: (event: T) => Key;
  /** When an event happened, where the caller does not say; absent: when it is sent. Epoch milliseconds. */
  readonly timestamp?: (event: T) => Timestamp;
  /** An event waits at most so long for others to be packed with; 100ms unless said. */
  readonly linger?: Duration;
  /** A batch of so many bytes, before compression, waits for no others; 4 MiB unless said. */
  readonly batchBytes?: number;
  /** `send` waits while more than so many bytes, before compression, are not yet put; 32 MiB unless said. */
  readonly bufferBytes?: number;
  /** A batch is tried for so long; then the producer has failed. 5m unless said. */
  readonly giveUpAfter?: Duration;
};

export type ProducerPorts = { readonly log: FrameLog; readonly clock: Clock; readonly random: Random };

const LINGER_MS = 100;
const BATCH_BYTES = 4 * 1024 * 1024;
const BUFFER_BYTES = 32 * 1024 * 1024;
const GIVE_UP_MS = 300_000;

/**
 * @example
 * const producer = new FrameProducer<Click>({ log, clock, random }, { key: (click) => click.user });
 * await producer.send({ user: 'u1', page: '/home' });
 * await producer.close();
 */
export class FrameProducer<T> {
  readonly #ports: ProducerPorts;
  readonly #options: ProducerOptions<T>;
  readonly #publisher: FramePublisher;
  readonly #identity: ProducerIdentity;
  readonly #buffer: RecordBuffer<T>;
  #stopLinger: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #refused: PoisonRecordError | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  constructor(ports: ProducerPorts, options: ProducerOptions<T> = {}) {
    this.#ports = ports;
    this.#options = options;
    this.#publisher = new FramePublisher({ ...ports, maxParallelism: DEFAULT_MAX_PARALLELISM });
    this.#identity = new ProducerIdentity(ports.random, DEFAULT_MAX_PARALLELISM);
    this.#buffer = new RecordBuffer(DEFAULT_MAX_PARALLELISM);
  }

  /**
   * Takes an event. Resolves when there is room for the next one, not when it is put: `flush` says that. The event is
   * packed later, so do not change it.
   *
   * @throws PoisonRecordError where its key is none; the event is not taken
   * @throws what made the producer fail
   */
  async send(event: T, at: Timestamp = this.#timestampOf(event)): Promise<void> {
    this.#check();
    const key = this.#options.key;
    const group = key === undefined ? undefined : keyGroupOf(stateKeyOf(key(event)), DEFAULT_MAX_PARALLELISM);
    this.#buffer.add(event, at, group);
    if (this.#buffer.bytes >= (this.#options.batchBytes ?? BATCH_BYTES)) this.#startUnattended();
    else this.#linger();
    while (this.#isFull()) await this.#start();
  }

  /**
   * Resolves when all events taken so far are put.
   *
   * @throws PoisonRecordError where an event is no plain data or too large; the others are put
   * @throws RetryableError when the stream took none for too long. What is not put is lost: make another producer
   */
  async flush(): Promise<void> {
    this.#check();
    await this.#sending;
    if (this.#buffer.count > 0) await this.#start();
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) throw refused;
  }

  /** Flushes, and takes no more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const flushed = this.flush();
    this.#closed = true;
    await flushed;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#closed) throw new Error('the producer is closed');
  }

  #timestampOf(event: T): Timestamp {
    return this.#options.timestamp?.(event) ?? this.#ports.clock.now();
  }

  #isFull(): boolean {
    return this.#buffer.bytes + this.#buffer.bytesTaken > (this.#options.bufferBytes ?? BUFFER_BYTES);
  }

  #linger(): void {
    if (this.#stopLinger !== undefined || this.#sending !== undefined) return;
    const ms = this.#options.linger === undefined ? LINGER_MS : durationMs(this.#options.linger);
    this.#stopLinger = this.#ports.clock.after(ms, () => {
      this.#stopLinger = undefined;
      this.#startUnattended();
    });
  }

  /** Whoever sends or flushes next is told of a failure. */
  #startUnattended(): void {
    this.#start().catch(() => undefined);
  }

  /** The batch that is under way, or the next. @throws what made the producer fail */
  async #start(): Promise<void> {
    this.#stopLinger?.();
    this.#stopLinger = undefined;
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = undefined;
      if (this.#buffer.count > 0 && this.#failure === undefined) this.#linger();
    });
    await this.#sending;
  }

  async #sendBatch(): Promise<void> {
    try {
      const until = this.#ports.clock.now() + this.#giveUpMs();
      const frames = this.#cut(await this.#publisher.ranges(until));
      await this.#publisher.publish(frames, until);
      this.#identity.heard(this.#ports.clock.now());
      this.#buffer.settle();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #cut(ranges: readonly KeyGroupRange[]): readonly OutgoingFrame[] {
    const batch = this.#buffer.take(ranges);
    this.#identity.nextBatch(this.#ports.clock.now());
    return batch.flatMap(({ range, records }) => {
      const { bodies, refused } = cutRecords(records);
      const [first] = refused;
      if (first !== undefined) this.#refused ??= new PoisonRecordError(`an event is not put: ${first.reason}`);
      this.#buffer.measured(records.values.length, bodies);
      return bodies.map((body, chunk) => ({
        range,
        bytes: encodeFrame(
          { ...TIMELESS, ...this.#identity.frame(range, chunk), range, chunk, last: chunk === bodies.length - 1 },
          body,
        ),
      }));
    });
  }

  #giveUpMs(): number {
    return this.#options.giveUpAfter === undefined ? GIVE_UP_MS : durationMs(this.#options.giveUpAfter);
  }
}

/** A library says nothing of time: source stages make watermarks, from the events of each shard. */
const TIMELESS = { job: '', incarnation: 0, port: 0, watermark: MIN_TIMESTAMP, idle: false, barrier: 0 } as const;
