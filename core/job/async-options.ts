import type { AsyncDescriptor } from '../operator/descriptor.ts';
import { type Duration, durationMs } from '../time/duration.ts';

/** What an asynchronous call gives: one result, several (an array) or none (undefined). */
export type AsyncResult<Out> = Out | readonly Out[] | undefined;

/** How asynchronous calls are made (Flink: AsyncDataStream, AsyncRetryStrategies). */
export type AsyncOptions<In, Out> = {
  /** `ordered` unless said: results in the order of the records. `unordered`: as they come, never past a watermark. */
  readonly order?: 'ordered' | 'unordered';
  /** Of one record, its retries included; `30s` unless said. */
  readonly timeout?: Duration;
  /** Calls under way at a time, per subtask; 100 unless said. */
  readonly capacity?: number;
  /** What a record gives that timed out; without it, it is a dead letter. */
  readonly fallback?: (value: In) => AsyncResult<Out>;
  readonly retry?: AsyncRetry<Out>;
};

/** When and how often a call that failed, or gave a poor result, is tried again (Flink: AsyncRetryStrategy). */
export type AsyncRetry<Out> = {
  /** Tries in all, the first included; 3 unless said. */
  readonly attempts?: number;
  /** Before the second try; `100ms` unless said. */
  readonly delay?: Duration;
  /** What each further delay is multiplied by; 1 (a fixed delay) unless said. */
  readonly backoff?: number;
  /** `1m` unless said. */
  readonly maxDelay?: Duration;
  /** Which errors are tried again; all unless said. */
  readonly onError?: (error: unknown) => boolean;
  /** Which results are tried again; none unless said. */
  readonly onResult?: (result: AsyncResult<Out>) => boolean;
};

/** Flink's default of calls under way. */
export const DEFAULT_ASYNC_CAPACITY = 100;
const DEFAULT_TIMEOUT = '30s';
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_DELAY = '100ms';
const DEFAULT_MAX_DELAY = '1m';

/** @throws JobSpecError where a duration is none. */
export function asyncDescriptor<In, Out>(
  call: (value: In, signal: AbortSignal) => Promise<AsyncResult<Out>>,
  { order = 'ordered', timeout = DEFAULT_TIMEOUT, capacity, fallback, retry }: AsyncOptions<In, Out> = {},
  path = 'async',
): AsyncDescriptor {
  return {
    kind: 'async',
    call,
    order,
    timeoutMs: durationMs(timeout, `${path}.timeout`),
    capacity: capacity ?? DEFAULT_ASYNC_CAPACITY,
    ...(fallback !== undefined && { fallback }),
    ...(retry !== undefined && { retry: retryOf(retry, `${path}.retry`) }),
  };
}

function retryOf<Out>(retry: AsyncRetry<Out>, path: string): NonNullable<AsyncDescriptor['retry']> {
  const { attempts, delay = DEFAULT_DELAY, backoff, maxDelay = DEFAULT_MAX_DELAY, onError, onResult } = retry;
  return {
    attempts: attempts ?? DEFAULT_ATTEMPTS,
    delayMs: durationMs(delay, `${path}.delay`),
    backoff: backoff ?? 1,
    maxDelayMs: durationMs(maxDelay, `${path}.maxDelay`),
    ...(onError !== undefined && { onError }),
    ...(onResult !== undefined && { onResult }),
  };
}
