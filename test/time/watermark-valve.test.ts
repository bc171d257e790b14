import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../core/time/timestamp.ts';
import { WatermarkValve } from '../../core/time/watermark-valve.ts';

type Told = number | 'idle' | 'active';

function valveOf(channels: number, restored?: number): { readonly valve: WatermarkValve; readonly told: Told[] } {
  const told: Told[] = [];
  const output = {
    watermark: (at: number) => told.push(at),
    idle: (isIdle: boolean) => told.push(isIdle ? 'idle' : 'active'),
  };
  return { valve: new WatermarkValve(channels, output, restored), told };
}

type Step = { readonly channel: number; readonly at?: number; readonly idle?: boolean };
const channel = fc.integer({ min: 0, max: 2 });
const watermark = fc.record({ channel, at: fc.integer({ min: 0, max: 20 }) });
const idleness = fc.record({ channel, idle: fc.boolean() });

/** Told anew at each step from all that happened, with nothing carried over but what was given last. */
class NaiveValve {
  readonly told: Told[] = [];
  readonly #watermarks = [MIN_TIMESTAMP, MIN_TIMESTAMP, MIN_TIMESTAMP];
  readonly #idle = new Set<number>();
  readonly #behind = new Set<number>();
  #last = MIN_TIMESTAMP;

  step({ channel: from, at, idle }: Step): void {
    if (at !== undefined && !this.#idle.has(from)) {
      if (at <= this.#of(from)) return;
      this.#watermarks[from] = at;
      if (at >= this.#last) this.#behind.delete(from);
      this.#tell();
    } else if (idle === true && !this.#idle.has(from)) {
      this.#idle.add(from);
      if (this.#idle.size === 3 && this.#of(from) === this.#last) this.#give(Math.max(...this.#watermarks));
      else this.#tell();
      if (this.#idle.size === 3) this.told.push('idle');
    } else if (idle === false && this.#idle.delete(from)) {
      if (this.#of(from) < this.#last) this.#behind.add(from);
      else this.#behind.delete(from);
      if (this.#idle.size === 2) this.told.push('active');
    }
  }

  #tell(): void {
    const counted = [0, 1, 2].filter((each) => !this.#idle.has(each) && !this.#behind.has(each));
    if (counted.length > 0) this.#give(Math.min(...counted.map((each) => this.#of(each))));
  }

  #give(at: number): void {
    if (at > this.#last) {
      this.#last = at;
      this.told.push(at);
    }
  }

  #of(from: number): number {
    return this.#watermarks[from] ?? MIN_TIMESTAMP;
  }
}

describe('a watermark valve', () => {
  it('gives the lowest watermark of all channels, whenever that rises', () => {
    fc.assert(
      fc.property(fc.array(watermark), (steps) => {
        const { valve, told } = valveOf(3);
        const highest = [MIN_TIMESTAMP, MIN_TIMESTAMP, MIN_TIMESTAMP];
        for (const { channel: from, at } of steps) {
          valve.watermark(from, at);
          highest[from] = Math.max(highest[from] ?? 0, at);
          expect(valve.current).toBe(Math.min(...highest));
        }
        expect(told).toEqual([...new Set(told)].toSorted((a, b) => Number(a) - Number(b)));
      }),
    );
  });

  it('leaves idle channels and those that are behind out, as a naive valve does', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(watermark, idleness)), (steps: readonly Step[]) => {
        const { valve, told } = valveOf(3);
        const naive = new NaiveValve();
        for (const step of steps) {
          if (step.at !== undefined) valve.watermark(step.channel, step.at);
          else valve.idle(step.channel, step.idle ?? false);
          naive.step(step);
        }
        expect(told).toEqual(naive.told);
      }),
    );
  });

  it('does not wait for an idle channel, nor for one that comes back behind', () => {
    const { valve, told } = valveOf(2);
    valve.watermark(0, 10);
    valve.watermark(1, 5);
    valve.idle(1, true);
    valve.watermark(0, 20);
    valve.idle(1, false);
    valve.watermark(1, 12);
    valve.watermark(0, 30);
    valve.watermark(1, 30);
    expect(told).toEqual([5, 10, 20, 30]);
  });

  it('gives the highest watermark and then idleness when the last channel becomes idle', () => {
    const { valve, told } = valveOf(2);
    valve.watermark(0, 10);
    valve.watermark(1, 5);
    valve.idle(0, true);
    valve.idle(1, true);
    valve.watermark(1, 40);
    valve.idle(0, false);
    expect(told).toEqual([5, 10, 'idle', 'active']);
  });

  it('takes the end of an idle channel', () => {
    const { valve, told } = valveOf(2);
    valve.idle(0, true);
    valve.watermark(1, MAX_TIMESTAMP);
    valve.watermark(0, MAX_TIMESTAMP);
    expect(told).toEqual([MAX_TIMESTAMP]);
  });

  it('gives nothing at or below what it was restored with', () => {
    const { valve, told } = valveOf(1, 100);
    valve.watermark(0, 90);
    valve.watermark(0, 100);
    valve.watermark(0, 101);
    expect(told).toEqual([101]);
    expect(() => valve.watermark(1, 5)).toThrow('there is no channel 1');
  });
});
