import { describe, expect, test } from 'vitest';
import { readMapping } from '../../functions/emulator/mapping/mapping-settings.ts';

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks';
const inOrder = { EventSourceArn: STREAM, FunctionName: 'f', StartingPosition: 'TRIM_HORIZON' };

describe('an event source mapping', () => {
  test('has the defaults of Lambda', () => {
    expect(readMapping('M', inOrder, true)).toEqual({
      kind: 'kinesis',
      source: STREAM,
      target: 'f',
      batchSize: 100,
      windowMs: 0,
      start: { kind: 'oldest' },
      bisect: false,
      reportsFailures: false,
      fanOut: false,
      maxConcurrency: 5,
    });
  });

  test('of a consumer reads the stream of the consumer, pushed', () => {
    const settings = readMapping('M', { ...inOrder, EventSourceArn: `${STREAM}/consumer/c:1` }, true);
    expect([settings.source, settings.fanOut]).toEqual([STREAM, true]);
  });

  test.each([
    ['ParallelizationFactor', 2],
    ['MaximumRetryAttempts', 3],
    ['MaximumRetryAttempts', 0],
    ['MaximumRecordAgeInSeconds', 3_600],
    ['FilterCriteria', { Filters: [] }],
    ['TumblingWindowInSeconds', 30],
    ['StartingPosition', 'LATEST'],
  ])('of an inbox with %s %o is refused by name', (property, value) => {
    expect(() => readMapping('M', { ...inOrder, [property]: value }, true)).toThrow(`M.${property}`);
  });

  test('tells all that is refused at once', () => {
    const properties = { ...inOrder, ParallelizationFactor: 10, MaximumRetryAttempts: 5 };
    expect(() => readMapping('M', properties, true)).toThrow(/ParallelizationFactor[\s\S]*MaximumRetryAttempts/);
  });

  test('may begin at the newest record of a stream that is no inbox', () => {
    expect(readMapping('M', { ...inOrder, StartingPosition: 'LATEST' }, false).start).toEqual({ kind: 'newest' });
  });

  test.each([-1, undefined])('that retries without end (%s) is run', (MaximumRetryAttempts) => {
    expect(() => readMapping('M', { ...inOrder, MaximumRetryAttempts }, true)).not.toThrow();
  });

  test('of something that nobody polls here is refused', () => {
    const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x';
    expect(() => readMapping('M', { ...inOrder, EventSourceArn: table }, false)).toThrow(/no emulator polls/);
  });
});
