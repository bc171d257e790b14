import { expect, test } from 'vitest';
import { dynamodb } from '../../../core/connector/aws/dynamodb.ts';
import { kinesis } from '../../../core/connector/aws/kinesis.ts';
import { collect } from '../../../core/connector/collect.ts';
import { defineSink } from '../../../core/connector/define-sink.ts';
import { PoisonRecordError } from '../../../core/error/error.ts';
import { job } from '../../../core/job/job.ts';
import { systemClock } from '../../../core/local/system-clock.ts';
import type { RecordBatch } from '../../../core/port/record-writer.ts';
import { openWriters } from '../../../functions/connector/open-writers.ts';
import type { SinkTarget } from '../../../functions/connector/sink-target.ts';
import { batchOf } from './writer.ts';

const results = collect<number>({ onCommit: true });
const picky = defineSink<number>({
  name: 'picky',
  resource: { kind: 'none' },
  write(value) {
    if (value === 2) throw new PoisonRecordError('not this one');
  },
});
const { graph } = job('ends', ({ source }) => {
  const numbers = source('numbers', kinesis<number>({ stream: 's' }));
  numbers.to('table', dynamodb({ table: 'T', key: 'id' }));
  numbers.to('results', results);
  numbers.to('picky', picky);
});

const common = { graph, incarnation: 1, clock: systemClock };

test('a sink of AWS is made from its options and its address, by what is bundled', async () => {
  const made: unknown[] = [];
  const writers = {
    dynamodb: ({ uid, options, address }: SinkTarget<object>) => {
      made.push({ uid, options, address });
      return { write: async (_: RecordBatch) => [] };
    },
  };
  openWriters({ ...common, sinks: { table: 'PageViews-1' }, writers });
  expect(made).toEqual([{ uid: 'table', options: { table: 'T', key: 'id' }, address: 'PageViews-1' }]);
});

test('a sink that the job has not, or whose writer is not bundled, is told', () => {
  expect(() => openWriters({ ...common, sinks: { nowhere: '' }, writers: {} })).toThrow(
    'no sink nowhere; deploy it again',
  );
  expect(() => openWriters({ ...common, sinks: { table: '' }, writers: {} })).toThrow(
    'the writer of dynamodb is not in this bundle',
  );
});

test('a sink of one machine, or one of the user, is written and committed at once', async () => {
  const writers = openWriters({ ...common, sinks: { results: '', picky: '' }, writers: {} });
  expect(await writers.get('results')?.write(batchOf([1, 2]))).toEqual([]);
  expect(results.values).toEqual([1, 2]);
  expect(await writers.get('picky')?.write(batchOf([1, 2, 3]))).toEqual([{ index: 1, reason: 'not this one' }]);
});
