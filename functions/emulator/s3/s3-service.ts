import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Gate, type Observe, openGate, type ServiceCall } from '../server/gate.ts';
import { accessKeyOf, type LocalServer, listenLocal } from '../server/local-server.ts';
import { ServiceError } from '../server/service-error.ts';
import { type Checksum, verified } from './checksum.ts';
import { checkRead, checkWrite } from './condition.ts';
import { listObjects } from './list-objects.ts';
import { MultipartUploads, md5 } from './multipart.ts';
import { ObjectTable, type StoredObject } from './object-table.ts';
import { readRequest, type S3Request } from './s3-request.ts';
import { textsOf, type Xml, xmlOf } from './xml.ts';

export type S3Options = {
  /** A folder that keeps the objects; in memory unless given. */
  readonly folder?: string;
  readonly gate?: Gate;
  readonly onDone?: Observe;
  /** Whether a caller may list a bucket: without it S3 answers 403 for a key that is not there. */
  readonly mayList?: (accessKey: string, bucket: string) => boolean;
  readonly now?: () => number;
};

/** The server, with the objects that it serves. */
export type S3Server = LocalServer & { readonly table: ObjectTable };

type Answer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | string;
};

/** What the operations work on. */
type S3 = {
  readonly table: ObjectTable;
  readonly uploads: MultipartUploads;
  readonly mayList: (accessKey: string, bucket: string) => boolean;
  readonly now: () => number;
};

type Operation = (s3: S3, request: S3Request) => Promise<Answer> | Answer;

/**
 * The part of S3 that a store of checkpoints, payloads and results needs: objects whole and in ranges, conditional
 * writes, lists in byte order with pages, uploads in parts, checksums. What it lacks it refuses as NotImplemented.
 */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const s3: S3 = {
    table: await ObjectTable.open(options.folder),
    uploads: new MultipartUploads(),
    mayList: options.mayList ?? (() => true),
    now: options.now ?? Date.now,
  };
  const { gate = openGate, onDone = () => {} } = options;
  const server = await listenLocal(async (request, response) => {
    try {
      const answered = await answer(s3, { gate, onDone }, request);
      if (answered === 'lost') request.socket.destroy();
      else send(request, response, answered);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const body = xmlOf('Error', { Code: error.code, Message: error.message });
      send(request, response, { status: error.status, headers: { 'content-type': 'application/xml' }, body });
    }
  });
  return { ...server, table: s3.table };
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ListBuckets: ({ table }) =>
    xml('ListAllMyBucketsResult', { Buckets: { Bucket: table.buckets.map((Name) => ({ Name })) } }),
  CreateBucket: async ({ table }, { bucket }) => {
    await table.create(bucket);
    return {};
  },
  HeadBucket: () => ({}),
  DeleteBucket: deleteBucket,
  ListObjectsV2: ({ table }, request) => xml('ListBucketResult', listObjects(table, request)),
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: ({ uploads }, request) =>
    xml('InitiateMultipartUploadResult', {
      Bucket: request.bucket,
      Key: request.key,
      UploadId: uploads.create(request, keptHeaders(request)),
    }),
  UploadPart: ({ uploads }, request) => {
    const checksum = verified(request.body, request.headers);
    return { headers: { etag: `"${uploads.add(request)}"`, ...checksumHeader(checksum) } };
  },
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: ({ uploads }, request) => {
    uploads.forget(request);
    return { status: 204 };
  },
};

type Watch = { readonly gate: Gate; readonly onDone: Observe };

async function answer(s3: S3, { gate, onDone }: Watch, incoming: IncomingMessage): Promise<Answer | 'lost'> {
  const request = await readRequest(incoming);
  const accessKey = accessKeyOf(incoming);
  const call = callOf(request, accessKey);
  const verdict = await gate(call);
  const operation = OPERATIONS[request.operation];
  if (operation === undefined) {
    throw new ServiceError('NotImplemented', `the emulated S3 has no ${incoming.method} ${incoming.url}`, 501);
  }
  if (request.bucket !== '' && request.operation !== 'CreateBucket' && !s3.table.has(request.bucket)) {
    throw new ServiceError('NoSuchBucket', `The bucket ${request.bucket} does not exist`, 404);
  }
  if (verdict === 'lose-request') return 'lost';
  const result = await perform(s3, operation, { request, accessKey });
  onDone(call, {});
  return verdict === 'lose-reply' ? 'lost' : result;
}

/** Who may not list a bucket is not told that a key is absent. */
async function perform(
  s3: S3,
  operation: Operation,
  { request, accessKey }: { request: S3Request; accessKey: string },
) {
  try {
    return await operation(s3, request);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'NoSuchKey' || s3.mayList(accessKey, request.bucket))
      throw error;
    const message = `${request.bucket}/${request.key} is not there, and without s3:ListBucket on the bucket S3 does not say so`;
    throw new ServiceError('AccessDenied', message, 403);
  }
}

