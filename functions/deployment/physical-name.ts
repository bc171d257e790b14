import { createHash } from 'node:crypto';

/** What Lambda allows; Kinesis allows twice as much. */
const MAX_NAME = 64;
const HASH_LENGTH = 8;

/**
 * The name of a stage's function and of its inbox. Names are made, not stored: the environment of a function is limited to
 * 4 KB, which the names of sixty stages would fill.
 *
 * @example
 * physicalName('page-views', 'perPage'); // page-views-perPage
 */
export function physicalName(deployment: string, stage: string): string {
  return legalName(`${deployment}-${stage}`);
}

/** The name of the coordinator's function, which no stage can have: theirs go on with a hyphen. */
export function coordinatorName(deployment: string): string {
  return legalName(`${deployment}_coordinator`);
}

/** The name of the function that takes in what is for a source stage, which no stage can have either. */
export function intakeName(deployment: string, stage: string): string {
  return legalName(`${deployment}_intake-${stage}`);
}

/** What does not fit the rules of AWS is mended and cut, and told apart from others by a hash. */
function legalName(plain: string): string {
  const mended = plain.replaceAll(/[^A-Za-z0-9_-]/g, '-');
  if (mended === plain && plain.length <= MAX_NAME) return plain;
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, HASH_LENGTH);
  return `${mended.slice(0, MAX_NAME - HASH_LENGTH - 1)}-${hash}`;
}
