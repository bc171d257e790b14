import { type ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import type { ByteWriter } from '../../codec/byte-writer.ts';
import type { StateKey } from '../../codec/key.ts';

/** Keys and namespaces as bytes: equal atoms have equal bytes, and none is the beginning of another. */
const TAG = { text: 0, natural: 1, number: 2, false: 3, true: 4, units: 5 } as const;

export function writeAtom(out: ByteWriter, atom: StateKey): void {
  switch (typeof atom) {
    case 'string':
      writeText(out, atom);
      return;
    case 'number':
      if (Number.isSafeInteger(atom) && atom >= 0 && !Object.is(atom, -0)) {
        out.byte(TAG.natural);
        out.varint(atom);
      } else {
        out.byte(TAG.number);
        out.float64(atom);
      }
      return;
    default:
      out.byte(atom ? TAG.true : TAG.false);
  }
}

/** A lone surrogate has no UTF-8; text that has one is written unit by unit, or two keys would become one. */
function writeText(out: ByteWriter, text: string): void {
  if (text.isWellFormed()) {
    out.byte(TAG.text);
    out.text(text);
    return;
  }
  out.byte(TAG.units);
  out.varint(text.length);
  for (let i = 0; i < text.length; i++) out.varint(text.charCodeAt(i));
}

export function readAtom(from: ByteReader): StateKey {
  const tag = from.byte();
  switch (tag) {
    case TAG.text:
      return from.text();
    case TAG.natural:
      return from.varint();
    case TAG.number:
      return from.float64();
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.units:
      return readUnits(from);
    default:
      throw new CorruptBytesError(`${tag} is no tag of a key, at byte ${from.place - 1}`);
  }
}

/** Passes over an atom without making it. */
export function skipAtom(from: ByteReader): void {
  const tag = from.byte();
  if (tag === TAG.text) from.bytes();
  else if (tag === TAG.natural) from.varint();
  else if (tag === TAG.number) from.float64();
  else if (tag === TAG.units) readUnits(from);
}

function readUnits(from: ByteReader): string {
  const count = from.varint();
  if (count > from.left) throw new CorruptBytesError(`${count} units are more than the ${from.left} bytes left`);
  const units: string[] = [];
  for (let i = 0; i < count; i++) units.push(String.fromCharCode(from.varint()));
  return units.join('');
}
