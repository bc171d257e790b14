import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of this process on 127.0.0.1, on a port that the system chose. */
export type LocalServer = {
  readonly url: string;
  /** Breaks open connections: who is in the middle of a call must take it for lost. */
  close(): Promise<void>;
};

export type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export async function listenLocal(handle: Handle): Promise<LocalServer> {
  const server = createServer((request, response) => {
    response.setHeader('x-amzn-requestid', randomUUID());
    handle(request, response).catch((error: unknown) => {
      // A fault of the emulator itself: as AWS does, say 500, which clients try again.
      if (!response.headersSent) response.writeHead(500, { 'x-amzn-errortype': 'InternalFailure' });
      response.end(JSON.stringify({ __type: 'InternalFailure', message: String(error) }));
    });
  });
  // Clients keep connections for long; Node's own 5 s would cut them at a bad moment.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Above every limit of the emulated services: 16 MB of a BatchWriteItem, 10 MB of PutRecords in base64; S3 parts in tests are small. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`a request of more than ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The access key of a request's signature (version 4); empty where it is not signed. */
export function accessKeyOf(request: IncomingMessage): string {
  return /Credential=([^/,]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
}
