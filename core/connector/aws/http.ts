import { JobSpecError } from '../../error/error.ts';
import type { Row } from '../file/file.ts';
import type { Sink } from '../sink.ts';
import { deployedSink } from './deployed.ts';

/** Options of the word `http`. */
export type HttpOptions = {
  /** Where records are sent: http or https. */
  readonly url: string;
  /** `POST` unless said. */
  readonly method?: 'POST' | 'PUT';
  /** Headers of each request. `${NAME}` in a value stands for the environment variable of that name. */
  readonly headers?: { readonly [name: string]: string };
  /** How many records a request carries at most: 1 (a JSON object) unless said; above 1, a JSON array. */
  readonly batch?: number;
};

/**
 * A webhook as a sink: each record is sent at least once, with a header `Idempotency-Key` that is the same when it is sent
 * again. A status of 400 to 499 (but for 408, 425 and 429) refuses the record, which becomes a dead letter; others and no
 * answer are tried again.
 *
 * @throws JobSpecError where the URL is none
 * @example
 * spikes.to('hook', http({ url: 'https://hooks.example.com/spikes' }));
 */
export function http<T = Row>(options: HttpOptions): Sink<T> {
  const { url } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    const message = `${JSON.stringify(url)} is no URL; write one such as https://hooks.example.com/spikes`;
    throw new JobSpecError([{ path: 'http.url', message }]);
  }
  const resource = { kind: 'none' } as const;
  return deployedSink<T>({ word: 'http', options, resource, guarantee: 'at-least-once', at: new URL(url).host });
}
