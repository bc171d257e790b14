import { describe, expect, it } from 'vitest';
import { MAX_TIMESTAMP, NO_TIMESTAMP } from '../../core/time/timestamp.ts';
import { boundedOutOfOrderness, periodic } from '../../core/time/watermark-generator.ts';
import type { WatermarkStrategy } from '../../core/time/watermark-strategy.ts';
import { harnessOf } from './run-operator.ts';

function assigning(strategy: Partial<WatermarkStrategy> = {}) {
  const whole = {
    timestampOf: (value: unknown) => (value as { at: number }).at,
    generator: boundedOutOfOrderness(10),
    ...strategy,
  };
  return harnessOf({ kind: 'assignTimestamps', strategy: whole }, { onPoison: 'collect' });
}

describe('event time given in mid-stream', () => {
  it('replaces timestamps and watermarks; only the end of the input passes', () => {
    const harness = assigning();
    harness.watermark(5_000);
    harness.idle(true);
    harness.record({ at: 100 }, NO_TIMESTAMP);
    harness.record({ at: 95 }, 3);
    harness.record({ at: 120 }, 4);
    harness.watermark(MAX_TIMESTAMP);
    expect(harness.events).toEqual([
      { kind: 'record', value: { at: 100 }, timestamp: 100 },
      { kind: 'watermark', at: 89 },
      { kind: 'record', value: { at: 95 }, timestamp: 95 },
      { kind: 'record', value: { at: 120 }, timestamp: 120 },
      { kind: 'watermark', at: 109 },
      { kind: 'watermark', at: MAX_TIMESTAMP },
    ]);
  });

  it('makes a record without event time poison', () => {
    const harness = assigning();
    harness.record({}, 7);
    expect(harness.deadLetters).toMatchObject([
      { reason: expect.stringContaining('the event time must be an integer') },
    ]);
    expect(harness.events).toEqual([]);
  });

  it('gives no watermark below the last one after a restore', () => {
    const harness = assigning();
    harness.record({ at: 100 }, 0);
    harness.restore(harness.snapshot());
    harness.record({ at: 50 }, 0);
    harness.restore(harness.snapshot());
    harness.record({ at: 101 }, 0);
    expect(harness.watermarks).toEqual([89, 90]);
  });

  it('asks a periodic generator by processing time', () => {
    const generator = periodic<{ at: number }>(() => ({ onRecord: () => {}, onPeriodic: (now) => now - 1 }));
    const harness = assigning({ generator: generator as WatermarkStrategy['generator'] });
    expect(harness.operator.nextProcessingTime).toBe(200);
    harness.processingTime(100);
    harness.processingTime(200);
    expect(harness.watermarks.at(-1) ?? 199).toBe(199);
  });
});
