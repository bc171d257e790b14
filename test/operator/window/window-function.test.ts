import { expect, it } from 'vitest';
import type { WindowDescriptor } from '../../../core/operator/descriptor.ts';
import { MAX_TIMESTAMP } from '../../../core/time/timestamp.ts';
import { session, tumbling } from '../../../core/window/assigner.ts';
import type { WindowContext, WindowProcessFunction } from '../../../core/window/window-function.ts';
import { harnessOf } from '../run-operator.ts';

type Item = { readonly key: string; readonly value: number };

const harnessWith = (create: () => WindowProcessFunction<string, Item, unknown>) =>
  harnessOf({
    kind: 'window',
    key: { of: ({ key }: Item) => key, columns: ['key'] },
    assigner: tumbling('10s'),
    allowedLatenessMs: 5_000,
    computation: { kind: 'process', create },
  });

it('a window function counts firings of its window in state that goes with it, and of its key in state that stays', () => {
  const harness = harnessWith(() => ({
    process(_items, context) {
      const ofWindow = context.windowState<{ firings?: number }>();
      const ofKey = context.globalState<{ firings?: number }>();
      ofWindow.firings = (ofWindow.firings ?? 0) + 1;
      ofKey.firings = (ofKey.firings ?? 0) + 1;
      context.emit([context.window.start, ofWindow.firings, ofKey.firings]);
    },
  }));
  harness.record({ key: 'a', value: 1 }, 1_000);
  harness.watermark(10_000);
  harness.record({ key: 'a', value: 2 }, 2_000);
  harness.record({ key: 'a', value: 3 }, 12_000);
  harness.watermark(20_000);
  expect(harness.values()).toEqual([
    [0, 1, 1],
    [0, 2, 2],
    [10_000, 1, 3],
  ]);
  harness.watermark(MAX_TIMESTAMP);
  expect(harness.stateSize).toBe(1);
});

it('a window function is told when a window goes, with the state of both, and may tidy', () => {
  const harness = harnessWith(() => ({
    process: (items, context) => Object.assign(context.windowState(), { items: items.length }),
    clear({ key, window, windowState, globalState, side }: WindowContext<string>) {
      side('gone', [key, window.end, windowState<{ items: number }>().items]);
      Object.assign(globalState<{ gone?: number }>(), { gone: window.end });
    },
  }));
  harness.record({ key: 'a', value: 1 }, 1_000);
  harness.watermark(14_998);
  expect(harness.sideOutput('gone')).toEqual([]);
  harness.watermark(14_999);
  expect(harness.sideOutput('gone').map(({ value }) => value)).toEqual([['a', 10_000, 1]]);
  expect(harness.stateSize).toBe(1);
});

it('a window function sees the key, the window, the watermark and the clock', () => {
  const harness = harnessWith(() => ({
    process: (_items, { key, window, watermark, processingTime, emit }) =>
      emit([key, window, watermark, processingTime]),
  }));
  harness.processingTime(77);
  harness.record({ key: 'a', value: 1 }, 1_000);
  harness.watermark(12_345);
  expect(harness.values()).toEqual([['a', { start: 0, end: 10_000 }, 12_345, 77]]);
  expect(harness.output[0]?.timestamp).toBe(9_999);
});

it('an aggregate is given to a function with the window at hand, which may give nothing', () => {
  const window: WindowDescriptor = {
    kind: 'window',
    key: { of: ({ key }: Item) => key, columns: ['key'] },
    assigner: tumbling('10s'),
    allowedLatenessMs: 0,
    computation: {
      kind: 'aggregate',
      aggregate: {
        create: () => 0,
        add: (sum: number, { value }: Item) => sum + value,
        result: (sum: number) => sum,
        merge: (one: number, other: number) => one + other,
      },
      result: (sum: number, { key, window: { end } }) => (sum > 2 ? [key, end, sum] : undefined),
    },
  };
  const harness = harnessOf(window);
  harness.record({ key: 'a', value: 1 }, 0);
  harness.record({ key: 'b', value: 2 }, 0);
  harness.record({ key: 'a', value: 3 }, 0);
  harness.watermark(MAX_TIMESTAMP);
  expect(harness.values()).toEqual([['a', 10_000, 4]]);
});

it('the result function of sessions counts firings of its key, however often state had to be fetched meanwhile', () => {
  const harness = harnessOf({
    kind: 'window',
    key: { of: ({ key }: Item) => key, columns: ['key'] },
    assigner: session(10),
    allowedLatenessMs: 50,
    computation: {
      kind: 'aggregate',
      aggregate: {
        create: () => [] as number[],
        add: (values: number[], { value }: Item) => {
          values.push(value);
          return values;
        },
        merge: (one: number[], other: number[]) => [...one, ...other],
        result: (values: number[]) => values,
      },
      result: (values: number[], { key, window, globalState }) => {
        const ofKey = globalState<{ firings?: number }>();
        ofKey.firings = (ofKey.firings ?? 0) + 1;
        return [key, window.start, window.end, [...values], ofKey.firings];
      },
    },
  });
  for (const [place, key] of ['a', 'b', 'a', 'b'].entries()) harness.record({ key, value: place }, 3 * place);
  harness.watermark(30);
  harness.record({ key: 'a', value: 4 }, 7);
  harness.record({ key: 'b', value: 5 }, 40);
  harness.watermark(60);
  expect(harness.values()).toEqual([
    ['a', 0, 16, [0, 2], 1],
    ['b', 3, 19, [1, 3], 1],
    ['a', 0, 17, [0, 2, 4], 2],
    ['b', 40, 50, [5], 2],
  ]);
});
