import { PoisonRecordError } from '../error/error.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import { boundedOutOfOrderness, type GeneratorFactory, monotonous } from '../time/watermark-generator.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';

/** The fields of a record that can be its event time. */
export type TimeField<T> = {
  [F in keyof T & string]-?: unknown extends T[F] ? F : NonNullable<T[F]> extends TimeValue ? F : never;
}[keyof T & string];

/** What an event time can be written as: epoch milliseconds, a date, or ISO 8601 text (UTC where it names no zone). */
export type TimeValue = number | bigint | Date | string;

/** Where the event time of records comes from, and how far it has come (Flink: WatermarkStrategy). */
export type EventTimeOptions<T> = {
  /** A field or a function; absent: the timestamp that the source gives, such as that of its arrival. */
  readonly from?: TimeField<T> | ((value: T, previous: Timestamp) => TimeValue);
  /** How much later than others a record may come without being late; `0ms` unless said. */
  readonly outOfOrderness?: Duration;
  /** `monotonous` where times never go back within a split; or `punctuated(…)`, `periodic(…)`, or a generator of your own. */
  readonly watermarks?: 'monotonous' | GeneratorFactory<T>;
  /** A split without a record for so long holds nothing back any more (processing time); never unless said. */
  readonly idleAfter?: Duration;
  /** A record this far ahead of the clock is refused, lest one wrong clock make all others late; no limit unless said. */
  readonly maxAhead?: Duration;
  /** Sources of one group wait for each other: none runs more than `maxDrift` ahead of the slowest. */
  readonly alignment?: { readonly group: string; readonly maxDrift: Duration };
};

/**
 * The strategy that options ask for.
 *
 * @throws JobSpecError where a duration is none.
 *
 * @example
 * watermarkStrategy<Click>({ from: 'at', outOfOrderness: '5s', idleAfter: '1m' });
 */
export function watermarkStrategy<T>(options: EventTimeOptions<T>, path = 'eventTime'): WatermarkStrategy<T> {
  const { from, idleAfter, maxAhead, alignment } = options;
  return {
    timestampOf: timestampOf<T>(from),
    generator: generatorOf(options, path),
    ...(idleAfter !== undefined && { idleAfterMs: durationMs(idleAfter, `${path}.idleAfter`) }),
    ...(maxAhead !== undefined && { maxAheadMs: durationMs(maxAhead, `${path}.maxAhead`) }),
    ...(alignment !== undefined && {
      alignment: {
        group: alignment.group,
        maxDriftMs: durationMs(alignment.maxDrift, `${path}.alignment.maxDrift`),
      },
    }),
  };
}

function timestampOf<T>(from: EventTimeOptions<T>['from']): (value: T, previous: Timestamp) => Timestamp {
  if (from === undefined) return givenBySource;
  if (typeof from === 'function') {
    return (value, previous) => {
      const at = from(value, previous);
      return Number.isSafeInteger(at) ? (at as number) : timestampFrom(at, 'the event time function');
    };
  }
  const name = `field "${from}"`;
  return (value) => {
    const at: unknown = value[from];
    return Number.isSafeInteger(at) ? (at as number) : timestampFrom(at, name);
  };
}

function givenBySource(_value: unknown, previous: Timestamp): Timestamp {
  if (previous !== NO_TIMESTAMP) return previous;
  throw new PoisonRecordError('its source gives no timestamp; say where the event time is, such as { from: "at" }');
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Epoch milliseconds of a time value. Text without a zone is UTC, so that a job means the same everywhere.
 *
 * @throws PoisonRecordError where it is missing or no time; `what` names where it came from.
 *
 * @example
 * timestampFrom('2024-05-01T12:00:00Z', 'field "at"'); // 1714564800000
 */
export function timestampFrom(value: unknown, what: string): Timestamp {
  const at = millisecondsOf(value);
  if (at !== undefined && Number.isSafeInteger(at)) return at;
  if (value === undefined || value === null) throw new PoisonRecordError(`no event time: ${what} is missing`);
  throw new PoisonRecordError(
    `no event time: ${what} is ${shown(value)}; it must be epoch milliseconds, a Date or ISO 8601 text`,
  );
}

function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.floor(value);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string') return undefined;
  const iso = ISO.exec(value);
  if (iso === null) return undefined;
  const text = value.replace(' ', 'T').replace(',', '.');
  return Date.parse(text.length === 10 || iso[1] !== undefined ? zoned(text) : `${text}Z`);
}

/** `+02` is ISO 8601, but not to Date.parse. */
function zoned(text: string): string {
  return /T.*[+-]\d{2}$/.test(text) ? `${text}:00` : text;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : `of type ${typeof value}`;
}

function generatorOf<T>({ watermarks, outOfOrderness = 0 }: EventTimeOptions<T>, path: string): GeneratorFactory<T> {
  if (typeof watermarks === 'function') return watermarks;
  if (watermarks === 'monotonous') return monotonous();
  return boundedOutOfOrderness(durationMs(outOfOrderness, `${path}.outOfOrderness`));
}
