import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HttpOptions } from '../../../core/connector/aws/http.ts';
import { RetryableError } from '../../../core/error/error.ts';
import { httpWriter } from '../../../functions/connector/http-writer.ts';
import { bodyOf, listenLocal } from '../../../functions/emulator/server/local-server.ts';
import { batchOf, targetOf } from './writer.ts';

type Heard = { readonly method: string; readonly headers: Readonly<Record<string, unknown>>; readonly body: unknown };

/** A hook that answers each request with the status that `status` gives; 0 breaks the connection. */
async function hook(status: (heard: Heard, count: number) => number, options: Partial<HttpOptions> = {}) {
  const heard: Heard[] = [];
  const server = await listenLocal(async (request, response) => {
    const body: unknown = JSON.parse((await bodyOf(request)).toString());
    const one = { method: request.method ?? '', headers: request.headers, body };
    heard.push(one);
    const code = status(one, heard.length);
    if (code === 0) request.socket.destroy();
    else response.writeHead(code).end('said so');
  });
  onTestFinished(() => server.close());
  return { heard, writer: httpWriter(targetOf({ url: `${server.url}/hook`, ...options }, '')) };
}

afterEach(() => vi.unstubAllEnvs());

describe('the webhook sink', () => {
  test('sends each record with its identity', async () => {
    const { heard, writer } = await hook(() => 204);
    expect(await writer.write(batchOf([{ n: 0 }, { n: 1 }], 7))).toEqual([]);
    const sent = heard.map(({ method, headers, body }) => [method, headers['idempotency-key'], body]);
    expect(sent.sort()).toEqual([
      ['POST', 'out/1/clicks/shardId-000000000000/7/0', { n: 0 }],
      ['POST', 'out/1/clicks/shardId-000000000000/7/1', { n: 1 }],
    ]);
  });

  test('sends lists where a request may carry several records', async () => {
    const { heard, writer } = await hook(() => 200, { batch: 2, method: 'PUT' });
    await writer.write(batchOf([1, 2, 3]));
    expect(heard.map(({ method, body }) => [method, body]).sort()).toEqual([
      ['PUT', [1, 2]],
      ['PUT', [3]],
    ]);
  });

  test('refuses what the hook judges wrong, and tries again what may pass, with the same identity', async () => {
    const seen = new Map<unknown, number>();
    const { writer } = await hook(({ headers, body }) => {
      const key = headers['idempotency-key'];
      seen.set(key, (seen.get(key) ?? 0) + 1);
      const { n } = body as { n: number };
      if (n === 0) return 422;
      return [0, 429, 200][(seen.get(key) ?? 0) - 1] ?? 200;
    });
    expect(await writer.write(batchOf([{ n: 0 }, { n: 1 }]))).toEqual([{ index: 0, reason: 'status 422: said so' }]);
    expect([...seen.values()].sort()).toEqual([1, 3]);
  });

  test('fails where the hook fails for long', async () => {
    const { heard, writer } = await hook(() => 500);
    await expect(writer.write(batchOf([{ n: 1 }]))).rejects.toThrow(RetryableError);
    expect(heard).toHaveLength(4);
  });

  test('takes secrets of headers from the environment, and says which is missing', async () => {
    const headers = { authorization: `Bearer \${HOOK_TOKEN}` };
    await expect(hook(() => 200, { headers })).rejects.toThrow(
      'header authorization needs the environment variable HOOK_TOKEN',
    );
    vi.stubEnv('HOOK_TOKEN', 'secret');
    const { heard, writer } = await hook(() => 200, { headers });
    await writer.write(batchOf([{ n: 1 }]));
    expect(heard[0]?.headers.authorization).toBe('Bearer secret');
  });
});
