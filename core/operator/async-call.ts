import type { Clock } from '../port/clock.ts';
import { formatDuration } from '../time/duration.ts';
import type { AsyncDescriptor } from './descriptor.ts';

/** How a call ended. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * One asynchronous call with its retries, all within one timeout. `ended` is called once, never within the constructor,
 * unless the call is cancelled first.
 */
export class AsyncCall {
  outcome: Outcome | undefined;
  readonly #descriptor: AsyncDescriptor;
  readonly #clock: Clock;
  readonly #value: unknown;
  readonly #ended: () => void;
  readonly #abort = new AbortController();
  readonly #cancelTimeout: () => void;
  #cancelDelay: (() => void) | undefined;
  #attempts = 0;

  constructor(descriptor: AsyncDescriptor, clock: Clock, value: unknown, ended: () => void) {
    this.#descriptor = descriptor;
    this.#clock = clock;
    this.#value = value;
    this.#ended = ended;
    this.#cancelTimeout = clock.after(descriptor.timeoutMs, () => this.#timedOut());
    this.#attempt();
  }

  cancel(): void {
    this.#cancelTimeout();
    this.#cancelDelay?.();
    this.#abort.abort();
  }

  #attempt(): void {
    this.#attempts++;
    this.#invoke().then(
      (result) => this.#returned(result),
      (error) => this.#threw(error),
    );
  }

  /** Async, so that what the user's function throws at once is a rejection as well. */
  async #invoke(): Promise<unknown> {
    return this.#descriptor.call(this.#value, this.#abort.signal);
  }

  #returned(result: unknown): void {
    const { retry } = this.#descriptor;
    if (this.#over()) return;
    let again = false;
    try {
      again = retry?.onResult?.(result) ?? false;
    } catch (error) {
      this.#end({ kind: 'error', error });
      return;
    }
    if (!again || !this.#retry()) this.#end({ kind: 'result', result });
  }

  #threw(error: unknown): void {
    const { retry } = this.#descriptor;
    if (this.#over()) return;
    let again = retry !== undefined;
    try {
      again = retry?.onError?.(error) ?? again;
    } catch (other) {
      this.#end({ kind: 'error', error: other });
      return;
    }
    if (!again || !this.#retry()) this.#end({ kind: 'error', error: error });
  }

  /** False where all attempts were made. */
  #retry(): boolean {
    const { retry } = this.#descriptor;
    if (retry === undefined || this.#attempts >= retry.attempts) return false;
    const delay = Math.min(retry.maxDelayMs, retry.delayMs * retry.backoff ** (this.#attempts - 1));
    this.#cancelDelay = this.#clock.after(delay, () => this.#attempt());
    return true;
  }

  #timedOut(): void {
    if (this.#over()) return;
    this.#cancelDelay?.();
    const { fallback, timeoutMs } = this.#descriptor;
    const late = new Error(`the call took longer than its timeout of ${formatDuration(timeoutMs)}`);
    this.#abort.abort(late);
    if (fallback === undefined) {
      this.#end({ kind: 'error', error: late });
      return;
    }
    try {
      this.#end({ kind: 'result', result: fallback(this.#value) });
    } catch (error) {
      this.#end({ kind: 'error', error });
    }
  }

  #over(): boolean {
    return this.outcome !== undefined || this.#abort.signal.aborted;
  }

  #end(outcome: Outcome): void {
    this.outcome = outcome;
    this.#cancelTimeout();
    this.#ended();
  }
}
