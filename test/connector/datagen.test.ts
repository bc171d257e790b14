import { expect, test } from 'vitest';
import { type DatagenOptions, datagen } from '../../core/connector/datagen.ts';
import type { Source } from '../../core/connector/source.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { readAll, readReopening, sourceContext } from './reading.ts';

const fields: DatagenOptions['fields'] = {
  id: { kind: 'sequence', start: 10, step: 5 },
  count: { kind: 'int', min: -3, max: 3 },
  price: { kind: 'double', min: 1, max: 2 },
  word: { kind: 'string', length: 5 },
  color: { kind: 'enum', values: ['red', 'green'], weights: [9, 1] },
  good: { kind: 'boolean', probability: 0.25 },
  at: { kind: 'timestamp', start: '2024-01-01T00:00:00Z', every: '10ms', jitter: '5ms' },
  key: { kind: 'uuid' },
  fixed: { kind: 'constant', value: 'x' },
};
const context = sourceContext('/');

type Made = {
  id: number;
  count: number;
  price: number;
  word: string;
  color: string;
  good: boolean;
  at: number;
  key: string;
};

test('every kind of field keeps to its limits', async () => {
  const { values } = await readAll(datagen<Made>({ count: 4_000, fields }), context);
  const start = Date.UTC(2024, 0, 1);
  for (const [index, value] of values.entries()) {
    expect(value.id).toBe(10 + 5 * index);
    expect(value.price >= 1 && value.price < 2).toBe(true);
    expect(value.word).toMatch(/^[0-9a-f]{5}$/);
    expect(value.at <= start + 10 * index && value.at >= start + 10 * index - 5).toBe(true);
    expect(value.key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(values.map(({ count }) => count))).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
  expect(new Set(values.map(({ key }) => key)).size).toBe(4_000);
  const share = (has: (value: Made) => boolean) => values.filter(has).length / values.length;
  expect(Math.abs(share(({ color }) => color === 'red') - 0.9)).toBeLessThan(0.03);
  expect(Math.abs(share(({ good }) => good) - 0.25)).toBeLessThan(0.03);
});

test('any parallelism gives the same records, and another seed others', async () => {
  const idsFirst = (values: Made[]) => values.sort((a, b) => a.id - b.id);
  const one = idsFirst((await readAll(datagen<Made>({ count: 101, fields }), context, 1)).values);
  const three = idsFirst((await readAll(datagen<Made>({ count: 101, fields }), context, 3)).values);
  expect(three).toEqual(one);
  const other = (await readAll(datagen<Made>({ count: 101, fields, seed: 1 }), context)).values;
  expect(other.map(({ key }) => key)).not.toEqual(one.map(({ key }) => key));
});

test('a reader opened again goes on where it was', async () => {
  const source = datagen({ count: 100, fields }) as Source;
  const [, split] = await source.splits(context, 2);
  if (split === undefined) throw new Error('there is no split');
  const all = await readReopening(source, split, context, [3, 1, 8]);
  const whole = await source.open(split, undefined, context);
  expect(all.values).toEqual((await whole.read(1_000)).values);
});

test('a rate is kept over all subtasks, and a pause is not made up for without limit', async () => {
  const clock = new ManualClock(1_000);
  const source = datagen({ rate: 200, fields: { id: { kind: 'sequence' } } });
  expect(source.bounded).toBe(false);
  const timed = { ...context, clock };
  const splits = await source.splits(timed, 2);
  const readers = await Promise.all(splits.map((split) => source.open(split, undefined, timed)));
  const read = async () => {
    let count = 0;
    for (const reader of readers) count += (await reader.read(10_000)).values.length;
    return count;
  };
  expect(await read()).toBe(2);
  expect(await read()).toBe(0);
  clock.moveTo(1_500);
  expect(await read()).toBe(100);
  clock.moveTo(3_601_500);
  expect(await read()).toBeLessThanOrEqual(202);
});

test.each([
  [{ fields: { a: { kind: 'int', min: 2, max: 1 } } }, /datagen.fields.a: min 2 and max 1/],
  [{ fields: { a: { kind: 'string', length: -1 } } }, /datagen.fields.a: length -1/],
  [{ fields: { a: { kind: 'enum', values: [] } } }, /at least one/],
  [{ fields: { a: { kind: 'enum', values: [1], weights: [1, 2] } } }, /as many weights/],
  [{ fields: { a: { kind: 'timestamp', start: 'soon' } } }, /"soon" is no time/],
  [{ fields: { a: { kind: 'timestamp', every: 'often' } } }, /are durations/],
  [{ fields: {}, rate: 0 }, /datagen.rate: 0 is not a number above 0/],
  [{ fields: {}, count: 1.5 }, /datagen.count: 1.5 is not a whole number/],
] as const)('%j is refused', (options, message) => {
  expect(() => datagen(options)).toThrow(message);
});
