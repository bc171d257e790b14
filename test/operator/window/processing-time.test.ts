import { describe, expect, it } from 'vitest';
import type { WindowDescriptor } from '../../../core/operator/descriptor.ts';
import { session, tumbling } from '../../../core/window/assigner.ts';
import { trigger } from '../../../core/window/triggers.ts';
import { harnessOf } from '../run-operator.ts';

/** A window over all keys that gives the list of what it holds; the clock begins at a second. */
const listsOf = (window: Pick<WindowDescriptor, 'assigner' | 'trigger'>) =>
  harnessOf<readonly number[]>(
    {
      kind: 'window',
      allowedLatenessMs: 0,
      computation: {
        kind: 'process',
        create: () => ({ process: (values: readonly number[], { emit }) => emit(values) }),
      },
      ...window,
    },
    { now: 1_000 },
  );
const continuous = (time: 'event' | 'processing') =>
  listsOf({ assigner: tumbling('10s', { time }), trigger: trigger.continuousProcessingTime('3s') });

describe('a continuous trigger of processing time', () => {
  it('fires at each multiple of its interval and at the end of the window, with all it holds', () => {
    const harness = continuous('processing');
    harness.record(1, 0);
    harness.processingTime(3_000);
    expect(harness.values()).toEqual([]);
    harness.processingTime(3_001);
    harness.record(2, 0);
    harness.processingTime(6_001);
    harness.processingTime(9_999);
    expect(harness.values()).toEqual([[1], [1, 2], [1, 2]]);
    harness.processingTime(10_000);
    expect(harness.values()).toHaveLength(4);
    expect(harness.stateSize).toBe(0);
  });

  it('fires once for what came into a window of event time whose end the clock has passed', () => {
    const harness = continuous('event');
    harness.processingTime(1_000_000);
    harness.record(1, 5);
    harness.processingTime(1_000_001);
    harness.processingTime(1_009_000);
    expect(harness.values()).toEqual([[1]]);
    harness.record(2, 6);
    harness.processingTime(1_009_001);
    expect(harness.values()).toEqual([[1], [1, 2]]);
  });
});

describe('sessions of processing time', () => {
  it('end when the clock has seen no record for the gap', () => {
    const harness = listsOf({ assigner: session('5s', { time: 'processing' }) });
    harness.record(1, 0);
    harness.processingTime(5_000);
    harness.record(2, 0);
    harness.processingTime(9_999);
    expect(harness.values()).toEqual([]);
    harness.processingTime(10_000);
    expect(harness.values()).toEqual([[1, 2]]);
    harness.record(3, 0);
    harness.processingTime(20_000);
    expect(harness.values()).toEqual([[1, 2], [3]]);
    expect(harness.stateSize).toBe(0);
  });
});

describe('the trigger of processing time on windows of event time', () => {
  it('fires by the clock, and a window that the watermark has passed is gone without firing', () => {
    const harness = listsOf({ assigner: tumbling('10s'), trigger: trigger.processingTime() });
    harness.record(1, 2_000);
    harness.record(2, 12_000);
    harness.processingTime(10_000);
    expect(harness.values()).toEqual([[1]]);
    harness.watermark(19_999);
    harness.processingTime(30_000);
    expect(harness.values()).toEqual([[1]]);
    expect(harness.stateSize).toBe(0);
  });
});

it('a window of processing time takes records to its very end, and fires once', () => {
  const harness = listsOf({ assigner: tumbling('10s', { time: 'processing' }) });
  harness.record(1, 0);
  harness.processingTime(9_999);
  harness.record(2, 0);
  harness.processingTime(10_000);
  harness.record(3, 0);
  expect(harness.values()).toEqual([[1, 2]]);
});
