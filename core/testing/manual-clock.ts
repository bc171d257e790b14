import type { Clock } from '../port/clock.ts';
import type { Timestamp } from '../time/timestamp.ts';

type Alarm = { readonly at: Timestamp; readonly run: () => void };

/**
 * A clock that stands still until it is moved.
 *
 * @example
 * const clock = new ManualClock(1_000);
 * clock.moveTo(2_500); // now() is 2500; alarms up to then have run, by time
 */
export class ManualClock implements Clock {
  #now: Timestamp;
  #alarms: Alarm[] = [];

  constructor(now: Timestamp = 0) {
    this.#now = now;
  }

  now(): Timestamp {
    return this.#now;
  }

  elapsedMs(): number {
    return this.#now;
  }

  after(ms: number, alarm: () => void): () => void {
    const entry: Alarm = { at: this.#now + Math.max(0, ms), run: alarm };
    this.#alarms.push(entry);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== entry);
    };
  }

  /** When the next alarm is due; undefined where none is set. */
  get nextAlarm(): Timestamp | undefined {
    return this.#earliest()?.at;
  }

  /** Runs the alarms due up to `now`, each at its own time, those of one time in the order they were set. */
  moveTo(now: Timestamp): void {
    for (let alarm = this.#earliest(); alarm && alarm.at <= now; alarm = this.#earliest()) {
      const due = alarm;
      this.#alarms = this.#alarms.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = now;
  }

  #earliest(): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) if (earliest === undefined || alarm.at < earliest.at) earliest = alarm;
    return earliest;
  }
}
