/** Numbers and times as a person reads them. */

const SCALES = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `formatCount(12_400_000)` is `12.4 M`; below a thousand the number itself. */
export function formatCount(count: number): string {
  for (const [scale, unit] of SCALES) if (count >= scale) return `${(count / scale).toPrecision(3)} ${unit}`;
  return String(Math.round(count));
}

/** The time of day in UTC, with the date where it is not `today`'s: `14:03:20`, `2024-03-01 14:03:20`. */
export function formatTime(at: number, today: number): string {
  const text = new Date(at).toISOString();
  const day = text.slice(0, 10);
  const time = text.slice(11, 19);
  return new Date(today).toISOString().startsWith(day) ? time : `${day} ${time}`;
}

/** `1 fault`, `3 faults`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
