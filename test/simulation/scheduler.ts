import { RetryableError, UnansweredError } from '../../core/error/error.ts';
import type { Clock } from '../../core/port/clock.ts';
import { type Random, seededRandom } from '../../core/port/random.ts';

/**
 * Runs asynchronous code in an order that follows from a seed alone.
 *
 * Whatever the code under test waits for is a call on a port or an alarm of its clock, and each of them waits here until
 * it is chosen. Between two choices all code runs until it waits again. A call can be lost before it is done, its answer
 * can be lost after it, and it can be done long after the caller was told that there is no answer.
 */
export type Faults = {
  /** Probabilities for each call that changes something. */
  readonly lostAnswer: number;
  readonly late: number;
  readonly throttled: number;
};

/** How long a request may be under way after its caller has given up on it. */
export const LATE_MS = 60_000;

type Call = {
  readonly life: Life;
  readonly what: string;
  readonly changes: boolean;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};

type Alarm = { readonly at: number; readonly life: Life; readonly ring: () => void };

/** What dies together: the process of a function's instance. Calls and alarms of the dead are never answered. */
export type Life = { readonly name: string; dead: boolean };

export class Scheduler {
  readonly random: Random;
  readonly #faults: Faults;
  readonly #trace: ((line: string) => void) | undefined;
  #calls: Call[] = [];
  #alarms: Alarm[] = [];
  #late: { readonly run: () => unknown; readonly what: string; readonly until: number }[] = [];
  now = 1_700_000_000_000;
  steps = 0;
  /** Off: nothing fails any more, so that the rest can be waited for. */
  isFaulty = true;

  constructor(seed: number, faults: Faults, trace?: (line: string) => void) {
    this.random = seededRandom(seed);
    this.#faults = faults;
    this.#trace = trace;
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random.next() * items.length)] as T;
  }

  integer(from: number, to: number): number {
    return from + Math.floor(this.random.next() * (to - from + 1));
  }

  log(line: string): void {
    this.#trace?.(`${String(this.steps).padStart(5)} ${line}`);
  }

  /** A call on a port: `run` happens when it is chosen. */
  call<T>(life: Life, what: string, changes: boolean, run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#calls.push({ life, what, changes, run, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** The clock of an instance, `skewMs` away from the true time. */
  clockOf(life: Life, skewMs: number): Clock {
    return {
      now: () => this.now + skewMs,
      elapsedMs: () => this.now,
      after: (ms, ring) => {
        const alarm = { at: this.now + ms, life, ring };
        this.#alarms.push(alarm);
        return () => {
          this.#alarms = this.#alarms.filter((other) => other !== alarm);
        };
      },
    };
  }

  get hasWork(): boolean {
    return this.#calls.length > 0 || this.#alarms.length > 0;
  }

  /** Time goes on without anything happening; requests that are under way for too long are gone. */
  sleep(ms: number): void {
    this.now += ms;
    this.#late = this.#late.filter(({ until }) => until >= this.now);
  }

  kill(life: Life): void {
    life.dead = true;
    this.#calls = this.#calls.filter((call) => call.life !== life);
    this.#alarms = this.#alarms.filter((alarm) => alarm.life !== life);
  }

  /** One call or alarm; false where there is none. */
  async step(): Promise<boolean> {
    await this.settle();
    this.steps++;
    this.now += this.integer(1, 20);
    this.#landLate();
    this.#alarms.sort((left, right) => left.at - right.at);
    const due = this.#alarms[0];
    const rings = due !== undefined && (due.at <= this.now || this.#calls.length === 0);
    if (rings) {
      this.#alarms.shift();
      this.sleep(Math.max(0, due.at - this.now));
      due.ring();
    } else if (this.#calls.length > 0) {
      const [call] = this.#calls.splice(Math.floor(this.random.next() * this.#calls.length), 1) as [Call];
      this.#answer(call);
    } else {
      return false;
    }
    await this.settle();
    return true;
  }

  /** All code runs until it waits for a call or an alarm. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  #answer(call: Call): void {
    const fault = this.isFaulty && call.changes ? this.random.next() : 1;
    const { lostAnswer, late, throttled } = this.#faults;
    const unanswered = () => call.reject(new UnansweredError(`${call.what}: no answer`));
    if (fault < lostAnswer) {
      this.log(`${call.life.name} ${call.what}: done, its answer is lost`);
      this.#try(call.run);
      unanswered();
    } else if (fault < lostAnswer + late) {
      this.log(`${call.life.name} ${call.what}: is under way, no answer`);
      this.#late.push({ run: call.run, what: call.what, until: this.now + LATE_MS });
      unanswered();
    } else if (fault < lostAnswer + late + throttled) {
      this.log(`${call.life.name} ${call.what}: throttled`);
      call.reject(new RetryableError(`${call.what}: throttled`));
    } else {
      this.#done(call);
    }
  }

  #done(call: Call): void {
    try {
      const value = call.run();
      this.log(`${call.life.name} ${call.what}`);
      call.resolve(value);
    } catch (error) {
      this.log(`${call.life.name} ${call.what}: ${error}`);
      call.reject(error);
    }
  }

  #landLate(): void {
    this.#late = this.#late.filter(({ until }) => until >= this.now);
    if (this.#late.length === 0 || !this.chance(0.1)) return;
    const [landed] = this.#late.splice(Math.floor(this.random.next() * this.#late.length), 1);
    if (landed === undefined) return;
    this.log(`late: ${landed.what}`);
    this.#try(landed.run);
  }

  #try(run: () => unknown): void {
    try {
      run();
    } catch (error) {
      this.log(`  ${error}`);
    }
  }
}
