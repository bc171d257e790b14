import type { ObjectTable } from './object-table.ts';
import type { S3Request } from './s3-request.ts';
import type { Xml } from './xml.ts';

const MAX_KEYS = 1_000;

type Entry = { readonly kind: 'object' | 'prefix'; readonly name: string };

/** ListObjectsV2: keys in the order of their UTF-8 bytes, those with a delimiter after the prefix as one common prefix. */
export function listObjects(table: ObjectTable, { bucket, query }: S3Request): Xml {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString('utf8');
  const max = Math.min(Number(query.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const entries = entriesOf(table.keys(bucket, prefix), prefix, query.get('delimiter') ?? '').filter(
    ({ name }) => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0,
  );
  const page = entries.slice(0, max);
  const more = entries.length > page.length;
  return {
    Name: bucket,
    Prefix: encode(prefix),
    MaxKeys: max,
    KeyCount: page.length,
    IsTruncated: more,
    ...(query.has('encoding-type') && { EncodingType: 'url' }),
    ...(more && { NextContinuationToken: Buffer.from(page.at(-1)?.name ?? '').toString('base64') }),
    Contents: page
      .filter(({ kind }) => kind === 'object')
      .map(({ name }) => {
        const { body, etag, modified } = table.get(bucket, name) ?? { body: Buffer.alloc(0), etag: '', modified: 0 };
        const LastModified = new Date(modified).toISOString();
        return { Key: encode(name), LastModified, ETag: `"${etag}"`, Size: body.length, StorageClass: 'STANDARD' };
      }),
    CommonPrefixes: page.filter(({ kind }) => kind === 'prefix').map(({ name }) => ({ Prefix: encode(name) })),
  };
}

function entriesOf(keys: readonly string[], prefix: string, delimiter: string): readonly Entry[] {
  if (delimiter === '') return keys.map((name) => ({ kind: 'object', name }));
  const entries = new Map<string, Entry>();
  for (const key of keys) {
    const cut = key.indexOf(delimiter, prefix.length);
    const name = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    entries.set(name, { kind: cut < 0 ? 'object' : 'prefix', name });
  }
  return [...entries.values()];
}
