import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../core/port/clock.ts';
import { type Message, Queue, type QueueAttributes } from './queue.ts';

type StoredQueue = {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly messages: readonly Message[];
};

/** All queues of an account. In a folder they are kept when the emulator stops, and not at every message. */
export class QueueSet {
  readonly #queues = new Map<string, Queue>();
  readonly #clock: Clock;
  readonly #file: string | undefined;

  private constructor(clock: Clock, file: string | undefined) {
    this.#clock = clock;
    this.#file = file;
  }

  static async open(clock: Clock, folder?: string): Promise<QueueSet> {
    if (folder === undefined) return new QueueSet(clock, undefined);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'queues.json');
    const set = new QueueSet(clock, file);
    const stored = await readFile(file, 'utf8').catch(() => '[]');
    for (const { name, attributes, messages } of JSON.parse(stored) as readonly StoredQueue[]) {
      set.create(name, attributes, messages);
    }
    return set;
  }

  get names(): readonly string[] {
    return [...this.#queues.keys()];
  }

  get(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  create(name: string, attributes: QueueAttributes, messages: readonly Message[] = []): Queue {
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = new Queue(name, {
      attributes: { ...attributes },
      clock: this.#clock,
      deadLetters: (message) => this.#deadLetterQueue(attributes)?.put({ ...message, receives: 0 }),
      messages,
    });
    this.#queues.set(name, queue);
    return queue;
  }

  drop(name: string): void {
    this.#queues.delete(name);
  }

  async keep(): Promise<void> {
    if (this.#file === undefined) return;
    const stored = [...this.#queues.values()].map(({ name, attributes, messages }) => ({ name, attributes, messages }));
    const draft = `${this.#file}.draft`;
    await writeFile(draft, JSON.stringify(stored));
    await rename(draft, this.#file);
  }

  #deadLetterQueue(attributes: QueueAttributes): Queue | undefined {
    const arn: unknown = JSON.parse(attributes.RedrivePolicy ?? '{}').deadLetterTargetArn;
    return this.#queues.get(String(arn).split(':').at(-1) ?? '');
  }
}
