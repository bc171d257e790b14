import { ByteReader, CorruptBytesError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Plain data as bytes: what state, checkpoints and exchanged records are written in.
 *
 * A value is a tag and a body; a container is its count and then its parts. The names of objects' properties are
 * written once and then by number, so that many records of one shape stay small.
 *
 * 1. decode(encode(v)) equals v: null, undefined, booleans, numbers (NaN, -0 and infinities too), bigints, strings, dates,
 *    byte and float arrays, arrays, plain objects (also a property called `__proto__`; one
 *    without a prototype comes back with the ordinary one), maps and sets.
 * 2. Anything else (functions, symbols, instances of classes) is refused with the path to it, never written wrongly.
 * 3. Equal values made in the same order give equal bytes, in every version of one format.
 * 4. Decoding bytes that nobody wrote ends with an error, and takes memory in proportion to their length.
 */
const TAG = {
  null: 0,
  undefined: 1,
  true: 2,
  false: 3,
  natural: 4,
  negative: 5,
  float: 6,
  text: 7,
  bytes: 8,
  array: 9,
  object: 10,
  map: 11,
  set: 12,
  date: 13,
  bigint: 14,
  floats: 15,
  utf16: 16,
} as const;

/** Deeper than this is refused: it is either a cycle or nothing that a stack should walk. */
export const MAX_VALUE_DEPTH = 500;

/**
 * @throws TypeError naming the path of what is no plain data
 * @example
 * decodeValue(encodeValue({ page: '/home', seen: new Set([1, 2]) })); // an equal object
 */
export function encodeValue(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  new ValueWriter(writer).write(value, 0);
  return writer.take();
}

/** @throws CorruptBytesError where the bytes are not one whole value */
export function decodeValue(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = new ValueReader(reader).read(0);
  if (reader.left > 0) throw new CorruptBytesError(`${reader.left} bytes follow the value`);
  return value;
}

/** Writes values one after another that share their property names. */
export class ValueWriter {
  readonly #out: ByteWriter;
  readonly #names = new Map<string, number>();
  readonly #path: (string | number)[] = [];

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Begins a value that is read by a reader of its own: names are written anew. */
  forgetNames(): void {
    if (this.#names.size > 0) this.#names.clear();
  }

  write(value: unknown, depth = 0): void {
    const out = this.#out;
    switch (typeof value) {
      case 'string':
        this.#text(value);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'boolean':
        out.byte(value ? TAG.true : TAG.false);
        return;
      case 'undefined':
        out.byte(TAG.undefined);
        return;
      case 'bigint':
        out.byte(TAG.bigint);
        out.text(value.toString(16));
        return;
      case 'object':
        if (value === null) out.byte(TAG.null);
        else this.#object(value, depth);
        return;
      default:
        throw this.#refusal(`a ${typeof value}`);
    }
  }

  /** A text with half a surrogate pair has no UTF-8. */
  #text(value: string): void {
    if (value.isWellFormed()) {
      this.#out.byte(TAG.text);
      this.#out.text(value);
    } else {
      this.#count(TAG.utf16, value.length * 2);
      this.#out.bytes(Buffer.from(value, 'utf16le'));
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#out.byte(value < 0 ? TAG.negative : TAG.natural);
      this.#out.varint(Math.abs(value));
    } else {
      this.#out.byte(TAG.float);
      this.#out.float64(value);
    }
  }

  #object(value: object, depth: number): void {
    if (depth > MAX_VALUE_DEPTH) throw this.#refusal(`something nested deeper than ${MAX_VALUE_DEPTH} (or a cycle)`);
    const out = this.#out;
    if (Array.isArray(value)) {
      this.#count(TAG.array, value.length);
      for (let i = 0; i < value.length; i++) this.#part(i, value[i], depth);
    } else if (value instanceof Map) {
      this.#count(TAG.map, value.size);
      for (const [key, item] of value) {
        this.#part('key', key, depth);
        this.#part('value', item, depth);
      }
    } else if (value instanceof Set) {
      this.#count(TAG.set, value.size);
      for (const item of value) this.#part('item', item, depth);
    } else if (value instanceof Date) {
      out.byte(TAG.date);
      out.float64(value.getTime());
    } else if (value instanceof Uint8Array) {
      this.#count(TAG.bytes, value.length);
      out.bytes(value);
    } else if (value instanceof Float64Array) {
      this.#count(TAG.floats, value.length);
      for (const item of value) out.float64(item);
    } else {
      this.#plain(value, depth);
    }
  }

  #plain(value: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw this.#refusal(`an instance of ${value.constructor?.name ?? 'a class'}`);
    }
    const names = Object.keys(value);
    this.#count(TAG.object, names.length);
    for (const name of names) {
      const known = this.#names.get(name);
      this.#out.varint(known ?? this.#names.size);
      if (known === undefined) {
        this.#names.set(name, this.#names.size);
        this.#out.text(name);
      }
      this.#part(name, (value as Record<string, unknown>)[name], depth);
    }
  }

  #part(name: string | number, value: unknown, depth: number): void {
    this.#path.push(name);
    this.write(value, depth + 1);
    this.#path.pop();
  }

  #count(tag: number, count: number): void {
    this.#out.byte(tag);
    this.#out.varint(count);
  }

  #refusal(what: string): TypeError {
    const path = this.#path.slice(0, 8).join('.');
    return new TypeError(
      `${path === '' ? 'the value' : `"${path}"`} is ${what}, which is no plain data; give the state a serializer, or keep plain objects`,
    );
  }
}

