import { describe, expect, it } from 'vitest';
import { KeyedBroadcastProcess, KeyedCoProcess, KeyedProcess, Process } from '../../core/job/process.ts';
import type { Context, KeyedContext, TimerContext } from '../../core/operator/process-function.ts';
import { state } from '../../core/state/state.ts';
import {
  broadcastProcessHarness,
  coProcessHarness,
  keyedBroadcastProcessHarness,
  keyedCoProcessHarness,
  keyedProcessHarness,
  operatorHarness,
  processHarness,
} from '../../core/testing/index.ts';
import type { Timestamp } from '../../core/time/timestamp.ts';

type PageCount = { readonly page: string; readonly views: number };

class Spikes extends KeyedProcess<string, PageCount, string> {
  readonly #usual = state.value<number>('usual', { default: 5 });

  process({ views }: PageCount, { key, emit, timers }: KeyedContext<string, string>): void {
    if (views > 3 * this.#usual.get()) emit(`${key} has ${views}`);
    this.#usual.set(views);
    timers.eventTime(100);
  }

  onTimer(_at: Timestamp, { key, emit }: TimerContext<string, string>): void {
    emit(`${key} is over`);
  }
}

class Doubled extends Process<number, number> {
  process(value: number, { emit }: Context<number>): void {
    emit(value * 2);
  }
}

class Balance extends KeyedCoProcess<string, PageCount, PageCount, number> {
  readonly #balance = state.value<number>('balance', { default: 0 });

  processLeft({ views }: PageCount, context: KeyedContext<string, number>): void {
    this.#change(views, context);
  }

  processRight({ views }: PageCount, context: KeyedContext<string, number>): void {
    this.#change(-views, context);
  }

  #change(by: number, { emit }: KeyedContext<string, number>): void {
    this.#balance.set(this.#balance.get() + by);
    emit(this.#balance.get());
  }
}

class Limited extends KeyedBroadcastProcess<string, PageCount, number, string> {
  readonly #limit = state.broadcast<string, number>('limit');

  process({ views }: PageCount, { key, emit }: KeyedContext<string, string>): void {
    if (views > (this.#limit.get('all') ?? 0)) emit(key);
  }

  processBroadcast(limit: number): void {
    this.#limit.set('all', limit);
  }
}

const keyBy = ({ page }: PageCount) => page;

describe('a harness of a process function', () => {
  it('runs a keyed one, with a look at its state and timers', () => {
    const spikes = keyedProcessHarness(Spikes, { keyBy });
    for (const views of [5, 40]) spikes.record({ page: '/home', views }, 9);
    expect(spikes.values()).toEqual(['/home has 40']);
    expect(spikes.state('usual')).toEqual([{ key: '/home', namespace: '', value: 40 }]);
    expect(spikes.timers()).toEqual([{ at: 100, key: '/home' }]);
    spikes.watermark(100);
    expect(spikes.values().at(-1)).toBe('/home is over');
  });

  it('runs the other kinds, each on its ports', () => {
    const doubled = processHarness(Doubled);
    doubled.record(21, 0);
    expect(doubled.values()).toEqual([42]);

    const balance = keyedCoProcessHarness(Balance, { keyBy: [keyBy, keyBy] });
    balance.record({ page: 'a', views: 5 }, 0, 0);
    balance.record({ page: 'a', views: 3 }, 0, 1);
    expect(balance.values()).toEqual([5, 2]);

    const limited = keyedBroadcastProcessHarness(Limited, { keyBy });
    limited.record(10, 0, 1);
    limited.record({ page: 'a', views: 10 }, 0, 0);
    limited.record({ page: 'b', views: 11 }, 0, 0);
    expect(limited.values()).toEqual(['b']);

    const both = coProcessHarness<number, string, unknown>({
      processLeft: (value, { emit }) => emit(value),
      processRight: (value, { emit }) => emit(value),
    });
    both.record(1, 0, 0);
    both.record('x', 0, 1);
    expect(both.values()).toEqual([1, 'x']);

    const echo = broadcastProcessHarness<number, number, unknown>({
      process: (value, { emit }) => emit(value),
      processBroadcast: (rule, { emit }) => emit(-rule),
    });
    echo.record(1, 0, 0);
    echo.record(2, 0, 1);
    expect(echo.values()).toEqual([1, -2]);
  });

  it('runs any operator by its description', () => {
    const map = operatorHarness<number>({ kind: 'map', map: (value: number) => value + 1 });
    map.record(1, 0);
    expect(map.values()).toEqual([2]);
    expect(() => map.record(1, 0, 1)).toThrow('no port 1');
  });
});
