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

/** What is held for a subtask is sent when it is so many records, and at the end of each turn of the loop. */
const BATCH_RECORDS = 512;

/** Records in the order in which they were sent, over all edges. */
type Batch = {
  readonly values: readonly unknown[];
  /** The edge of each record. */
  readonly edges: Int32Array;
  readonly timestamps: Float64Array;
  readonly watermarks: Float64Array;
  /** Where the channels stand after the last record, of those that have changed. */
  readonly channels: readonly { readonly edge: number; readonly watermark: Timestamp; readonly isIdle: boolean }[];
};
type Message =
  | { readonly kind: 'batch'; readonly batch: Batch }
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
      case 'batch':
        this.#deliver(sender, message.batch);
        peer.acknowledge();
        return;
      case 'done':
        peer.inFlight--;
        return;
      case 'mark':
        peer.round = message.round;
    }
  }

  #deliver(sender: number, { values, edges, timestamps, watermarks, channels }: Batch): void {
    const outputs = new Map(channels.map(({ edge }) => [edge, this.#receivers.get(edge)?.[sender]]));
    for (const { edge, isIdle } of channels) if (!isIdle) outputs.get(edge)?.idle(false);
    for (let i = 0; i < values.length; i++) {
      const output = outputs.get(edges[i] as number);
      const before = watermarks[i] as number;
      if (before > MIN_TIMESTAMP) output?.watermark(before);
      output?.record(values[i], timestamps[i] as number);
    }
    for (const { edge, watermark, isIdle } of channels) {
      outputs.get(edge)?.watermark(watermark);
      if (isIdle) outputs.get(edge)?.idle(true);
    }
  }
}

/** The other end of a port. */
class Peer {
  readonly port: MessagePort;
  readonly early: Message[] = [];
  readonly #channels = new Map<number, SendingChannel>();
  readonly #held: Held = {
    values: [],
    edges: new Int32Array(BATCH_RECORDS),
    timestamps: new Float64Array(BATCH_RECORDS),
    watermarks: new Float64Array(BATCH_RECORDS),
  };
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
      channel = new SendingChannel(edge, this.#held, () => this.flush());
      this.#channels.set(edge, channel);
    }
    return channel;
  }

  flush(): void {
    const changed = [...this.#channels.values()].filter((channel) => channel.changed);
    if (changed.length === 0) return;
    this.inFlight++;
    const { values, edges, timestamps, watermarks } = this.#held;
    const count = values.length;
    const batch: Batch = {
      values,
      edges: edges.slice(0, count),
      timestamps: timestamps.slice(0, count),
      watermarks: watermarks.slice(0, count),
      channels: changed.map(({ edge, at, isIdle }) => ({ edge, watermark: at, isIdle })),
    };
    this.#held.values = [];
    for (const channel of changed) channel.changed = false;
    const transfer = [batch.edges, batch.timestamps, batch.watermarks].map(({ buffer }) => buffer as ArrayBuffer);
    this.#post({ kind: 'batch', batch }, transfer);
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

/** What is to be sent to one subtask, over all edges. */
type Held = {
  values: unknown[];
  readonly edges: Int32Array;
  readonly timestamps: Float64Array;
  readonly watermarks: Float64Array;
};

/** The sending end of one edge to one subtask. */
class SendingChannel implements Output {
  readonly edge: number;
  readonly #held: Held;
  readonly #full: () => void;
  /** Whether there is anything that the receiver does not know. */
  changed = false;
  at: Timestamp = MIN_TIMESTAMP;
  isIdle = false;

  constructor(edge: number, held: Held, full: () => void) {
    this.edge = edge;
    this.#held = held;
    this.#full = full;
  }

  record(value: unknown, timestamp: Timestamp): void {
    const { values, edges, timestamps, watermarks } = this.#held;
    const place = values.length;
    edges[place] = this.edge;
    timestamps[place] = timestamp;
    watermarks[place] = this.at;
    values.push(value);
    this.changed = true;
    if (place + 1 === BATCH_RECORDS) this.#full();
  }

  watermark(at: Timestamp): void {
    this.at = at;
    this.changed = true;
  }

  idle(isIdle: boolean): void {
    if (this.isIdle === isIdle) return;
    this.isIdle = isIdle;
    this.changed = true;
  }
}