/** Reads what one {@link ValueWriter} wrote. */
export class ValueReader {
  readonly #in: ByteReader;
  readonly #names: string[] = [];

  constructor(input: ByteReader) {
    this.#in = input;
  }

  read(depth = 0): unknown {
    const tag = this.#in.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.undefined:
        return undefined;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.natural:
        return this.#in.varint();
      case TAG.negative:
        return -this.#in.varint();
      case TAG.float:
        return this.#in.float64();
      case TAG.text:
        return this.#in.text();
      case TAG.utf16:
        return Buffer.from(this.#in.bytes()).toString('utf16le');
      case TAG.bytes:
        return this.#in.bytes().slice();
      case TAG.date:
        return new Date(this.#in.float64());
      case TAG.bigint:
        return bigintOf(this.#in.text());
      default:
        return this.#container(tag, depth);
    }
  }

  #container(tag: number, depth: number): unknown {
    if (depth > MAX_VALUE_DEPTH) throw new CorruptBytesError(`values are nested deeper than ${MAX_VALUE_DEPTH}`);
    switch (tag) {
      case TAG.array:
        return this.#list(depth);
      case TAG.object:
        return this.#object(depth);
      case TAG.map: {
        const map = new Map<unknown, unknown>();
        for (let left = this.#count(); left > 0; left--) map.set(this.read(depth + 1), this.read(depth + 1));
        return map;
      }
      case TAG.set:
        return new Set(this.#list(depth));
      case TAG.floats:
        return Float64Array.from({ length: this.#count() }, () => this.#in.float64());
      default:
        throw new CorruptBytesError(`${tag} is no tag of a value, at byte ${this.#in.place - 1}`);
    }
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    for (let left = this.#count(); left > 0; left--) list.push(this.read(depth + 1));
    return list;
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let left = this.#count(); left > 0; left--) {
      const name = this.#name();
      const value = this.read(depth + 1);
      if (name === '__proto__') {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      } else {
        object[name] = value;
      }
    }
    return object;
  }

  #name(): string {
    const place = this.#in.varint();
    const known = this.#names[place];
    if (known !== undefined) return known;
    if (place > this.#names.length) throw new CorruptBytesError(`property name ${place} was never written`);
    const name = this.#in.text();
    this.#names.push(name);
    return name;
  }

  /** A count that the bytes left can hold, so that a damaged one reserves no memory. */
  #count(): number {
    const count = this.#in.varint();
    if (count > this.#in.left)
      throw new CorruptBytesError(`${count} parts are more than the ${this.#in.left} bytes left`);
    return count;
  }
}

/** Hexadecimal, which is read in a time that is in proportion to its length. */
function bigintOf(text: string): bigint {
  if (!/^-?[0-9a-f]+$/.test(text)) throw new CorruptBytesError(`"${text.slice(0, 20)}" is no bigint`);
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
