import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/port/clock.ts';

/** What a message holds, as a queue keeps and a folder stores it. */
export type Message = {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly group?: string;
  readonly sentAt: number;
  visibleAt: number;
  receipt: string;
  receives: number;
  firstReceivedAt?: number;
};

export type Sent = {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly delayMs?: number;
  readonly group?: string;
  readonly deduplication?: string;
};

/** Attributes as SQS writes them: texts by name. */
export type QueueAttributes = Record<string, string>;

const DEDUPLICATION_MS = 300_000;
const SECOND_MS = 1_000;

/**
 * A queue with SQS's visibility: a message that was received is hidden until it is deleted or its time is over, then it
 * comes again. A FIFO queue gives the messages of a group in order, none while one before it is out, and drops
 * duplicates for five minutes. After `maxReceiveCount` receives a message goes to the dead-letter queue.
 */
export class Queue {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly #clock: Clock;
  readonly #deadLetters: (message: Message) => void;
  readonly #messages: Message[];
  readonly #deduplicated = new Map<string, { readonly id: string; readonly at: number }>();
  readonly #waiting = new Set<() => void>();

  constructor(
    name: string,
    {
      attributes,
      clock,
      deadLetters,
      messages = [],
    }: {
      readonly attributes: QueueAttributes;
      readonly clock: Clock;
      readonly deadLetters: (message: Message) => void;
      readonly messages?: readonly Message[];
    },
  ) {
    this.name = name;
    this.attributes = attributes;
    this.#clock = clock;
    this.#deadLetters = deadLetters;
    this.#messages = [...messages];
  }

  get isFifo(): boolean {
    return this.name.endsWith('.fifo');
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  send({ body, attributes = {}, delayMs, group, deduplication }: Sent): { readonly id: string } {
    const now = this.#clock.now();
    const token = deduplication ?? (this.isFifo ? createHash('sha256').update(body).digest('hex') : undefined);
    const before = token === undefined ? undefined : this.#deduplicated.get(token);
    if (before && now - before.at < DEDUPLICATION_MS) return { id: before.id };
    const id = randomUUID();
    if (token !== undefined) this.#deduplicated.set(token, { id, at: now });
    const visibleAt = now + (delayMs ?? this.#seconds('DelaySeconds', 0));
    const message = { id, body, attributes, sentAt: now, visibleAt, receipt: '', receives: 0 };
    this.put(group === undefined ? message : { ...message, group });
    return { id };
  }

  /** A message that comes from elsewhere, such as from a queue whose dead letters these are. */
  put(message: Message): void {
    this.#messages.push(message);
    for (const wake of this.#waiting) wake();
  }

  /** Up to `max` messages that are visible, hidden from now on. Waits up to `waitMs` for the first one. */
  async receive(
    max: number,
    options: { readonly visibilityMs?: number; readonly waitMs?: number } = {},
  ): Promise<Message[]> {
    const until = this.#clock.now() + (options.waitMs ?? this.#seconds('ReceiveMessageWaitTimeSeconds', 0));
    for (;;) {
      const taken = this.#take(max, options.visibilityMs ?? this.#seconds('VisibilityTimeout', 30));
      const now = this.#clock.now();
      if (taken.length > 0 || now >= until) return taken;
      const next = Math.min(until, ...this.#messages.map(({ visibleAt }) => visibleAt).filter((at) => at > now));
      await this.#changeUntil(next - now);
    }
  }

  /** A receipt of an earlier receive deletes nothing, unless the message was not received since. */
  delete(receipt: string): void {
    const at = this.#messages.findIndex((message) => message.receipt === receipt);
    if (at >= 0) this.#messages.splice(at, 1);
  }

  changeVisibility(receipt: string, ms: number): boolean {
    const message = this.#messages.find((one) => one.receipt === receipt);
    if (message) message.visibleAt = this.#clock.now() + ms;
    for (const wake of this.#waiting) wake();
    return message !== undefined;
  }

  purge(): void {
    this.#messages.length = 0;
  }

  /** How many can be received now, are out, and are delayed. */
  counts(): { readonly visible: number; readonly out: number; readonly delayed: number } {
    const hidden = this.#messages.filter(({ visibleAt }) => visibleAt > this.#clock.now());
    const out = hidden.filter(({ receives }) => receives > 0).length;
    return { visible: this.#messages.length - hidden.length, out, delayed: hidden.length - out };
  }

  #take(max: number, visibilityMs: number): Message[] {
    const now = this.#clock.now();
    const maxReceives = Number(
      JSON.parse(this.attributes.RedrivePolicy ?? '{}').maxReceiveCount ?? Number.POSITIVE_INFINITY,
    );
    const blocked = new Set<string>();
    const taken: Message[] = [];
    for (const message of [...this.#messages]) {
      if (taken.length === max) break;
      if (message.group !== undefined && blocked.has(message.group)) continue;
      if (message.visibleAt > now) {
        if (message.group !== undefined) blocked.add(message.group);
      } else if (message.receives >= maxReceives) {
        this.#messages.splice(this.#messages.indexOf(message), 1);
        this.#deadLetters(message);
      } else {
        message.receives++;
        message.receipt = randomUUID();
        message.visibleAt = now + visibilityMs;
        message.firstReceivedAt ??= now;
        taken.push(message);
      }
    }
    return taken;
  }

  #changeUntil(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        cancel();
        resolve();
      };
      this.#waiting.add(wake);
      const cancel = this.#clock.after(ms, wake);
    });
  }

  #seconds(attribute: string, otherwise: number): number {
    return Number(this.attributes[attribute] ?? otherwise) * SECOND_MS;
  }
}
