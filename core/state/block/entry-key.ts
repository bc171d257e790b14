import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import type { StateKey } from '../../codec/key.ts';
import { murmur3 } from '../../codec/murmur3.ts';
import type { Namespace } from '../state-table.ts';
import { readAtom, skipAtom, writeAtom } from './atom.ts';

/**
 * The order in which entries lie in blocks.
 *
 *     space (4) · number (1 or 9) · key group (2) · key · rest
 *
 * A number that divides state comes before the key: the namespace of a window's cells, the time of a timer. So what fires
 * or goes together lies together, and goes without being read. What is not divided by a number lies by key group and
 * key; the rest is a namespace that is text, or that of a timer.
 */
export type EntryKey = {
  readonly bytes: Uint8Array;
  /** Where the rest begins. Filters know an entry by what is before. */
  readonly prefix: number;
  readonly group: number;
};

/** An entry's place, as parts. `order` is absent where no number divides the space. */
export type EntryParts = {
  readonly order: number | undefined;
  readonly group: number;
  readonly key: StateKey;
  readonly rest: Namespace | undefined;
};

const UNDIVIDED = 0;
const DIVIDED = 1;

export function entryKey(space: number, { order, group, key, rest }: EntryParts): EntryKey {
  const out = new ByteWriter(32);
  writeRange(out, space, order);
  out.byte(group >>> 8);
  out.byte(group & 0xff);
  writeAtom(out, key);
  const prefix = out.length;
  if (rest !== undefined) writeAtom(out, rest);
  return { bytes: out.take(), prefix, group };
}

/** The beginning of all keys of a space; with a number, of those that it divides off. */
export function rangeKey(space: number, order?: number): Uint8Array {
  const out = new ByteWriter(16);
  if (order === undefined) writeSpace(out, space);
  else writeRange(out, space, order);
  return out.take();
}

/** The beginning of all keys of a space that no number divides. */
export function undividedKey(space: number): Uint8Array {
  const out = new ByteWriter(8);
  writeRange(out, space, undefined);
  return out.take();
}

/** The key after all that begin so. */
export function afterAll(beginning: Uint8Array): Uint8Array {
  const end = beginning.slice();
  for (let place = end.length - 1; place >= 0; place--) {
    const byte = end[place] as number;
    end[place] = (byte + 1) & 0xff;
    if (byte < 0xff) return end.subarray(0, place + 1);
  }
  return Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff);
}

/** @throws CorruptBytesError where nobody wrote these bytes */
export function partsOf(bytes: Uint8Array): EntryParts {
  const from = new ByteReader(bytes);
  for (let i = 0; i < SPACE_BYTES; i++) from.byte();
  const tag = from.byte();
  if (tag > DIVIDED) throw new CorruptBytesError('an entry is divided in no known way');
  const order = tag === DIVIDED ? readOrder(bytes, from.place) : undefined;
  if (tag === DIVIDED) for (let i = 0; i < 8; i++) from.byte();
  const group = from.byte() * 256 + from.byte();
  const key = readAtom(from);
  const rest = from.left > 0 ? readAtom(from) : undefined;
  if (typeof rest === 'boolean' || from.left > 0)
    throw new CorruptBytesError('an entry has a key that is not well formed');
  return { order, group, key, rest };
}

/** The number of the space of an entry. */
export function spaceOf(bytes: Uint8Array): number {
  let space = 0;
  for (let place = 0; place < SPACE_BYTES; place++) space = space * 256 + (bytes[place] as number);
  return space;
}

/** The key group of an entry, without reading its key. */
export function groupOf(bytes: Uint8Array): number {
  const at = groupStart(bytes);
  return (bytes[at] as number) * 256 + (bytes[at + 1] as number);
}

/** The beginning that an entry shares with all of its space and number; nothing where no number divides it. */
export function divisionOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes[SPACE_BYTES] === DIVIDED ? bytes.subarray(0, SPACE_BYTES + 9) : undefined;
}

/** The number that divides an entry off, if one does. */
export function divisionNumber(bytes: Uint8Array): number | undefined {
  if (bytes[SPACE_BYTES] !== DIVIDED) return undefined;
  return readOrder(bytes, SPACE_BYTES + 1);
}

/** A hash of an entry's key without its rest: what filters know. */
export function hashOf(bytes: Uint8Array, prefix: number = prefixOf(bytes)): number {
  return murmur3(bytes, prefix);
}

function prefixOf(bytes: Uint8Array): number {
  const key = groupStart(bytes) + 2;
  const from = new ByteReader(bytes.subarray(key));
  skipAtom(from);
  return key + from.place;
}

function groupStart(bytes: Uint8Array): number {
  return SPACE_BYTES + (bytes[SPACE_BYTES] === DIVIDED ? 9 : 1);
}

const SPACE_BYTES = 4;

function writeSpace(out: ByteWriter, space: number): void {
  for (let shift = 24; shift >= 0; shift -= 8) out.byte((space >>> shift) & 0xff);
}

function writeRange(out: ByteWriter, space: number, order: number | undefined): void {
  writeSpace(out, space);
  if (order === undefined) {
    out.byte(UNDIVIDED);
    return;
  }
  out.byte(DIVIDED);
  view.setFloat64(0, order === 0 ? 0 : order);
  const isNegative = (eight[0] as number) >= 0x80;
  for (let i = 0; i < 8; i++) out.byte(flipped(eight[i] as number, i, isNegative));
}

/** Numbers compare as their bytes do once the sign is flipped, and of negative ones everything. */
function flipped(byte: number, place: number, isNegative: boolean): number {
  if (isNegative) return byte ^ 0xff;
  return place === 0 ? byte ^ 0x80 : byte;
}

/** @throws CorruptBytesError where the bytes end before */
function readOrder(bytes: Uint8Array, start: number): number {
  if (bytes.length < start + 8) throw new CorruptBytesError('the key of an entry is cut short');
  const wasNegative = (bytes[start] as number) < 0x80;
  for (let i = 0; i < 8; i++) eight[i] = flipped(bytes[start + i] as number, i, wasNegative);
  return view.getFloat64(0);
}

const eight = new Uint8Array(8);
const view = new DataView(eight.buffer);
