import { describe, expect, it } from 'vitest';
import type { Operator, OperatorContext } from '../../core/operator/operator.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { OperatorHarness } from '../../core/testing/operator-harness.ts';

/** Counts per value and emits the count; forgets nothing that is in state, everything that is not. */
function counting(context: OperatorContext): Operator {
  const counts = context.state.table<number>({ name: 'count' });
  const timers = context.state.timers('timers', 'processing');
  const operator: Operator = {
    inputs: [
      {
        record(value, timestamp) {
          if (value === 'bad') return context.poison(new Error('bad value'), value, timestamp);
          const cell = counts.cell(String(value), '') ?? counts.insert(String(value), '', 0);
          cell.value++;
          counts.changed(cell);
          timers.set(timestamp, String(value), '');
          context.output.record(cell.value, timestamp);
          context.side('seen').record(value, timestamp);
        },
      },
    ],
    watermark: (at) => context.output.watermark(at),
    idle: (isIdle) => context.output.idle(isIdle),
    processingTime(now) {
      for (let timer = timers.poll(now); timer; timer = timers.poll(now)) context.output.record(timer.key, timer.at);
    },
  };
  return operator;
}

describe.each([false, true])('the operator harness (restoreEveryRecord: %s)', (restoreEveryRecord) => {
  it('shows output, side outputs, watermarks, state and timers', () => {
    const harness = new OperatorHarness({ create: counting, restoreEveryRecord });
    harness.record('a', 1);
    harness.record('a', 2);
    harness.watermark(2);
    harness.watermark(1);
    harness.idle(true);
    expect(harness.output).toEqual([
      { value: 1, timestamp: 1 },
      { value: 2, timestamp: 2 },
    ]);
    expect(harness.sideOutput('seen').map(({ value }) => value)).toEqual(['a', 'a']);
    expect(harness.watermarks).toEqual([2]);
    expect(harness.state('count')).toEqual([{ key: 'a', namespace: '', value: 2 }]);
    expect(harness.timers('processing').map(({ at }) => at)).toEqual([1, 2]);
    expect(harness.stateSize).toBe(3);
    expect(harness.events.at(-1)).toEqual({ kind: 'idle', isIdle: true });
  });

  it('fires the processing-time timers that are due when the clock is moved', () => {
    const harness = new OperatorHarness({ create: counting, restoreEveryRecord });
    harness.record('a', 10);
    harness.record('b', 20);
    harness.takeOutput();
    harness.processingTime(15);
    expect(harness.clock.now()).toBe(15);
    expect(harness.takeOutput()).toEqual([{ value: 'a', timestamp: 10 }]);
  });

  it('goes on from a snapshot', () => {
    const harness = new OperatorHarness({ create: counting, restoreEveryRecord });
    harness.record('a', 1);
    const snapshot = harness.snapshot();
    harness.record('a', 2);
    harness.restore(snapshot);
    harness.record('a', 3);
    expect(harness.takeOutput().map(({ value }) => value)).toEqual([1, 2, 2]);
  });
});

describe('the operator harness', () => {
  it('gives errors of user functions to the test, unless told to collect them', () => {
    expect(() => new OperatorHarness({ create: counting }).record('bad', 7)).toThrow('bad value');
    const harness = new OperatorHarness({ create: counting, onPoison: 'collect' });
    harness.record('bad', 7);
    expect(harness.deadLetters).toMatchObject([{ reason: 'bad value', value: 'bad', timestamp: 7 }]);
    expect(harness.metrics.deadLetters).toBe(1);
  });

  it('refuses a restore that would lose state', () => {
    const harness = new OperatorHarness({
      create: (context) =>
        context.watermark === 5 ? { ...counting({ ...context, state: other(context) }) } : counting(context),
    });
    harness.record('a', 1);
    harness.watermark(5);
    expect(() => harness.restore(harness.snapshot())).toThrow('did not ask for its state count');
  });

  it('shares the keys of a snapshot out among subtasks', () => {
    const whole = new OperatorHarness({ create: counting });
    for (let i = 0; i < 100; i++) whole.record(`key ${i}`, i);
    const parts = [0, 1, 2].map((index) => {
      const part = new OperatorHarness({ create: counting, subtask: { index, parallelism: 3, maxParallelism: 1024 } });
      part.restore(whole.snapshot());
      return part.state('count').length;
    });
    expect(parts.every((count) => count > 10)).toBe(true);
    expect(parts.reduce((sum, count) => sum + count)).toBe(100);
  });
});

function other({ state }: OperatorContext): OperatorContext['state'] {
  return {
    table: (descriptor) => state.table({ ...descriptor, name: `other ${descriptor.name}` }),
    timers: (name, domain) => state.timers(name, domain),
    list: (descriptor, distribution) => state.list(descriptor, distribution),
  };
}

describe('a manual clock', () => {
  it('runs alarms by time, each at its own time, unless cancelled', () => {
    const clock = new ManualClock(100);
    const seen: string[] = [];
    clock.after(30, () => seen.push(`c at ${clock.now()}`));
    clock.after(10, () => {
      seen.push(`a at ${clock.now()}`);
      clock.after(5, () => seen.push(`b at ${clock.now()}`));
    });
    clock.after(20, () => seen.push('never'))();
    expect(clock.nextAlarm).toBe(110);
    clock.moveTo(200);
    expect(seen).toEqual(['a at 110', 'b at 115', 'c at 130']);
    expect(clock.now()).toBe(200);
  });
});
