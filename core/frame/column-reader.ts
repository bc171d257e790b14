import { type ByteReader, CorruptBytesError } from '../codec/byte-reader.ts';
import { ValueReader } from '../codec/value-codec.ts';
import { COLUMN, MAX_CLASSES, MAX_COLUMN_DEPTH, TEXT } from './column.ts';
import type { RowMaker } from './row-maker.ts';

/** Up to this length V8 copies a part of a text; a longer part would keep the whole text alive as long as itself. */
const COPIED_LENGTH = 12;

/**
 * Reads what a ColumnWriter wrote. Whatever the bytes are, it ends: with values or with a {@link CorruptBytesError},
 * having made at most `limit` values.
 */
export class ColumnReader {
  readonly #in: ByteReader;
  readonly #rows: RowMaker;
  #left: number;

  constructor(input: ByteReader, rows: RowMaker, limit: number) {
    this.#in = input;
    this.#rows = rows;
    this.#left = limit;
  }

  column(count: number, depth = 0): unknown[] {
    this.#take(count);
    if (count === 0) return [];
    const kind = this.#in.byte();
    switch (kind) {
      case COLUMN.constant:
        return new Array<unknown>(count).fill(this.#constant());
      case COLUMN.values:
        return this.#oneByOne(count);
      case COLUMN.integers:
        return this.#integers(count);
      case COLUMN.floats:
        return this.#floats(count);
      case COLUMN.dates:
        return this.#floats(count).map((value) => new Date(value));
      case COLUMN.booleans:
        return Array.from(this.#in.fixed(count), (byte) => byte === 1);
      case COLUMN.texts:
        return this.#run(count);
      case COLUMN.dictionary:
        return this.#dictionary(count);
      default:
        return this.#nested(kind, count, depth);
    }
  }

  /** A column that must be of numbers, such as timestamps. */
  numbers(count: number): number[] {
    const values = this.column(count);
    for (const value of values) if (typeof value !== 'number') throw new CorruptBytesError('numbers are expected');
    return values as number[];
  }

  #nested(kind: number, count: number, depth: number): unknown[] {
    if (depth > MAX_COLUMN_DEPTH) throw new CorruptBytesError(`columns are nested deeper than ${MAX_COLUMN_DEPTH}`);
    switch (kind) {
      case COLUMN.objects:
        return this.#objects(count, depth);
      case COLUMN.arrays:
        return this.#arrays(count, depth);
      case COLUMN.union:
        return this.#union(count, depth);
      default:
        throw new CorruptBytesError(`${kind} is no kind of a column`);
    }
  }

  #constant(): unknown {
    const value = new ValueReader(this.#in).read();
    if (typeof value === 'object' && value !== null) throw new CorruptBytesError('an object is shared by many records');
    return value;
  }

  /** What they hold inside is not counted one by one: their bytes are, as a value takes one at least. */
  #oneByOne(count: number): unknown[] {
    const before = this.#in.left;
    const reader = new ValueReader(this.#in);
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      values.push(reader.read());
      if (before - this.#in.left > this.#left) this.#take(before - this.#in.left);
    }
    this.#take(before - this.#in.left);
    return values;
  }

  #take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new CorruptBytesError('there are more values than a frame may hold');
  }

