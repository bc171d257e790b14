import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Output } from '../operator/operator.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/**
 * Records between the subtasks of one machine: a message port to each other worker, batches both ways.
 *
 * 1. What one subtask sends to another arrives in the order it was sent, over all edges.
 * 2. Each record carries the watermark that its channel had before it, so that a receiver judges it just as it would have
 *    been judged in one thread.
 * 3. A receiver acknowledges a batch once it is worked off. While more than {@link MAX_IN_FLIGHT} batches to one receiver are
 *    not, the sender reads no source; it goes on working off what it is sent, so no two wait for each other.
 * 4. A mark says that all sent before it has arrived.
 */
export const MAX_IN_FLIGHT = 8;

/** A channel is sent when it holds so many records, and at the end of each turn of the loop. */
const BATCH_RECORDS = 512;

type ChannelBatch = {
  readonly edge: number;
  readonly values: readonly unknown[];
  readonly timestamps: Float64Array;
  readonly watermarks: Float64Array;
  /** Where the watermark stands after the last record. */
  readonly watermark: Timestamp;
  readonly isIdle: boolean;
};
type Message =
  | { readonly kind: 'batches'; readonly batches: readonly ChannelBatch[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'mark'; readonly round: number };

export class Exchange {
  readonly #index: number;
  readonly #peers: ReadonlyMap<number, Peer>;
  readonly #receivers = new Map<number, readonly Output[]>();
  readonly #wake: () => void;

  /** `ports`: to each other subtask, by its index. */
  constructor(index: number, ports: ReadonlyMap<number, MessagePort>, wake: () => void) {
    this.#index = index;
    this.#wake = wake;
    this.#peers = new Map([...ports].map(([peer, port]) => [peer, new Peer(port)]));
    for (const port of ports.values()) port.on('message', (message: Message) => this.#arrived(port, message));
  }

  /** Where what subtask `sender` puts on an edge goes: `channels[sender]`. */
  receive(edge: number, channels: readonly Output[]): void {
    this.#receivers.set(edge, channels);
  }

  /** The sending end of an edge to a subtask. */
  send(edge: number, target: number): Output {
    const peer = this.#peers.get(target);
    if (peer === undefined) throw new RangeError(`subtask ${this.#index} has no way to subtask ${target}`);
    return peer.channel(edge);
  }

  /** Whether some receiver is so far behind that no source should be read. */
  get isFull(): boolean {
    for (const peer of this.#peers.values()) if (peer.inFlight > MAX_IN_FLIGHT) return true;
    return false;
  }

  /** Works off what has arrived; gives whether there was anything. Nothing is awaited. */
  receiveAll(): boolean {
    let any = false;
    for (const [sender, peer] of this.#peers) {
      for (let left = MAX_IN_FLIGHT; left > 0; left--) {
        const message = peer.next();
        if (message === undefined) break;
        any = true;
        this.#handle(sender, peer, message);
      }
    }
    return any;
  }

  /** Sends what the channels hold. */
  flush(): void {
    for (const peer of this.#peers.values()) peer.flush();
  }

  /** Sends what the channels hold, and a mark behind it. */
  mark(round: number): void {
    for (const peer of this.#peers.values()) peer.mark(round);
  }

  /** Whether the marks of a round have come from everybody. */
  marked(round: number): boolean {
    for (const peer of this.#peers.values()) if (peer.round < round) return false;
    return true;
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.close();
  }

  /** A message that came on a turn of the event loop instead of being fetched. */
  #arrived(port: MessagePort, message: Message): void {
    for (const peer of this.#peers.values()) if (peer.port === port) peer.early.push(message);
    this.#wake();
  }

  #handle(sender: number, peer: Peer, message: Message): void {
    switch (message.kind) {
      case 'batches':
        for (const batch of message.batches) deliver(batch, this.#receivers.get(batch.edge)?.[sender]);
        peer.acknowledge();
        return;
      case 'done':
        peer.inFlight--;
        return;
      case 'mark':
        peer.round = message.round;
    }
  }
}

function deliver({ values, timestamps, watermarks, watermark, isIdle }: ChannelBatch, to: Output | undefined): void {
  if (to === undefined) return;
  if (!isIdle) to.idle(false);
  let last = MIN_TIMESTAMP;
  for (let i = 0; i < values.length; i++) {
    const before = watermarks[i] as number;
    if (before > last) {
      last = before;
      to.watermark(before);
    }
    to.record(values[i], timestamps[i] as number);
  }
  if (watermark > last) to.watermark(watermark);
  if (isIdle) to.idle(true);
}

/** The other end of a port. */
class Peer {
  readonly port: MessagePort;
  readonly early: Message[] = [];
  readonly #channels = new Map<number, SendingChannel>();
  inFlight = 0;
  round = 0;

  constructor(port: MessagePort) {
    this.port = port;
  }

  next(): Message | undefined {
    return this.early.shift() ?? (receiveMessageOnPort(this.port)?.message as Message | undefined);
  }

  channel(edge: number): Output {
    let channel = this.#channels.get(edge);
    if (channel === undefined) {
      channel = new SendingChannel(edge, () => this.flush());
      this.#channels.set(edge, channel);
    }
    return channel;
  }

  flush(): void {
    const batches: ChannelBatch[] = [];
    for (const channel of this.#channels.values()) {
      const batch = channel.take();
      if (batch !== undefined) batches.push(batch);
    }
    if (batches.length === 0) return;
    this.inFlight++;
    const transfer = batches.flatMap(({ timestamps, watermarks }) => [timestamps.buffer, watermarks.buffer]);
    this.#post({ kind: 'batches', batches }, transfer as ArrayBuffer[]);
  }

  mark(round: number): void {
    this.flush();
    this.#post({ kind: 'mark', round });
  }

  acknowledge(): void {
    this.#post({ kind: 'done' });
  }

  close(): void {
    this.port.close();
  }

  #post(message: Message, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

/** The records of one edge to one subtask that are not sent yet. */
class SendingChannel implements Output {
  readonly #edge: number;
  readonly #full: () => void;
  #values: unknown[] = [];
  #timestamps = new Float64Array(BATCH_RECORDS);
  #watermarks = new Float64Array(BATCH_RECORDS);
  #watermark: Timestamp = MIN_TIMESTAMP;
  #isIdle = false;
  #changed = false;

  constructor(edge: number, full: () => void) {
    this.#edge = edge;
    this.#full = full;
  }

  record(value: unknown, timestamp: Timestamp): void {
    const place = this.#values.length;
    this.#timestamps[place] = timestamp;
    this.#watermarks[place] = this.#watermark;
    this.#values.push(value);
    this.#changed = true;
    if (place + 1 === BATCH_RECORDS) this.#full();
  }

  watermark(at: Timestamp): void {
    this.#watermark = at;
    this.#changed = true;
  }

  idle(isIdle: boolean): void {
    if (this.#isIdle === isIdle) return;
    this.#isIdle = isIdle;
    this.#changed = true;
  }

  take(): ChannelBatch | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const count = this.#values.length;
    const batch: ChannelBatch = {
      edge: this.#edge,
      values: this.#values,
      timestamps: this.#timestamps.slice(0, count),
      watermarks: this.#watermarks.slice(0, count),
      watermark: this.#watermark,
      isIdle: this.#isIdle,
    };
    this.#values = [];
    return batch;
  }
}
