import type { Clock } from '../port/clock.ts';

/** How many records a source with a rate may give by now. */
export interface Pace {
  /** At most `limit`, and not ahead of the rate; tell with `gave` how many they were. */
  allowed(limit: number): number;
  gave(count: number): void;
}

/** The most that a source catches up after it was held back, in seconds of its rate. */
const CATCH_UP_S = 1;

/** `perSecond` undefined: as fast as they are taken. Counting begins with the first call. */
export function paceOf(clock: Clock, perSecond: number | undefined): Pace {
  if (perSecond === undefined) return { allowed: (limit) => limit, gave: () => undefined };
  let since: number | undefined;
  let given = 0;
  return {
    allowed(limit) {
      const now = clock.elapsedMs();
      since ??= now;
      const due = Math.floor(((now - since) / 1_000) * perSecond) + 1;
      if (due - given > perSecond * CATCH_UP_S + 1) given = due - Math.ceil(perSecond * CATCH_UP_S);
      return Math.max(0, Math.min(limit, due - given));
    },
    gave(count) {
      given += count;
    },
  };
}
