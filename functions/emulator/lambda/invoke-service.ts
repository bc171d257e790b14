import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invocation } from '../mapping/invocation.ts';
import { type Gate, type Observe, openGate } from '../server/gate.ts';
import { accessKeyOf, bodyOf, type LocalServer, listenLocal } from '../server/local-server.ts';
import { ServiceError } from '../server/service-error.ts';
import type { LambdaFunction } from './lambda-function.ts';

export type InvokeOptions = {
  readonly gate?: Gate;
  readonly onDone?: Observe;
  /** The function of a name or an ARN, qualified or not. */
  readonly find: (name: string) => { readonly arn: string; readonly lambda: LambdaFunction } | undefined;
};

/** How often an asynchronous invocation is tried, as Lambda does unless told otherwise. */
const ATTEMPTS = 3;

/** Lambda's Invoke: for its answer, asynchronous, or dry. */
export function startLambda(options: InvokeOptions): Promise<LocalServer> {
  return listenLocal(async (request, response) => {
    try {
      await answer(request, response, options);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response.writeHead(error.status, { 'content-type': 'application/json', 'x-amzn-errortype': error.code });
      response.end(JSON.stringify({ Type: 'User', Message: error.message }));
    }
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: InvokeOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lambda');
  const [, encoded] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname) ?? [];
  if (encoded === undefined)
    throw new ServiceError('UnknownOperationException', 'the emulated Lambda has Invoke alone', 404);
  const name = decodeURIComponent(encoded);
  const eventJson = (await bodyOf(request)).toString('utf8') || '{}';
  const found = options.find(name);
  const qualifier = url.searchParams.get('Qualifier');
  const FunctionArn = `${found?.arn ?? name}${qualifier === null ? '' : `:${qualifier}`}`;
  const call = {
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionArn },
    accessKey: accessKeyOf(request),
  } as const;
  const verdict = await (options.gate ?? openGate)(call);
  if (found === undefined) throw new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
  if (verdict === 'lose-request') return void request.socket.destroy();
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const end = type === 'RequestResponse' ? await found.lambda.invoke(eventJson) : undefined;
  if (type === 'Event') void invokeUntilDone(found.lambda, eventJson);
  options.onDone?.(call, {});
  if (verdict === 'lose-reply') request.socket.destroy();
  else if (end === undefined) response.writeHead(type === 'Event' ? 202 : 204).end();
  else tell(response, end);
}

/** An asynchronous invocation: tried again when it fails, and then given up. */
export async function invokeUntilDone(lambda: LambdaFunction, eventJson: string): Promise<Invocation> {
  let end = await lambda.invoke(eventJson);
  for (let attempt = 2; attempt <= ATTEMPTS && end.kind === 'failed'; attempt++) end = await lambda.invoke(eventJson);
  return end;
}

function tell(response: ServerResponse, end: Invocation): void {
  if (end.kind === 'failed' && end.reason === 'throttled') {
    throw new ServiceError('TooManyRequestsException', end.message, 429);
  }
  const failed = end.kind === 'failed';
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(failed && { 'x-amz-function-error': 'Unhandled' }),
  });
  response.end(failed ? JSON.stringify({ errorMessage: end.message }) : end.json);
}
