import { describe, expect, it } from 'vitest';
import { JobSpecError } from '../../core/error/error.ts';
import type { AsyncDescriptor } from '../../core/operator/descriptor.ts';
import { MAX_TIMESTAMP } from '../../core/time/timestamp.ts';
import { harnessOf, valuesOf } from './run-operator.ts';

/** Calls that end when told, in any order. */
class Calls {
  readonly #calls = new Map<unknown, PromiseWithResolvers<unknown>[]>();
  readonly begun: unknown[] = [];
  readonly signals: AbortSignal[] = [];

  readonly call = (value: unknown, signal: AbortSignal): Promise<unknown> => {
    const call = Promise.withResolvers<unknown>();
    this.begun.push(value);
    this.signals.push(signal);
    this.#calls.set(value, [...(this.#calls.get(value) ?? []), call]);
    return call.promise;
  };

  async end(value: unknown, result: unknown = `${String(value)}!`): Promise<void> {
    this.#calls.get(value)?.shift()?.resolve(result);
    await turns();
  }

  async fail(value: unknown, error: unknown = new Error(`no ${String(value)}`)): Promise<void> {
    this.#calls.get(value)?.shift()?.reject(error);
    await turns();
  }
}

/** Lets promises that are settled run their course. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function asyncOf(calls: Calls, more: Partial<AsyncDescriptor> = {}) {
  const descriptor: AsyncDescriptor = {
    kind: 'async',
    call: calls.call,
    order: 'ordered',
    timeoutMs: 1_000,
    capacity: 10,
    ...more,
  };
  return harnessOf(descriptor, { onPoison: 'collect' });
}

const RETRY = { attempts: 3, delayMs: 100, backoff: 2, maxDelayMs: 150 };

describe('async I/O', () => {
  it('ordered gives results in the order of the records', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    for (const value of ['a', 'b', 'c']) harness.record(value, value.charCodeAt(0));
    await calls.end('c');
    await calls.end('b');
    await harness.ready();
    expect(harness.output).toEqual([]);
    await calls.end('a');
    await harness.drain();
    expect(harness.output).toEqual([
      { value: 'a!', timestamp: 97 },
      { value: 'b!', timestamp: 98 },
      { value: 'c!', timestamp: 99 },
    ]);
  });

  it('unordered gives results as they come, but never past a watermark', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { order: 'unordered' });
    for (const value of ['a', 'b']) harness.record(value, 1);
    harness.watermark(1);
    for (const value of ['c', 'd']) harness.record(value, 2);
    harness.watermark(2);
    await calls.end('d');
    await calls.end('b');
    await harness.ready();
    expect(harness.events.map((event) => ('value' in event ? event.value : event))).toEqual(['b!']);
    await calls.end('a');
    await harness.ready();
    await calls.end('c');
    await harness.drain();
    expect(harness.events.map((event) => ('value' in event ? event.value : 'at' in event ? event.at : event))).toEqual([
      'b!',
      'a!',
      1,
      'd!',
      'c!',
      2,
    ]);
  });

  it('hands a watermark straight on where nothing is under way', () => {
    const harness = asyncOf(new Calls());
    harness.watermark(5);
    harness.idle(true);
    expect(harness.events).toHaveLength(2);
  });

  it('emits nothing between the calls of the runtime, but wakes it', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    harness.record('a', 1);
    await calls.end('a');
    expect(harness.output).toEqual([]);
    expect(harness.wakes).toBe(1);
    await harness.ready();
    expect(valuesOf(harness)).toEqual(['a!']);
  });

  it('runs as many calls as its capacity, and is ready when fewer records wait', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { capacity: 2 });
    for (const value of ['a', 'b', 'c']) harness.record(value, 1);
    expect(calls.begun).toEqual(['a', 'b']);
    let ready = false;
    const waiting = harness.ready().then(() => {
      ready = true;
    });
    await calls.end('b');
    expect([calls.begun, ready]).toEqual([['a', 'b', 'c'], false]);
    await calls.end('a');
    await waiting;
    expect(valuesOf(harness)).toEqual(['a!', 'b!']);
    await calls.end('c');
    await harness.drain();
    expect(harness.operator.ready?.()).toBeUndefined();
  });

  it('gives one result, several or none for a call', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    for (const value of ['none', 'one', 'two']) harness.record(value, 1);
    await calls.end('one', 1);
    await calls.end('two', [1, 2]);
    // `end` takes undefined for its default, so this call is ended by hand.
    await calls.end('none', []);
    await harness.drain();
    expect(valuesOf(harness)).toEqual([1, 1, 2]);
    const silent = asyncOf(calls, { call: async () => undefined });
    silent.record('a', 1);
    await silent.drain();
    expect(silent.output).toEqual([]);
  });

  it('that fails makes the record poison, also where it fails at once', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    harness.record('a', 1);
    harness.record('b', 2);
    await calls.fail('a');
    await calls.end('b');
    await harness.drain();
    expect(harness.deadLetters).toMatchObject([{ reason: 'no a', value: 'a', timestamp: 1 }]);
    expect(valuesOf(harness)).toEqual(['b!']);
    const call = () => {
      throw new Error('at once');
    };
    const throwing = asyncOf(calls, { call });
    throwing.record('a', 1);
    await throwing.drain();
    expect(throwing.deadLetters).toMatchObject([{ reason: 'at once' }]);
  });

  it('lets an error that is not the fault of the record stop the job, where the runtime waits', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    harness.record('a', 1);
    await calls.fail('a', new JobSpecError([{ path: 'x', message: 'wrong' }]));
    await expect(harness.drain()).rejects.toThrow('wrong');
  });
});

describe('an async call that takes too long', () => {
  it('is aborted and gives its fallback', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { fallback: (value) => `${value} instead` });
    harness.record('a', 1);
    harness.processingTime(999);
    expect(calls.signals[0]?.aborted).toBe(false);
    harness.processingTime(1_000);
    expect(calls.signals[0]?.aborted).toBe(true);
    await calls.end('a');
    await harness.drain();
    expect(valuesOf(harness)).toEqual(['a instead']);
  });

  it('is poison without a fallback', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    harness.record('a', 1);
    harness.processingTime(1_000);
    await harness.drain();
    expect(harness.deadLetters).toMatchObject([{ reason: 'the call took longer than its timeout of 1s' }]);
  });

  it('counts its retries in, also while it waits for the next', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { retry: { ...RETRY, delayMs: 5_000, maxDelayMs: 5_000 } });
    harness.record('a', 1);
    await calls.fail('a');
    harness.processingTime(1_000);
    await harness.drain();
    harness.processingTime(9_000);
    expect(calls.begun).toEqual(['a']);
    expect(harness.deadLetters).toHaveLength(1);
  });
});

describe('retries of an async call', () => {
  it('come after delays that grow up to a limit', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { retry: RETRY });
    harness.record('a', 1);
    await calls.fail('a');
    harness.processingTime(99);
    expect(calls.begun).toHaveLength(1);
    harness.processingTime(100);
    expect(calls.begun).toHaveLength(2);
    await calls.fail('a');
    harness.processingTime(249);
    expect(calls.begun).toHaveLength(2);
    harness.processingTime(250);
    expect(calls.begun).toHaveLength(3);
    await calls.end('a');
    await harness.drain();
    expect(valuesOf(harness)).toEqual(['a!']);
  });

  it('end after the last attempt with its error', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls, { retry: { ...RETRY, attempts: 2 } });
    harness.record('a', 1);
    await calls.fail('a', new Error('first'));
    harness.processingTime(100);
    await calls.fail('a', new Error('second'));
    await harness.drain();
    expect(harness.deadLetters).toMatchObject([{ reason: 'second' }]);
    expect(calls.begun).toHaveLength(2);
  });

  it('are made for the errors and results that say so', async () => {
    const calls = new Calls();
    const retry = {
      ...RETRY,
      onError: (error: unknown) => error instanceof RangeError,
      onResult: (result: unknown) => result === 'empty',
    };
    const harness = asyncOf(calls, { retry });
    harness.record('a', 1);
    harness.record('b', 1);
    await calls.fail('a', new Error('final'));
    await calls.end('b', 'empty');
    harness.processingTime(100);
    await calls.end('b', 'full');
    await harness.drain();
    expect(harness.deadLetters).toMatchObject([{ reason: 'final' }]);
    expect(valuesOf(harness)).toEqual(['full']);
    expect(calls.begun).toEqual(['a', 'b', 'b']);
  });
});

describe('a closed async operator', () => {
  it('aborts what is under way and emits nothing more', async () => {
    const calls = new Calls();
    const harness = asyncOf(calls);
    harness.record('a', 1);
    harness.watermark(MAX_TIMESTAMP);
    const draining = harness.operator.drain?.();
    harness.close();
    await calls.end('a');
    await draining;
    expect(calls.signals[0]?.aborted).toBe(true);
    expect(harness.events).toEqual([]);
    expect(harness.clock.nextAlarm).toBeUndefined();
  });
});
