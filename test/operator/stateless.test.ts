import { describe, expect, it } from 'vitest';
import { InvariantError, JobSpecError } from '../../core/error/error.ts';
import type { OperatorDescriptor } from '../../core/operator/descriptor.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

const double = (value: number) => value * 2;
const odd = (value: number) => {
  if (value < 0) throw new Error('negative');
  return value % 2 === 1;
};

describe('map, filter and flatMap', () => {
  it('keep the timestamps of their records', () => {
    const map = harnessOf({ kind: 'map', map: double });
    map.record(21, 5);
    expect(map.output).toEqual([{ value: 42, timestamp: 5 }]);
    const flat = harnessOf({ kind: 'flatMap', flatMap: (text: string) => text.split(' ') });
    flat.record('a b', 7);
    expect(flat.output).toEqual([
      { value: 'a', timestamp: 7 },
      { value: 'b', timestamp: 7 },
    ]);
  });

  it('filter lets through what its predicate says', () => {
    const harness = harnessOf({ kind: 'filter', filter: odd });
    for (const value of [1, 2, 3]) harness.record(value, value);
    expect(valuesOf(harness)).toEqual([1, 3]);
    expect([harness.metrics.recordsIn, harness.metrics.recordsOut]).toEqual([3, 2]);
  });

  it('flatMap takes what is emitted and what is returned, nothing too', () => {
    const flatMap = (value: number, emit: (value: number) => void) => {
      if (value === 0) return undefined;
      emit(value);
      return new Set([value + 1, value + 2]);
    };
    const harness = harnessOf({ kind: 'flatMap', flatMap: flatMap as never });
    harness.record(0, 1);
    harness.record(5, 2);
    expect(valuesOf(harness)).toEqual([5, 6, 7]);
  });

  it('flatMap refuses what is no list of records', () => {
    const harness = harnessOf({ kind: 'flatMap', flatMap: (() => 'text') as never }, { onPoison: 'collect' });
    harness.record(1, 1);
    expect(harness.deadLetters[0]?.reason).toBe(
      'flatMap must return an iterable of records or nothing; it returned string',
    );
  });

  it('hand watermarks and idleness on', () => {
    const harness = harnessOf({ kind: 'map', map: double });
    harness.watermark(5);
    harness.idle(true);
    expect(harness.events).toEqual([
      { kind: 'watermark', at: 5 },
      { kind: 'idle', isIdle: true },
    ]);
    expect(harness.metrics.watermark).toBe(5);
  });
});

describe('co-map and co-flatMap', () => {
  it('have a function for each input', () => {
    const map = harnessOf({ kind: 'coMap', left: double, right: (text: string) => text.length });
    map.record(4, 1, 0);
    map.record('four', 2, 1);
    expect(map.output).toEqual([
      { value: 8, timestamp: 1 },
      { value: 4, timestamp: 2 },
    ]);
    const flat = harnessOf({ kind: 'coFlatMap', left: (n: number) => [n, n], right: (text: string) => [...text] });
    flat.record(1, 1, 0);
    flat.record('ab', 2, 1);
    expect(valuesOf(flat)).toEqual([1, 1, 'a', 'b']);
  });
});

const failing = () => {
  throw new Error('bad record');
};
const THROWING: readonly (readonly [OperatorDescriptor, number])[] = [
  [{ kind: 'map', map: failing }, 0],
  [{ kind: 'filter', filter: failing }, 0],
  [{ kind: 'flatMap', flatMap: failing }, 0],
  [{ kind: 'coMap', left: failing, right: double }, 0],
  [{ kind: 'coMap', left: double, right: failing }, 1],
  [{ kind: 'coFlatMap', left: failing, right: () => [] }, 0],
  [{ kind: 'coFlatMap', left: () => [], right: failing }, 1],
  [{ kind: 'process', create: () => ({ process: failing }) }, 0],
  [{ kind: 'coProcess', create: () => ({ processLeft: failing, processRight: failing }) }, 1],
  [{ kind: 'broadcastProcess', create: () => ({ process: failing, processBroadcast: failing }) }, 1],
  [{ kind: 'reduce', key: { of: failing, columns: ['key'] }, reduce: failing }, 0],
  [{ kind: 'keyedProcess', key: { of: String, columns: ['key'] }, create: () => ({ process: failing }) }, 0],
];

describe('a function that throws', () => {
  it.each(THROWING)('makes the record poison and lets the stream go on: %o', (descriptor, port) => {
    const harness = harnessOf(descriptor, { onPoison: 'collect' });
    harness.record(1, 10, port);
    harness.record(2, 11, port);
    expect(harness.deadLetters).toMatchObject([
      { reason: 'bad record', value: 1, timestamp: 10 },
      { reason: 'bad record', value: 2, timestamp: 11 },
    ]);
    expect(harness.output).toEqual([]);
  });

  it('stops the job where the error is not the fault of a record', () => {
    const fatal = () => {
      throw new InvariantError('broken');
    };
    const harness = harnessOf({ kind: 'map', map: fatal }, { onPoison: 'collect' });
    expect(() => harness.record(1, 1)).toThrow('broken');
  });
});

const later = async () => 1;
const PROMISING: readonly (readonly [OperatorDescriptor, number])[] = [
  [{ kind: 'map', map: later }, 0],
  [{ kind: 'filter', filter: later as never }, 0],
  [{ kind: 'flatMap', flatMap: later as never }, 0],
  [{ kind: 'coMap', left: double, right: later }, 1],
  [{ kind: 'process', create: () => ({ process: later as never }) }, 0],
  [{ kind: 'keyedProcess', key: { of: String, columns: ['key'] }, create: () => ({ process: later as never }) }, 0],
];

describe('a function that returns a promise', () => {
  it.each(PROMISING)('stops the job with an error that names the async operator: %o', (descriptor, port) => {
    const harness = harnessOf(descriptor, { onPoison: 'collect', uid: 'step' });
    const give = () => harness.record(1, 10, port);
    expect(give).toThrow(JobSpecError);
    expect(give).toThrow(/^step: .* returned a promise; it must be synchronous\. Waiting is the async operator's/);
  });
});
