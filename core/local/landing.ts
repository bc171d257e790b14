import type { Output } from '../operator/operator.ts';
import type { Timestamp } from '../time/timestamp.ts';

/**
 * Where a long chain of calls is cut. An operator calls the next one, so that ten thousand in a row would overflow the
 * stack; after every MAX_CALLS of them what is handed on lands here, and is taken further when the call has returned.
 *
 * 1. Records, watermarks and idleness leave in the order in which they came.
 * 2. Landings are settled in the order of the graph, so that one pass leaves all of them empty.
 */
export class Landing implements Output {
  readonly #onward: Output;
  readonly #wake: () => void;
  #waiting: Handed[] = [];

  constructor(onward: Output, wake: () => void) {
    this.#onward = onward;
    this.#wake = wake;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#land({ kind: 'record', value, timestamp });
  }

  watermark(at: Timestamp): void {
    this.#land({ kind: 'watermark', at });
  }

  idle(isIdle: boolean): void {
    this.#land({ kind: 'idle', isIdle });
  }

  /** Hands on what has landed. */
  settle(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.kind === 'record') this.#onward.record(one.value, one.timestamp);
      else if (one.kind === 'watermark') this.#onward.watermark(one.at);
      else this.#onward.idle(one.isIdle);
    }
  }

  /** An asynchronous result comes between two steps of the loop, which might be asleep. */
  #land(handed: Handed): void {
    if (this.#waiting.length === 0) this.#wake();
    this.#waiting.push(handed);
  }
}

type Handed =
  | { readonly kind: 'record'; readonly value: unknown; readonly timestamp: Timestamp }
  | { readonly kind: 'watermark'; readonly at: Timestamp }
  | { readonly kind: 'idle'; readonly isIdle: boolean };