  #integers(count: number): number[] {
    const least = this.#in.float64();
    if (!Number.isSafeInteger(least)) throw new CorruptBytesError('the least of some integers is none');
    return this.#offsets(count, least);
  }

  #offsets(count: number, least: number): number[] {
    const width = this.#in.byte();
    if (width !== 1 && width !== 2 && width !== 4) throw new CorruptBytesError(`integers of ${width} bytes`);
    const bytes = this.#in.fixed(count * width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Array<number>(count);
    if (width === 1) for (let i = 0; i < count; i++) values[i] = least + (bytes[i] as number);
    else if (width === 2) for (let i = 0; i < count; i++) values[i] = least + view.getUint16(i * 2, true);
    else for (let i = 0; i < count; i++) values[i] = least + view.getUint32(i * 4, true);
    return values;
  }

  #floats(count: number): number[] {
    const bytes = this.#in.fixed(count * 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Array<number>(count);
    for (let i = 0; i < count; i++) values[i] = view.getFloat64(i * 8, true);
    return values;
  }

  #run(count: number): string[] {
    const encoding = this.#in.byte();
    const lengths = this.#offsets(count, 0);
    const bytes = this.#in.bytes();
    let total = 0;
    for (const length of lengths) total += length;
    if (total !== bytes.length) throw new CorruptBytesError('texts are not as long as their lengths say');
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    switch (encoding) {
      case TEXT.ascii:
        return asciiParts(buffer as Buffer & Slicing, lengths);
      case TEXT.utf8:
        return parts(buffer, lengths, 'utf8');
      case TEXT.utf16:
        return parts(buffer, lengths, 'utf16le');
      default:
        throw new CorruptBytesError(`${encoding} is no encoding of texts`);
    }
  }

  #dictionary(count: number): string[] {
    const size = this.#in.varint();
    if (size > count) throw new CorruptBytesError(`${size} distinct texts of ${count}`);
    const distinct = this.#run(size);
    const places = this.#offsets(count, 0);
    const values = new Array<string>(count);
    for (let i = 0; i < count; i++) values[i] = this.#at(distinct, places[i] as number);
    return values;
  }

  #at<T>(list: readonly T[], place: number): T {
    if (place >= list.length) throw new CorruptBytesError(`place ${place} of ${list.length}`);
    return list[place] as T;
  }

  #objects(count: number, depth: number): unknown[] {
    const size = this.#in.varint();
    if (size > this.#in.left) throw new CorruptBytesError(`${size} fields are more than the bytes left`);
    const names = size === 0 ? [] : this.#run(size);
    const columns: unknown[][] = [];
    for (let i = 0; i < size; i++) columns.push(this.column(count, depth + 1));
    return this.#rows.make(names, columns, count);
  }

  #arrays(count: number, depth: number): unknown[][] {
    const lengths = this.#offsets(count, 0);
    let total = 0;
    for (const length of lengths) total += length;
    const items = this.column(total, depth + 1);
    let from = 0;
    return lengths.map((length) => {
      from += length;
      return items.slice(from - length, from);
    });
  }

  #union(count: number, depth: number): unknown[] {
    const size = this.#in.byte();
    if (size > MAX_CLASSES) throw new CorruptBytesError(`${size} classes are more than ${MAX_CLASSES}`);
    const places = this.#in.fixed(count);
    const counts = new Array<number>(size).fill(0);
    for (const place of places) counts[place] = this.#at(counts, place) + 1;
    const columns = counts.map((part) => this.column(part, depth + 1));
    const next = new Array<number>(size).fill(0);
    return Array.from(places, (place) => {
      const at = next[place] as number;
      next[place] = at + 1;
      return columns[place]?.[at];
    });
  }
}

/** Node's own short way to `toString('latin1')`, without its checks of arguments. */
type Slicing = { latin1Slice(from: number, to: number): string };

function asciiParts(buffer: Buffer & Slicing, lengths: readonly number[]): string[] {
  const text = buffer.latin1Slice(0, buffer.length);
  const found = new Array<string>(lengths.length);
  let from = 0;
  for (let i = 0; i < lengths.length; i++) {
    const to = from + (lengths[i] as number);
    found[i] = to - from <= COPIED_LENGTH ? text.substring(from, to) : buffer.latin1Slice(from, to);
    from = to;
  }
  return found;
}

function parts(buffer: Buffer, lengths: readonly number[], encoding: 'utf8' | 'utf16le'): string[] {
  let from = 0;
  return lengths.map((length) => {
    from += length;
    return buffer.toString(encoding, from - length, from);
  });
}
