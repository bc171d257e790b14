import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { AsyncCall, type Outcome } from './async-call.ts';
import type { AsyncDescriptor } from './descriptor.ts';
import type { Operator, OperatorContext, RecordOutput } from './operator.ts';

/**
 * Asynchronous I/O (Flink: AsyncWaitOperator).
 *
 * Records and watermarks wait in one queue. Calls run for the first records of the queue, up to the capacity; what
 * ended is emitted from the front of the queue, or, unordered, from anywhere before the first watermark in it.
 *
 * 1. A watermark is emitted when all records that came before it have been: results never pass a watermark.
 * 2. Nothing is emitted but within `ready` or `drain`, or while a runtime awaits what they gave; a call that ends at any
 *    other time only marks its entry and wakes the runtime. So records never come into a chain that is at work.
 * 3. A runtime drains before a snapshot, so there is nothing under way to be stored.
 */
type Entry =
  | { readonly kind: 'record'; readonly value: unknown; readonly timestamp: Timestamp; call?: AsyncCall }
  | { readonly kind: 'watermark'; readonly at: Timestamp }
  | { readonly kind: 'idle'; readonly isIdle: boolean };

export class AsyncOperator implements Operator, RecordOutput {
  readonly inputs: readonly RecordOutput[] = [this];
  readonly #descriptor: AsyncDescriptor;
  readonly #context: OperatorContext;
  readonly #queue: Entry[] = [];
  /** Records in the queue, and those of them whose call has not begun. */
  #records = 0;
  #waiting: Extract<Entry, { kind: 'record' }>[] = [];
  #underWay = 0;
  #watermark: Timestamp;
  #changed: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(descriptor: AsyncDescriptor, context: OperatorContext) {
    this.#descriptor = descriptor;
    this.#context = context;
    this.#watermark = context.watermark ?? MIN_TIMESTAMP;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#context.metrics.recordsIn++;
    const entry: Entry = { kind: 'record', value, timestamp };
    this.#queue.push(entry);
    this.#waiting.push(entry);
    this.#records++;
    this.#start();
  }

  watermark(at: Timestamp): void {
    if (at <= this.#watermark) return;
    this.#watermark = at;
    this.#context.metrics.watermark = at;
    if (this.#queue.length === 0) this.#context.output.watermark(at);
    else this.#queue.push({ kind: 'watermark', at });
  }

  idle(isIdle: boolean): void {
    if (this.#queue.length === 0) this.#context.output.idle(isIdle);
    else this.#queue.push({ kind: 'idle', isIdle });
  }

  /** Emits what has ended; where as many records wait as calls may run, resolves once fewer do. */
  ready(): Promise<void> | undefined {
    this.#emitEnded();
    return this.#records < this.#descriptor.capacity
      ? undefined
      : this.#until(() => this.#records < this.#descriptor.capacity);
  }

  async drain(): Promise<void> {
    this.#emitEnded();
    await this.#until(() => this.#queue.length === 0);
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#queue) if (entry.kind === 'record') entry.call?.cancel();
    this.#queue.length = 0;
    this.#waiting = [];
    this.#records = 0;
    this.#changed?.resolve();
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      this.#changed ??= Promise.withResolvers<void>();
      await this.#changed.promise;
      this.#emitEnded();
    }
  }

  #start(): void {
    while (this.#underWay < this.#descriptor.capacity) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#underWay++;
      entry.call = new AsyncCall(this.#descriptor, this.#context.clock, entry.value, () => this.#ended());
    }
  }

  /** A call has ended, on a turn of its own. */
  #ended(): void {
    if (this.#closed) return;
    this.#underWay--;
    this.#start();
    const changed = this.#changed;
    this.#changed = undefined;
    changed?.resolve();
    this.#context.wake?.();
  }

  #emitEnded(): void {
    if (this.#descriptor.order === 'unordered') this.#emitUnordered();
    else while (this.#emitFront());
  }

  /** Emits everything that ended before the first watermark, then the watermark if nothing is left before it. */
  #emitUnordered(): void {
    do {
      for (let place = 0; place < this.#queue.length; ) {
        const entry = this.#queue[place];
        if (entry?.kind !== 'record') break;
        const outcome = entry.call?.outcome;
        if (outcome === undefined) {
          place++;
        } else {
          this.#queue.splice(place, 1);
          this.#emit(entry, outcome);
        }
      }
    } while (this.#emitFront());
  }

  /** Emits the first entry if it has ended; false where it has not. */
  #emitFront(): boolean {
    const entry = this.#queue[0];
    if (entry === undefined) return false;
    if (entry.kind === 'record') {
      const outcome = entry.call?.outcome;
      if (outcome === undefined) return false;
      this.#queue.shift();
      this.#emit(entry, outcome);
    } else {
      this.#queue.shift();
      if (entry.kind === 'watermark') this.#context.output.watermark(entry.at);
      else this.#context.output.idle(entry.isIdle);
    }
    return true;
  }

  #emit({ value, timestamp }: { readonly value: unknown; readonly timestamp: Timestamp }, outcome: Outcome): void {
    const { output, metrics, poison } = this.#context;
    this.#records--;
    if (outcome.kind === 'error') {
      poison.call(this.#context, outcome.error, value, timestamp);
      return;
    }
    for (const result of resultsOf(outcome.result)) {
      metrics.recordsOut++;
      output.record(result, timestamp);
    }
  }
}

function resultsOf(result: unknown): readonly unknown[] {
  if (result === undefined) return [];
  return Array.isArray(result) ? result : [result];
}
