import { describe, expect, test } from 'vitest';
import { dynamodb, dynamodbChanges } from '../../../core/connector/aws/dynamodb.ts';
import { http } from '../../../core/connector/aws/http.ts';
import { kinesis } from '../../../core/connector/aws/kinesis.ts';
import { s3 } from '../../../core/connector/aws/s3.ts';
import { sqs } from '../../../core/connector/aws/sqs.ts';
import { collect } from '../../../core/connector/collect.ts';
import { collection } from '../../../core/connector/collection.ts';
import { explain } from '../../../core/graph/explain.ts';
import { planOf } from '../../../core/graph/plan.ts';
import { replaceConnectors } from '../../../core/graph/replace.ts';
import { job } from '../../../core/job/job.ts';
import { runLocal } from '../../../core/local/run-local.ts';
import { count } from '../../../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../../../core/window/assigner.ts';

type Click = { readonly page: string; readonly at: number };

const perPage = job('clicks', ({ source }) =>
  source('clicks', kinesis<Click>({ stream: 'clicks' }), { eventTime: { from: (click) => click.at } })
    .keyBy('page')
    .window(tumbling('1s'))
    .aggregate({ views: count() })
    .uid('perPage')
    .to('table', dynamodb({ table: 'PageViews', key: ['page', 'windowStart'] })),
);

describe('connectors of AWS', () => {
  test('say what they read and write, and are data', () => {
    const { source } = kinesis({ stream: 'clicks', format: 'text' });
    expect(source.resource).toEqual({ kind: 'kinesis-stream', name: 'clicks' });
    expect(source.deployed).toEqual({ word: 'kinesis', options: { stream: 'clicks', format: 'text' } });
    expect(s3({ bucket: 'late', prefix: 'a/' }).sink.resource).toEqual({
      kind: 's3-bucket',
      name: 'late',
      prefix: 'a/',
    });
    expect(http({ url: 'https://hooks.example.com/x' })).toMatchObject({
      name: 'http hooks.example.com',
      resource: { kind: 'none' },
    });
    expect(dynamodbChanges({ stream: 'changes' })).toMatchObject({
      bounded: false,
      resource: { kind: 'kinesis-stream', name: 'changes' },
    });
    const own = 'arn:aws:dynamodb:eu-west-1:111122223333:table/T/stream/2026';
    expect(dynamodbChanges({ stream: own }).resource).toEqual({ kind: 'dynamodb-stream', name: own });
  });

  test('know the key of a table where its types are given', () => {
    const table = dynamodb({ table: 'T', key: { page: 'string', at: 'number' } });
    expect(table.resource).toEqual({
      kind: 'dynamodb-table',
      name: 'T',
      key: [
        { name: 'page', type: 'S' },
        { name: 'at', type: 'N' },
      ],
    });
    expect(dynamodb({ table: 'T', key: 'page' }).resource).toEqual({ kind: 'dynamodb-table', name: 'T' });
  });

  test('refuse options of the other side, and what cannot be', () => {
    expect(() => kinesis({ stream: 's', key: 'user' }).source).toThrow('kinesis.key: a source has no key');
    expect(() => kinesis({ stream: 's', columns: ['a'] }).sink).toThrow('kinesis.columns: a sink has no columns');
    expect(() => kinesis({ stream: 's', format: 'csv' }).source).toThrow('name the columns');
    expect(() => s3({ bucket: 'b', partitionBy: 'day' }).source).toThrow('s3.partitionBy: a source has no partitionBy');
    expect(() => sqs({ queue: 'q.fifo', group: 'user' }).source).toThrow('sqs.group');
    expect(() => dynamodb({ table: 'T', key: [] })).toThrow('dynamodb.key: a key has one field or two');
    expect(() => http({ url: 'ftp://x' })).toThrow('http.url: "ftp://x" is no URL');
  });

  test('are planned and explained with what they guarantee', () => {
    const stages = planOf(perPage.graph).stages;
    expect(stages.map(({ name }) => name)).toEqual(['clicks', 'perPage']);
    const text = explain(planOf(perPage.graph), 'text');
    expect(text).toContain('kinesis clicks');
    expect(text).toContain('dynamodb PageViews');
    expect(text).toContain('exactly-once');
  });

  test('are refused on one machine, all at once, with the way out', async () => {
    await expect(runLocal(perPage.graph)).rejects.toThrow(
      [
        'sources.clicks: kinesis clicks: it works only where the job is deployed; replace it for a run on this machine: --source clicks=FILE, or clicks=- for standard input',
        'sinks.table: dynamodb PageViews: it works only where the job is deployed; replace it for a run on this machine: --sink table=FOLDER, or table=- for standard output',
      ].join('\n'),
    );
  });

  test('run on one machine when they are replaced', async () => {
    const results = collect();
    const clicks = collection([
      { page: '/', at: 1 },
      { page: '/', at: 2 },
    ]);
    const graph = replaceConnectors(perPage.graph, { sources: { clicks }, sinks: { table: results } });
    await (await runLocal(graph)).done;
    expect(results.values).toMatchObject([{ page: '/', windowStart: 0, views: 2 }]);
  });
});