function callOf({ operation, bucket, key, query, body }: S3Request, accessKey: string): ServiceCall {
  const Keys = operation === 'DeleteObjects' ? textsOf(body.toString('utf8'), 'Key') : undefined;
  const input = { Bucket: bucket, Key: key, Prefix: query.get('prefix') ?? undefined, Keys, Bytes: body.length };
  return { service: 's3', operation, input, accessKey };
}

function xml(root: string, content: Xml): Answer {
  return { headers: { 'content-type': 'application/xml' }, body: xmlOf(root, content) };
}

async function deleteBucket({ table }: S3, { bucket }: S3Request): Promise<Answer> {
  if (table.keys(bucket, '').length > 0) {
    throw new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
  }
  await table.drop(bucket);
  return { status: 204 };
}

async function putObject({ table, now }: S3, request: S3Request): Promise<Answer> {
  const { bucket, key, body, headers } = request;
  const checksum = verified(body, headers);
  checkWrite(headers, table.get(bucket, key));
  const etag = md5(body);
  const object = { body, etag, modified: now(), headers: keptHeaders(request), ...(checksum && { checksum }) };
  await table.put(bucket, key, object);
  return { headers: { etag: `"${etag}"`, ...checksumHeader(checksum) } };
}

async function copyObject({ table, now }: S3, request: S3Request): Promise<Answer> {
  const source = decodeURIComponent(request.headers.get('x-amz-copy-source') ?? '').replace(/^\//, '');
  const cut = source.indexOf('/');
  const object = existing(table.get(source.slice(0, cut), source.slice(cut + 1)));
  checkWrite(request.headers, table.get(request.bucket, request.key));
  const modified = now();
  await table.put(request.bucket, request.key, { ...object, modified });
  return xml('CopyObjectResult', { ETag: `"${object.etag}"`, LastModified: new Date(modified).toISOString() });
}

async function completeUpload({ table, uploads, now }: S3, request: S3Request): Promise<Answer> {
  const { bucket, key } = request;
  const object = uploads.assemble(request);
  checkWrite(request.headers, table.get(bucket, key));
  uploads.forget(request);
  await table.put(bucket, key, { ...object, modified: now() });
  return xml('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: `"${object.etag}"` });
}

function getObject({ table }: S3, { bucket, key, headers }: S3Request): Answer {
  const object = existing(table.get(bucket, key));
  const about = {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modified).toUTCString(),
    'accept-ranges': 'bytes',
  };
  if (checkRead(headers, object) === 'not modified') return { status: 304, headers: about };
  const range = rangeOf(headers.get('range'), object.body.length);
  if (range !== undefined) {
    const { from, to } = range;
    const part = { ...about, 'content-range': `bytes ${from}-${to}/${object.body.length}` };
    return { status: 206, headers: part, body: object.body.subarray(from, to + 1) };
  }
  const asked = headers.get('x-amz-checksum-mode') === 'ENABLED';
  return { headers: { ...about, ...(asked && checksumHeader(object.checksum)) }, body: object.body };
}

/** `bytes=0-9`, `bytes=10-` and `bytes=-5`; undefined for the whole object. */
function rangeOf(
  header: string | undefined,
  length: number,
): { readonly from: number; readonly to: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (from > to) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { from, to };
}

async function deleteObject({ table }: S3, { bucket, key, headers }: S3Request): Promise<Answer> {
  checkWrite(headers, table.get(bucket, key));
  await table.delete(bucket, key);
  return { status: 204 };
}

async function deleteObjects({ table }: S3, { bucket, body }: S3Request): Promise<Answer> {
  const keys = textsOf(body.toString('utf8'), 'Key');
  if (keys.length > 1_000) throw new ServiceError('MalformedXML', 'DeleteObjects takes 1,000 keys at most');
  await Promise.all(keys.map((key) => table.delete(bucket, key)));
  return xml('DeleteResult', { Deleted: keys.map((Key) => ({ Key })) });
}

function existing(object: StoredObject | undefined): StoredObject {
  if (object === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  return object;
}

/** What an object is given back with. */
function keptHeaders({ headers }: S3Request): Record<string, string> {
  const kept = [...headers].filter(([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'));
  const encoding = headers.get('content-encoding')?.replace(/aws-chunked,?\s*/, '');
  return { ...Object.fromEntries(kept), ...(encoding && { 'content-encoding': encoding }) };
}

function checksumHeader(checksum: Checksum | undefined): Record<string, string> {
  return checksum === undefined ? {} : { [checksum.header]: checksum.value };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers = {}, body = '' }: Answer,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}
