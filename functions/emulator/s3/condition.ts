import { ServiceError } from '../server/service-error.ts';
import type { StoredObject } from './object-table.ts';

type Headers = ReadonlyMap<string, string>;

const FAILED = 'At least one of the pre-conditions you specified did not hold';

/** The conditions of a write: If-None-Match is always `*` there. @throws ServiceError where one does not hold */
export function checkWrite(headers: Headers, existing: StoredObject | undefined): void {
  const absent = headers.get('if-none-match');
  const match = headers.get('if-match');
  if (absent !== undefined && absent !== '*') {
    throw new ServiceError('NotImplemented', 'If-None-Match of a write must be *', 501);
  }
  if (absent === '*' && existing) throw new ServiceError('PreconditionFailed', FAILED, 412);
  if (match === undefined) return;
  if (existing === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  if (!matches(match, existing)) throw new ServiceError('PreconditionFailed', FAILED, 412);
}

/** Whether a read is answered with the object, or with `304 Not Modified`. @throws ServiceError where If-Match fails */
export function checkRead(headers: Headers, existing: StoredObject): 'object' | 'not modified' {
  const match = headers.get('if-match');
  if (match !== undefined && !matches(match, existing)) throw new ServiceError('PreconditionFailed', FAILED, 412);
  const none = headers.get('if-none-match');
  return none !== undefined && matches(none, existing) ? 'not modified' : 'object';
}

function matches(condition: string, { etag }: StoredObject): boolean {
  return condition === '*' || condition.split(',').some((one) => one.trim().replaceAll('"', '') === etag);
}
