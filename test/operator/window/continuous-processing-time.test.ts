import { describe, expect, it } from 'vitest';
import { tumbling } from '../../../core/window/assigner.ts';
import { trigger } from '../../../core/window/triggers.ts';
import { harnessOf } from '../run-operator.ts';

const listsOf = (time: 'event' | 'processing') =>
  harnessOf<readonly number[]>(
    {
      kind: 'window',
      assigner: tumbling('10s', { time }),
      trigger: trigger.continuousProcessingTime('3s'),
      allowedLatenessMs: 0,
      computation: {
        kind: 'process',
        create: () => ({ process: (values: readonly number[], { emit }) => emit(values) }),
      },
    },
    { now: 1_000 },
  );

describe('a continuous trigger of processing time', () => {
  it('fires at each multiple of its interval and at the end of the window, with all it holds', () => {
    const harness = listsOf('processing');
    harness.record(1, 0);
    harness.processingTime(2_999);
    expect(harness.values()).toEqual([]);
    harness.processingTime(3_000);
    harness.record(2, 0);
    harness.processingTime(6_000);
    harness.processingTime(9_998);
    expect(harness.values()).toEqual([[1], [1, 2], [1, 2]]);
    harness.processingTime(9_999);
    expect(harness.values()).toHaveLength(4);
    expect(harness.stateSize).toBe(0);
  });

  it('fires once for what came into a window of event time whose end the clock has passed', () => {
    const harness = listsOf('event');
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
