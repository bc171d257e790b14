import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readChunked } from '../../functions/emulator/s3/aws-chunked.ts';
import { type S3Options, startS3 } from '../../functions/emulator/s3/s3-service.ts';
import { s3At } from './clients.ts';

const Bucket = 'b';

async function withBucket(options: S3Options = {}): Promise<S3Client> {
  const server = await startS3(options);
  onTestFinished(() => server.close());
  const client = s3At(server.url);
  await client.send(new CreateBucketCommand({ Bucket }));
  return client;
}

const put = (client: S3Client, Key: string, Body: string | Uint8Array = Key, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (client: S3Client, Key: string, more: object = {}) =>
  (await client.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const keysOf = async (client: S3Client, more: object = {}) => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, ...more }));
  return Contents.map(({ Key }) => Key);
};

describe('S3', () => {
  test('an object comes back byte for byte, with its type and metadata', async () => {
    const client = await withBucket();
    const Body = Uint8Array.from({ length: 70_000 }, (_, n) => n % 251);
    await put(client, 'a/b c+d', Body, { ContentType: 'application/x-test', Metadata: { writer: 'me' } });
    const object = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b c+d' }));
    expect(await object.Body?.transformToByteArray()).toEqual(Body);
    expect(object).toMatchObject({ ContentType: 'application/x-test', Metadata: { writer: 'me' } });
  });

  test('of many puts with If-None-Match one wins', async () => {
    const client = await withBucket();
    const puts = Array.from({ length: 20 }, (_, n) => put(client, 'k', `${n}`, { IfNoneMatch: '*' }));
    const ended = await Promise.allSettled(puts);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await get(client, 'k')).toBe(`${ended.findIndex(({ status }) => status === 'fulfilled')}`);
    await expect(put(client, 'k', 'x', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('a put with If-Match replaces the version that it names, and no other', async () => {
    const client = await withBucket();
    const { ETag } = await put(client, 'k', 'one');
    await put(client, 'k', 'two', { IfMatch: ETag });
    await expect(put(client, 'k', 'three', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await get(client, 'k')).toBe('two');
  });

  test.each([
    ['bytes=0-4', '01234'],
    ['bytes=5-', '56789'],
    ['bytes=-3', '789'],
    ['bytes=8-100', '89'],
  ])('the range %s of an object is %s', async (Range, expected) => {
    const client = await withBucket();
    await put(client, 'k', '0123456789');
    expect(await get(client, 'k', { Range })).toBe(expected);
  });

  test('a range beyond the object is refused', async () => {
    const client = await withBucket();
    await put(client, 'k', '0123456789');
    await expect(get(client, 'k', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('a head tells the length of an object without its bytes', async () => {
    const client = await withBucket();
    await put(client, 'k', '0123456789');
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({ ContentLength: 10 });
  });

  test('an object that is not there is NoSuchKey; for one who may not list, AccessDenied', async () => {
    await expect(get(await withBucket(), 'k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const blind = await withBucket({ mayList: () => false });
    await expect(get(blind, 'k')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a list is in the order of UTF-8 bytes, which is not that of UTF-16', async () => {
    const client = await withBucket();
    const keys = ['\u{1F600}', '\uFF5E', 'z', 'Z', 'a/b', 'a', 'ä'];
    for (const key of keys) await put(client, key);
    expect(await keysOf(client)).toEqual(['Z', 'a', 'a/b', 'z', 'ä', '\uFF5E', '\u{1F600}']);
  });

  test('the pages of a list, of whatever size, make the whole list', async () => {
    const client = await withBucket();
    const key = fc.string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom('a', 'b', '/', 'é', '+', ' ', '&', '<'),
    });
    const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 4 }), async (some, MaxKeys) => {
        const Prefix = `${run++}-`;
        for (const one of some) await put(client, Prefix + one);
        const seen: (string | undefined)[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys, ContinuationToken }));
          seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken);
        const byBytes = [...some].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(seen).toEqual(byBytes.map((one) => Prefix + one));
      }),
      { numRuns: 30 },
    );
  });

  test('a delimiter folds what follows it into common prefixes', async () => {
    const client = await withBucket();
    for (const key of ['p/a', 'p/b/1', 'p/b/2', 'p/c/1', 'q']) await put(client, key);
    const list = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'p/', Delimiter: '/' }));
    expect(list.Contents?.map(({ Key }) => Key)).toEqual(['p/a']);
    expect(list.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['p/b/', 'p/c/']);
  });

  test('objects are deleted one by one and many at once', async () => {
    const client = await withBucket();
    for (const key of ['a', 'b&b', 'c', 'd']) await put(client, key);
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b&b' }, { Key: 'c' }, { Key: 'x' }] } }),
    );
    expect(await keysOf(client)).toEqual(['d']);
  });

  test('the parts of an upload make one object, whatever order they came in', async () => {
    const client = await withBucket();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const part = async (PartNumber: number, Body: Uint8Array) => {
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber, Body }));
      return { ETag, PartNumber };
    };
    const second = await part(2, new TextEncoder().encode('end'));
    const first = await part(1, new Uint8Array(5 * 1024 * 1024).fill(7));
    const complete = { Bucket, Key: 'k', UploadId, IfNoneMatch: '*' };
    await client.send(new CompleteMultipartUploadCommand({ ...complete, MultipartUpload: { Parts: [first, second] } }));
    expect(await get(client, 'k', { Range: 'bytes=-4' })).toBe('\u0007end');
  });

  test('a small part before the last is refused, as on S3', async () => {
    const client = await withBucket();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber, Body: 'x' }));
      Parts.push({ ETag, PartNumber });
    }
    const complete = client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload: { Parts } }),
    );
    await expect(complete).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  test('a stream is taken in chunks with its checksum behind', async () => {
    const client = await withBucket();
    const Body = Readable.from([Buffer.alloc(100_000, 'a'), Buffer.alloc(50_000, 'b')]);
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength: 150_000 }));
    const text = await get(client, 'k');
    expect(text).toHaveLength(150_000);
    expect(text?.slice(99_999, 100_001)).toBe('ab');
  });

  test('whatever is cut into chunks is put together again', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), (pieces) => {
        const chunks = pieces.flatMap((piece) => [
          Buffer.from(`${piece.length.toString(16)}\r\n`),
          piece,
          Buffer.from('\r\n'),
        ]);
        const sent = Buffer.concat([...chunks, Buffer.from('0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n')]);
        const { body, trailers } = readChunked(sent);
        expect(body).toEqual(Buffer.concat(pieces));
        expect(trailers.get('x-amz-checksum-crc32')).toBe('AAAA');
      }),
    );
  });

  test('a body that differs from its checksum is refused', async () => {
    const client = await withBucket();
    const bad = put(client, 'k', 'x', { ChecksumSHA256: Buffer.alloc(32).toString('base64') });
    await expect(bad).rejects.toMatchObject({ name: 'BadDigest' });
  });

  test('a put whose reply is lost has happened', async () => {
    const client = await withBucket({ gate: ({ operation }) => (operation === 'PutObject' ? 'lose-reply' : 'answer') });
    await expect(put(client, 'k')).rejects.toThrow(/socket|ECONNRESET/i);
    expect(await get(client, 'k')).toBe('k');
  });

  test('a bucket in a folder is there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-s3-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const before = await startS3({ folder });
    const client = s3At(before.url);
    await client.send(new CreateBucketCommand({ Bucket }));
    await put(client, 'a/../b', 'body');
    await before.close();
    expect(await get(await withBucket({ folder }), 'a/../b')).toBe('body');
  });
});
