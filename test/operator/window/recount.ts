import type { Timestamp } from '../../../core/time/timestamp.ts';
import type { Arrival, Firing, Run } from './disorder.ts';

/**
 * What windows give, counted anew from the whole run, as slowly and as plainly as can be: every window that there could be
 * looks at every record. It shares nothing with the operators.
 */
export type Recount = { readonly firings: readonly Firing[]; readonly late: readonly Arrival[] };

/** `undefined`: one window over all keys. */
type KeyOf = (arrival: Arrival) => string | undefined;

export type Aligned = {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly latenessMs: number;
};

/** When a window that takes records fires, and what is left in it. */
export type Firer = {
  /** It has just taken a record. */
  taken(contents: Arrival[], isOver: boolean): boolean;
  /** The watermark has reached its last moment. */
  readonly atEnd: boolean;
  /** Changes what it holds, before it gives it. */
  evict?(contents: Arrival[]): void;
  readonly purges?: boolean;
};

/** A window's own trigger: at its end, and with every record that comes after it. */
export const atEnd: Firer = { taken: (_contents, isOver) => isOver, atEnd: true };

export function recountAligned(run: Run, aligned: Aligned, keyOf: KeyOf, firerOf: () => Firer = () => atEnd): Recount {
  const { sizeMs, slideMs, offsetMs, latenessMs } = aligned;
  const times = run.arrivals.map(({ at }) => at);
  const firings: Firing[] = [];
  const taken = new Set<Arrival>();
  for (const key of new Set(run.arrivals.map(keyOf))) {
    for (let start = Math.min(...times) - sizeMs; start <= Math.max(...times); start++) {
      if ((start - offsetMs) % slideMs !== 0) continue;
      const window = { key, start, end: start + sizeMs };
      const own = run.arrivals.filter((each) => keyOf(each) === key && each.at >= start && each.at < window.end);
      const accepted = own.filter(({ watermark }) => watermark < window.end - 1 + latenessMs);
      for (const each of accepted) taken.add(each);
      firings.push(...firingsOf(window, accepted, run, firerOf()));
    }
  }
  const late = run.arrivals.filter((each) => !taken.has(each) && each.at + latenessMs <= each.watermark);
  return { firings, late };
}

type Named = { readonly key: string | undefined; readonly start: Timestamp; readonly end: Timestamp };

function firingsOf(window: Named, accepted: readonly Arrival[], run: Run, firer: Firer): readonly Firing[] {
  const firings: Firing[] = [];
  const contents: Arrival[] = [];
  const fire = (step: number) => {
    firer.evict?.(contents);
    firings.push({ ...window, values: contents.map(({ value }) => value), step });
    if (firer.purges) contents.length = 0;
  };
  const end = run.rises.find(({ from, to }) => from < window.end - 1 && to >= window.end - 1);
  const steps = [...accepted.map((arrival) => ({ step: arrival.step, arrival })), ...(end ? [{ step: end.step }] : [])];
  for (const step of steps.sort((one, other) => one.step - other.step)) {
    if ('arrival' in step) {
      contents.push(step.arrival);
      if (firer.taken(contents, step.arrival.watermark >= window.end - 1)) fire(step.step);
    } else if (firer.atEnd && contents.length > 0) fire(step.step);
  }
  return firings;
}

/** Sessions: the records of a key whose intervals overlap or touch, found anew at every step. */
export function recountSessions(
  run: Run,
  { gapOf, latenessMs }: { readonly gapOf: (arrival: Arrival) => number; readonly latenessMs: number },
  keyOf: KeyOf,
): Recount {
  const firings: Firing[] = [];
  const late: Arrival[] = [];
  for (const key of new Set(run.arrivals.map(keyOf))) {
    let alive: Arrival[] = [];
    const steps = [...run.arrivals.filter((each) => keyOf(each) === key), ...run.rises];
    for (const step of steps.sort((one, other) => one.step - other.step)) {
      if ('at' in step) {
        const own = sessionsAmong([...alive, step], gapOf).find(({ members }) => members.includes(step)) as Session;
        if (own.end - 1 + latenessMs <= step.watermark) {
          late.push(step);
          continue;
        }
        alive.push(step);
        if (own.end - 1 <= step.watermark) firings.push(firingOf(key, own, step.step));
      } else {
        for (const session of sessionsAmong(alive, gapOf)) {
          if (step.from < session.end - 1 && session.end - 1 <= step.to)
            firings.push(firingOf(key, session, step.step));
          if (session.end - 1 + latenessMs <= step.to) alive = alive.filter((each) => !session.members.includes(each));
        }
      }
    }
  }
  return { firings, late: late.sort((one, other) => one.step - other.step) };
}

type Session = { readonly start: Timestamp; readonly end: Timestamp; readonly members: readonly Arrival[] };

function sessionsAmong(arrivals: readonly Arrival[], gapOf: (arrival: Arrival) => number): readonly Session[] {
  const sessions: { start: Timestamp; end: Timestamp; members: Arrival[] }[] = [];
  for (const arrival of arrivals.toSorted((one, other) => one.at - other.at)) {
    const last = sessions.at(-1);
    const end = arrival.at + gapOf(arrival);
    if (last === undefined || arrival.at > last.end) sessions.push({ start: arrival.at, end, members: [arrival] });
    else {
      last.end = Math.max(last.end, end);
      last.members.push(arrival);
    }
  }
  return sessions;
}

/** In which order a merged session holds its records nobody says. */
function firingOf(key: string | undefined, { start, end, members }: Session, step: number): Firing {
  return { key, start, end, values: members.map(({ value }) => value).sort(), step };
}

/** Windows of all time: a list per key, looked at after every record. */
export function recountGlobal(run: Run, keyOf: KeyOf, firerOf: () => Firer): readonly Firing[] {
  return [...new Set(run.arrivals.map(keyOf))].flatMap((key) => {
    const own = run.arrivals.filter((each) => keyOf(each) === key);
    return firingsOf({ key, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }, own, run, firerOf());
  });
}
