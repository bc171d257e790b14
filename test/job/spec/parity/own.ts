import type { Collect } from '../../../../core/connector/collect.ts';
import { collect } from '../../../../core/connector/collect.ts';
import { collection } from '../../../../core/connector/collection.ts';
import {
  BroadcastProcess,
  CoProcess,
  KeyedBroadcastProcess,
  KeyedCoProcess,
  KeyedProcess,
  Process,
} from '../../../../core/job/process.ts';
import type { AggregateFunction } from '../../../../core/operator/aggregate-function.ts';
import type { Context, KeyedContext, TimerContext } from '../../../../core/operator/process-function.ts';
import { state } from '../../../../core/state/state.ts';
import { periodic, punctuated } from '../../../../core/time/watermark-generator.ts';
import type { Evictor } from '../../../../core/window/evictor.ts';
import { trigger } from '../../../../core/window/triggers.ts';
import type { WindowProcessFunction } from '../../../../core/window/window-function.ts';

/** The functions that both a spec (as `./own.ts#name`) and the API use in parity.test.ts. */

export type Click = { page: string; user: string; agent: string; ms: number; at: number };

export const CLICKS: readonly Click[] = [
  { page: '/a', user: 'u1', agent: 'web', ms: 30, at: 1_000 },
  { page: '/b', user: 'u2', agent: 'bot', ms: 10, at: 2_000 },
  { page: '/a', user: 'u2', agent: 'web', ms: 50, at: 4_000 },
  { page: '/b', user: 'u1', agent: 'web', ms: 20, at: 12_000 },
  { page: '/a', user: 'u1', agent: 'web', ms: 40, at: 3_000 },
  { page: '/a', user: 'u3', agent: 'web', ms: 70, at: 13_000 },
];

export const words = ({ page, user }: Click, emit: (text: string) => void): void => {
  emit(page);
  emit(user);
};
export const longest = (a: Click, b: Click): Click => (b.ms > a.ms ? b : a);
export const isSlow = ({ ms }: Click): boolean => ms > 25;
export const slowness = ({ ms }: Click): number => -ms;
export const first = (_value: Click, partitions: number): number => partitions - 1;
export const gap = ({ ms }: Click): number => ms * 100;
export const further = (from: Click, to: Click): number => Math.abs(to.ms - from.ms);
export const all = (clicks: readonly Click[], { window }: { window: { start: number } }): string =>
  `${window.start}: ${clicks.map(({ ms }) => ms).join('+')}`;
export const perWindow = (result: object, { window }: { window: { end: number } }): object => ({
  ...result,
  until: window.end,
});
export const pair = (left: Click, right: Click, { key }: { key: unknown }): object => ({
  key,
  sum: left.ms + right.ms,
});
export const sizes = (left: readonly Click[], right: readonly Click[]): string[] => [`${left.length}:${right.length}`];
export const timeOf = ({ at }: Click): number => at + 1;
export const marks = punctuated<Click>(({ agent, at }) => (agent === 'bot' ? at : undefined));
export const ticks = periodic<Click>(() => ({ onRecord: () => {}, onPeriodic: () => undefined }));

export const lookUp = async ({ user }: Click): Promise<string> => user.toUpperCase();
export const instead = ({ user }: Click): string => `no ${user}`;
export const isBusy = (error: unknown): boolean => (error as Error).message === 'nothing';
export const isEmpty = (result: unknown): boolean => result === '';

export const total: AggregateFunction<Click, number, number> = {
  create: () => 0,
  add: (sum, { ms }) => sum + ms,
  result: (sum) => sum,
  merge: (a, b) => a + b,
};
export const everySecond = trigger.purging(trigger.count(2));
export const lastOnly: Evictor<Click> = { name: 'last only', before: (elements) => elements.slice(-1) };

export class Slow extends Process<Click, string> {
  process({ page, ms }: Click, { emit, side }: Context<string>) {
    if (ms > 35) side('slow', page);
    else emit(page);
  }
}

export class Total extends KeyedProcess<string, Click, { page: string; total: number }> {
  readonly total = state.value<number>('total', { default: 0, ttl: '1d' });

  process({ ms }: Click, { key, emit, timers, timestamp }: KeyedContext<string, { page: string; total: number }>) {
    this.total.set(this.total.get() + ms);
    timers.eventTime(timestamp + 5_000);
    emit({ page: key, total: this.total.get() });
  }

  onTimer(_at: number, { key, emit }: TimerContext<string, { page: string; total: number }>) {
    emit({ page: key, total: -this.total.get() });
  }
}

export class Both extends CoProcess<Click, Click, number> {
  processLeft({ ms }: Click, { emit }: Context<number>) {
    emit(ms);
  }

  processRight({ ms }: Click, { emit }: Context<number>) {
    emit(-ms);
  }
}

export class Shared extends KeyedCoProcess<string, Click, Click, string> {
  readonly seen = state.list<number>('seen');

  processLeft({ ms }: Click) {
    this.seen.add(ms);
  }

  processRight(_click: Click, { key, emit }: KeyedContext<string, string>) {
    emit(`${key}: ${[...this.seen.get()].join('+')}`);
  }
}

export class Rules extends BroadcastProcess<Click, Click, string> {
  readonly limits = state.broadcast<string, number>('limits');

  process({ page, ms }: Click, { emit }: Context<string>) {
    emit(`${page} ${ms} ${this.limits.get(page)}`);
  }

  processBroadcast({ page, ms }: Click) {
    this.limits.set(page, ms);
  }
}

export class KeyedRules extends KeyedBroadcastProcess<string, Click, Click, string> {
  readonly limits = state.broadcast<string, number>('limits');
  readonly count = state.value<number>('count', { default: 0 });

  process({ ms }: Click, { key, emit }: KeyedContext<string, string>) {
    this.count.set(this.count.get() + 1);
    emit(`${key} ${this.count.get()} ${ms} ${this.limits.get(key)}`);
  }

  processBroadcast({ page, ms }: Click) {
    this.limits.set(page, ms);
  }
}

export const Median = (): WindowProcessFunction<string, Click, number> => ({
  process(clicks, { emit }) {
    emit(clicks.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(clicks.length / 2)] ?? 0);
  },
});

export const ownSource = collection(CLICKS);
export const sourceOf = ({ copies }: { copies: number }) =>
  collection(Array.from({ length: copies }, () => CLICKS).flat());
export const ownSink: Collect<unknown> = collect<unknown>();
