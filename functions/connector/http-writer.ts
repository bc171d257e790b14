import type { HttpOptions } from '../../core/connector/aws/http.ts';
import { encodeJson } from '../../core/connector/json.ts';
import { InvariantError, RetryableError, reasonOf } from '../../core/error/error.ts';
import type { RecordBatch, RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';
import { pause } from './batch-sender.ts';
import { inLanes } from './lane.ts';
import { identityText, type SinkTarget } from './sink-target.ts';

const LANES = 8;
const TIMEOUT_MS = 10_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
const MAX_REASON = 500;

/** Statuses of 400 to 499 that are no judgement of the request. */
const FOR_NOW = new Set([408, 425, 429]);

type Request = { readonly key: string; readonly body: string; readonly indices: readonly number[] };

/**
 * Sends records to a webhook, at least once. Each request has a header `Idempotency-Key`, which is the same when it is sent
 * again. Requests of one commit are under way together, so they arrive in any order.
 */
export function httpWriter({ uid, options, clock }: SinkTarget<HttpOptions>, send: typeof fetch = fetch): RecordWriter {
  const headers = headersOf(options.headers ?? {});
  const attempt = async ({ key, body }: Request): Promise<Answer> => {
    try {
      const response = await send(options.url, {
        method: options.method ?? 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return answerOf(response.status, await response.text());
    } catch (error) {
      return { kind: 'again', reason: reasonOf(error) };
    }
  };
  const deliver = async (request: Request): Promise<readonly RefusedRecord[]> => {
    for (let tries = 1; ; tries++) {
      const answer = await attempt(request);
      if (answer.kind === 'taken') return [];
      if (answer.kind === 'refused') return request.indices.map((index) => ({ index, reason: answer.reason }));
      if (tries === ATTEMPTS) throw new RetryableError(`${options.url} does not take records: ${answer.reason}`);
      await pause(clock, FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  };
  return {
    async write(batch) {
      return (await inLanes(requestsOf(uid, batch, options.batch ?? 1), LANES, deliver)).flat();
    },
  };
}

function requestsOf(uid: string, { identity, records }: RecordBatch, size: number): readonly Request[] {
  const requests: Request[] = [];
  for (let first = 0; first < records.length; first += size) {
    const part = records.slice(first, first + size).map(({ value }) => encodeJson(value));
    requests.push({
      key: `${uid}/${identityText(identity, first)}`,
      body: size === 1 ? (part[0] as string) : `[${part.join(',')}]`,
      indices: part.map((_, place) => first + place),
    });
  }
  return requests;
}

type Answer = { readonly kind: 'taken' } | { readonly kind: 'again' | 'refused'; readonly reason: string };

function answerOf(status: number, body: string): Answer {
  if (status < 400) return { kind: 'taken' };
  const reason = `status ${status}: ${body.slice(0, MAX_REASON)}`;
  return { kind: status < 500 && !FOR_NOW.has(status) ? 'refused' : 'again', reason };
}

/** `${NAME}` is the environment variable of that name, so that secrets do not stand in the job. */
function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([header, value]) => [
      header,
      value.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
        const found = process.env[name];
        if (found === undefined) throw new InvariantError(`header ${header} needs the environment variable ${name}`);
        return found;
      }),
    ]),
  );
}
