/** Units that EXTRACT, FLOOR … TO, CEIL … TO, TIMESTAMPADD and TIMESTAMPDIFF know. */
export type TimeUnit = (typeof TIME_UNITS)[number];

export const TIME_UNITS = [
  'MILLISECOND',
  'SECOND',
  'MINUTE',
  'HOUR',
  'DAY',
  'WEEK',
  'MONTH',
  'QUARTER',
  'YEAR',
  'DOY',
  'DOW',
  'ISODOW',
  'ISOYEAR',
  'EPOCH',
] as const;

/** Milliseconds of the units that always have the same length. */
export const UNIT_MS = {
  MILLISECOND: 1,
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 604_800_000,
} as const;

/** Units that only EXTRACT knows. */
export const EXTRACT_ONLY: ReadonlySet<TimeUnit> = new Set(['DOY', 'DOW', 'ISODOW', 'ISOYEAR', 'EPOCH']);

/** The unit of a word, plural or not; undefined where it is none. */
export function timeUnitOf(word: string): TimeUnit | undefined {
  const upper = word.toUpperCase();
  return TIME_UNITS.find((unit) => unit === upper || `${unit}S` === upper);
}
