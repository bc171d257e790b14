import { PoisonRecordError } from '../error/error.ts';
import type { Timestamp } from './timestamp.ts';

/**
 * Event time from a field: epoch milliseconds as a number or bigint, a Date, or ISO 8601 text with a zone
 * (`2024-02-29T12:30:00Z`).
 *
 * @throws PoisonRecordError (the function given) where the field is missing or none of these
 * @example
 * timestampField('at')({ at: '1970-01-01T00:00:01Z' }); // 1000
 */
export function timestampField(field: string): (value: unknown) => Timestamp {
  return (value) => {
    const found =
      typeof value === 'object' && value !== null ? (value as { [field: string]: unknown })[field] : undefined;
    if (typeof found === 'number') return found;
    return timestampOf(found, field);
  };
}

const ZONED = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

function timestampOf(found: unknown, field: string): Timestamp {
  if (found instanceof Date) return found.getTime();
  if (typeof found === 'bigint') return Number(found);
  if (typeof found === 'string' && ZONED.test(found)) {
    const at = Date.parse(found);
    if (!Number.isNaN(at)) return at;
  }
  const what =
    found === undefined || found === null ? 'is missing' : `is ${JSON.stringify(String(found)).slice(0, 60)}`;
  throw new PoisonRecordError(
    `the event time "${field}" ${what}; it must be epoch milliseconds or text such as 2024-02-29T12:30:00Z`,
  );
}
