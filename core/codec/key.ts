import { PoisonRecordError } from '../error/error.ts';
import { murmur3 } from './murmur3.ts';

/**
 * Keys: what users key by, what state is held under, and where a key lives.
 *
 * A user's key is a string, number, bigint or boolean, or a tuple of them. Inside it is a {@link StateKey}: one
 * primitive, so that a Map finds it without a hash of our own. Strings, numbers and booleans stand for themselves; the
 * rest is JSON behind a NUL character.
 *
 * 1. Two keys are one StateKey exactly if they are equal: same type, same value; tuples part by part. 1 is not '1'.
 * 2. A bigint within the safe integers is the number of that value; -0 is 0.
 * 3. The key group of a key is the same on every machine and in every version: murmur3 (x86, 32 bits, seed 0) over its
 *    type-tagged encoding, modulo a power of two.
 */
export type KeyPart = string | number | bigint | boolean;
/** What records are grouped by: one part, or several as a tuple. `1` is not `'1'`; objects are refused. */
export type Key = KeyPart | readonly KeyPart[];

/** A key in its canonical form. */
export type StateKey = string | number | boolean;

/** How many key groups a job has unless it says otherwise; the upper bound of its parallelism for life. */
export const DEFAULT_MAX_PARALLELISM = 1024;

/** A key longer than this is refused: one key's name must not weigh more than the state it holds. */
export const MAX_KEY_LENGTH = 65_536;

const MARK = '\u0000';

/**
 * The canonical form of a user's key.
 *
 * @throws PoisonRecordError where it is null, an object, NaN or longer than {@link MAX_KEY_LENGTH} characters.
 */
export function stateKeyOf(key: unknown): StateKey {
  if (typeof key === 'string') {
    if (key.length > MAX_KEY_LENGTH) throw tooLong(key.length);
    return key.charCodeAt(0) === 0 ? MARK + JSON.stringify(key) : key;
  }
  if (typeof key === 'number') {
    if (Number.isNaN(key)) throw new PoisonRecordError('a key must not be NaN');
    return key === 0 ? 0 : key;
  }
  if (typeof key === 'boolean') return key;
  return compoundKeyOf(key);
}

function compoundKeyOf(key: unknown): StateKey {
  const plain = Array.isArray(key) ? key.map(plainPartOf) : plainPartOf(key);
  if (typeof plain === 'number') return plain;
  const text = MARK + JSON.stringify(plain);
  if (text.length > MAX_KEY_LENGTH) throw tooLong(text.length);
  return text;
}

function plainPartOf(part: unknown): string | number | boolean | { i: string } {
  if (typeof part === 'string' || typeof part === 'boolean') return part;
  if (typeof part === 'bigint') {
    const value = Number(part);
    return Number.isSafeInteger(value) ? value : { i: part.toString() };
  }
  if (typeof part === 'number' && Number.isFinite(part)) return part === 0 ? 0 : part;
  const what =
    part === null || part === undefined ? 'missing' : typeof part === 'number' ? `${part}` : `of type ${typeof part}`;
  throw new PoisonRecordError(
    `a key must be a string, number, bigint or boolean, or a tuple of them; this one is ${what}`,
  );
}

function tooLong(length: number): PoisonRecordError {
  return new PoisonRecordError(
    `a key of ${length} characters is longer than ${MAX_KEY_LENGTH}; key by something shorter, such as a hash of it`,
  );
}

/** The user's key of a canonical one: the inverse of {@link stateKeyOf}. */
export function userKeyOf(key: StateKey): Key {
  if (typeof key !== 'string' || key.charCodeAt(0) !== 0) return key;
  const plain: unknown = JSON.parse(key.slice(1));
  return Array.isArray(plain) ? plain.map(partOf) : partOf(plain);
}

function partOf(plain: unknown): KeyPart {
  if (typeof plain === 'object' && plain !== null && 'i' in plain) return BigInt(String(plain.i));
  return plain as KeyPart;
}

/** The key group of a key, 0 up to `maxParallelism - 1`; `maxParallelism` is a power of two. */
export function keyGroupOf(key: StateKey, maxParallelism: number): number {
  return hashKey(key) & (maxParallelism - 1);
}

/** The subtask that owns a key group: contiguous ranges, as even as can be (Flink: KeyGroupRangeAssignment). */
export function subtaskOf(keyGroup: number, parallelism: number, maxParallelism: number): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}

const TAG = { string: 1, number: 2, bigint: 3, boolean: 4, tuple: 5 } as const;
let buffer = new Uint8Array(1024);
let view = new DataView(buffer.buffer);
let length = 0;

/** Unsigned 32-bit murmur3 of a key's tagged encoding. */
export function hashKey(key: StateKey): number {
  length = 0;
  const user = userKeyOf(key);
  if (Array.isArray(user)) {
    reserve(5);
    buffer[length++] = TAG.tuple;
    view.setUint32(length, user.length);
    length += 4;
    for (const part of user) writePart(part);
  } else {
    writePart(user as KeyPart);
  }
  return murmur3(buffer, length);
}

function writePart(part: KeyPart): void {
  switch (typeof part) {
    case 'string':
      writeText(TAG.string, part);
      return;
    case 'bigint':
      writeText(TAG.bigint, part.toString());
      return;
    case 'number':
      reserve(9);
      buffer[length++] = TAG.number;
      view.setFloat64(length, part);
      length += 8;
      return;
    case 'boolean':
      reserve(2);
      buffer[length++] = TAG.boolean;
      buffer[length++] = part ? 1 : 0;
  }
}

const utf8 = new TextEncoder();

/** Tag, byte count, UTF-8. */
function writeText(tag: number, text: string): void {
  reserve(5 + text.length * 3);
  buffer[length++] = tag;
  const at = length + 4;
  const written =
    text.length < 0x80 && writeAscii(text, at) ? text.length : utf8.encodeInto(text, buffer.subarray(at)).written;
  view.setUint32(length, written);
  length = at + written;
}

/** Most keys are short and ASCII, and the encoder is a call away; false where a character is another. */
function writeAscii(text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    buffer[at + i] = code;
  }
  return true;
}

function reserve(bytes: number): void {
  if (length + bytes <= buffer.length) return;
  const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes));
  larger.set(buffer.subarray(0, length));
  buffer = larger;
  view = new DataView(larger.buffer);
}
