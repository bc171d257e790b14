import type { ManualClock } from '../../core/testing/manual-clock.ts';

/** Runs alarms, one after another, until the promise settles. */
export async function finish<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  promise.then(mark, mark);
  for (let turn = 0; turn < 10_000 && !settled; turn++) {
    await Promise.resolve();
    if (clock.nextAlarm !== undefined) clock.moveTo(clock.nextAlarm);
  }
  return promise;
}
