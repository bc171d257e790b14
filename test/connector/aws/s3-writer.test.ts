import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, test } from 'vitest';
import { type S3Options, s3 as s3Sink } from '../../../core/connector/aws/s3.ts';
import { S3ObjectStore } from '../../../functions/adapter/s3-object-store.ts';
import { s3TableWriter } from '../../../functions/connector/s3-table-writer.ts';
import { s3Writer } from '../../../functions/connector/s3-writer.ts';
import { newBucket, s3 } from '../../adapter/aws.ts';
import { batchOf, targetOf } from './writer.ts';

async function setUp(options: Partial<S3Options> = {}) {
  const client = await s3();
  const bucket = await newBucket(client);
  const store = new S3ObjectStore(client, bucket);
  const read = async (name: string) => Buffer.from((await store.get(name)) ?? []);
  return { writer: s3TableWriter(targetOf({ bucket, ...options }, bucket), client), store, read };
}

const NAME = 'part-out-clicks-shardId-000000000000-1-000000000001';

describe('the S3 sink', () => {
  test('writes the records of a commit as one object, named by the commit', async () => {
    const { writer, store, read } = await setUp({ prefix: 'late/' });
    await writer.write(batchOf([{ page: '/a' }, { page: '/b', n: 1n }]));
    await writer.write(batchOf([{ page: '/c' }], 2));
    expect(await store.list('')).toEqual([
      `late/${NAME}.jsonl`,
      'late/part-out-clicks-shardId-000000000000-1-000000000002.jsonl',
    ]);
    expect((await read(`late/${NAME}.jsonl`)).toString()).toBe('{"page":"/a"}\n{"page":"/b","n":1}\n');
  });

  test('replaces the same objects by the same bytes when a batch comes again', async () => {
    for (const options of [{}, { compression: 'gzip' }, { format: 'parquet' }, { partitionBy: 'page' }] as const) {
      const { writer, store, read } = await setUp(options);
      const batch = batchOf([
        { page: '/a', n: 1 },
        { page: '/b', n: 2 },
      ]);
      await writer.write(batch);
      const names = await store.list('');
      const before = await Promise.all(names.map(read));
      await writer.write(batch);
      expect(await store.list('')).toEqual(names);
      expect(await Promise.all(names.map(read))).toEqual(before);
    }
  });

  test('makes a folder for each value of the column of partitions', async () => {
    const { writer, store, read } = await setUp({ partitionBy: 'day', compression: 'gzip' });
    await writer.write(
      batchOf([{ day: '2026-01-01', n: 1 }, { day: 'a/b', n: 2 }, { n: 3 }, { day: '2026-01-01', n: 4 }]),
    );
    expect(await store.list('')).toEqual([
      `day=2026-01-01/${NAME}.jsonl.gz`,
      `day=__null__/${NAME}.jsonl.gz`,
      `day=a%2Fb/${NAME}.jsonl.gz`,
    ]);
    expect(gunzipSync(await read(`day=2026-01-01/${NAME}.jsonl.gz`)).toString()).toBe(
      '{"day":"2026-01-01","n":1}\n{"day":"2026-01-01","n":4}\n',
    );
  });

  test('writes CSV and Parquet, and begins another object for other columns', async () => {
    const csv = await setUp({ format: 'csv' });
    await csv.writer.write(
      batchOf([
        { page: '/a', n: 1 },
        { page: '/b', n: 2, more: 'x' },
      ]),
    );
    expect(await csv.store.list('')).toEqual([`${NAME}-1.csv`, `${NAME}.csv`]);
    expect((await csv.read(`${NAME}.csv`)).toString()).toBe('page,n\n/a,1\n');
    expect((await csv.read(`${NAME}-1.csv`)).toString()).toBe('page,n,more\n/b,2,x\n');

    const parquet = await setUp({ format: 'parquet' });
    const rows = Array.from({ length: 100 }, (_, n) => ({ page: `/p${n % 7}`, ms: n / 2 }));
    await parquet.writer.write(batchOf(rows));
    const bytes = await parquet.read(`${NAME}.parquet`);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(await parquetReadObjects({ file, compressors })).toEqual(rows);
  });

  test('writes lines without the libraries of tables', async () => {
    const client = await s3();
    const bucket = await newBucket(client);
    expect(s3Sink({ bucket }).sink.deployed?.word).toBe('s3');
    expect(s3Sink({ bucket, format: 'parquet' }).sink).toMatchObject({
      name: `s3 ${bucket}`,
      deployed: { word: 's3_table' },
    });
    await s3Writer(targetOf({ bucket }, bucket), client).write(batchOf([{ n: 1 }]));
    expect(await new S3ObjectStore(client, bucket).list('')).toEqual([`${NAME}.jsonl`]);
    const csv = s3Writer(targetOf({ bucket, format: 'csv' }, bucket), client);
    await expect(csv.write(batchOf([{ n: 1 }]))).rejects.toThrow('csv is written by the writer of tables');
  });

  test('refuses what the format cannot hold, and makes no empty object of it', async () => {
    const { writer, store } = await setUp({ format: 'text' });
    expect(await writer.write(batchOf([{ n: 1 }]))).toMatchObject([{ index: 0 }]);
    expect(await writer.write(batchOf([], 2))).toEqual([]);
    expect(await store.list('')).toEqual([]);
  });
});
