import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate, Input, Observe, ServiceCall, ServiceName } from './gate.ts';
import { accessKeyOf, bodyOf, type LocalServer, listenLocal } from './local-server.ts';
import { ServiceError } from './service-error.ts';

/** One operation of a service; `partly` asks it to refuse every second entry of a batch. */
export type Operation = (input: Input, partly: boolean) => Promise<object> | object;

export type JsonService = {
  readonly name: ServiceName;
  readonly gate: Gate;
  readonly onDone?: Observe;
  /** The operation of a name, undefined where the service has none. */
  operation(name: string): Operation | undefined;
};

export type JsonServer = LocalServer & {
  /** Performs an operation from within this process, past the gate. @throws ServiceError */
  call(operation: string, input: Input): Promise<Readonly<Record<string, unknown>>>;
};

/** Serves AWS's JSON protocols 1.0 and 1.1, which differ in their content type alone. */
export async function serveJson(service: JsonService): Promise<JsonServer> {
  const call: JsonServer['call'] = async (name, input) => {
    return (await operationOf(service, name)(input, false)) as Readonly<Record<string, unknown>>;
  };
  const server = await listenLocal(async (request, response) => {
    try {
      const verdict = await answer(service, request);
      if (verdict === 'lost') request.socket.destroy();
      else send(request, response, 200, verdict);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response.setHeader('x-amzn-errortype', error.code);
      send(request, response, error.status, { __type: error.code, message: error.message, ...error.details });
    }
  });
  return { ...server, call };
}

function operationOf(service: JsonService, name: string): Operation {
  const operation = service.operation(name);
  if (operation) return operation;
  const message = `the emulated ${service.name} has no ${name || 'such operation'}`;
  throw new ServiceError('UnknownOperationException', message);
}

async function answer(service: JsonService, request: IncomingMessage): Promise<object | 'lost'> {
  const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  const input = parse(await bodyOf(request));
  const call: ServiceCall = { service: service.name, operation, input, accessKey: accessKeyOf(request) };
  const verdict = await service.gate(call);
  if (verdict === 'lose-request') return 'lost';
  const result = await operationOf(service, operation)(input, verdict === 'partly');
  service.onDone?.(call, result);
  return verdict === 'lose-reply' ? 'lost' : result;
}

function parse(body: Buffer): Input {
  try {
    const input: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof input === 'object' && input !== null) return input as Input;
  } catch {
    // told below
  }
  throw new ServiceError('SerializationException', 'the body is no JSON object');
}

function send(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}
