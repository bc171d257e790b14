import type { Clock } from '../port/clock.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  after(ms, alarm) {
    const timer = setTimeout(alarm, ms);
    return () => clearTimeout(timer);
  },
};
