import type { IncomingMessage } from 'node:http';
import { bodyOf } from '../server/local-server.ts';
import { readChunked } from './aws-chunked.ts';

/** A request as S3's operations see it. Buckets are addressed by path. */
export type S3Request = {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** Headers and, of a chunked body, its trailers, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
};

export async function readRequest(request: IncomingMessage): Promise<S3Request> {
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  let body = await bodyOf(request);
  if (headers.get('x-amz-content-sha256')?.startsWith('STREAMING-')) {
    const chunked = readChunked(body);
    body = chunked.body;
    for (const [name, value] of chunked.trailers) headers.set(name, value);
  }
  const asked = { bucket, key: decodeURIComponent(path), query: url.searchParams, headers };
  return { ...asked, body, operation: operationOf(request.method ?? 'GET', asked) };
}

/** The name of AWS's API for a request; empty where the emulator has none. */
function operationOf(method: string, { bucket, key, query, headers }: Omit<S3Request, 'operation' | 'body'>): string {
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : '';
  return key === '' ? bucketOperation(method, query) : objectOperation(method, query, headers);
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (method === 'POST') return query.has('delete') ? 'DeleteObjects' : '';
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : '';
  return { PUT: 'CreateBucket', HEAD: 'HeadBucket', DELETE: 'DeleteBucket' }[method] ?? '';
}

function objectOperation(method: string, query: URLSearchParams, headers: ReadonlyMap<string, string>): string {
  if (method === 'POST') {
    return query.has('uploads') ? 'CreateMultipartUpload' : query.has('uploadId') ? 'CompleteMultipartUpload' : '';
  }
  if (method === 'PUT') {
    const copied = headers.has('x-amz-copy-source');
    if (query.has('uploadId')) return copied ? '' : 'UploadPart';
    return copied ? 'CopyObject' : 'PutObject';
  }
  if (method === 'DELETE') return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  if (query.has('uploadId') || query.has('tagging') || query.has('acl')) return '';
  return { GET: 'GetObject', HEAD: 'HeadObject' }[method] ?? '';
}
