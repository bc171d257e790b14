import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';

/** What is said of one key: a value and its place among others, or, without a value, that there is nothing any more. */
export type Entry = {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array | undefined;
};

/** Entries in order: one after another, then where each begins. */
export class BlockWriter {
  readonly #out = new ByteWriter(4096);
  readonly #starts: number[] = [];

  get bytes(): number {
    return this.#out.length + 4 * this.#starts.length;
  }

  get count(): number {
    return this.#starts.length;
  }

  add({ key, sequence, value }: Entry): void {
    const out = this.#out;
    this.#starts.push(out.length);
    out.varint(key.length);
    out.bytes(key);
    out.varint(sequence * 2 + (value === undefined ? 0 : 1));
    if (value === undefined) return;
    out.varint(value.length);
    out.bytes(value);
  }

  finish(): Uint8Array {
    const { length } = this.#out;
    const bytes = new Uint8Array(length + 4 * this.#starts.length + 4);
    this.#out.copyTo(bytes, 0);
    const view = new DataView(bytes.buffer);
    for (const [place, start] of this.#starts.entries()) view.setUint32(length + 4 * place, start, true);
    view.setUint32(bytes.length - 4, this.#starts.length, true);
    return bytes;
  }
}

/** Finds entries in what a {@link BlockWriter} wrote. Whatever the bytes are, it gives entries or a {@link CorruptBytesError}. */
export class Block {
  readonly count: number;
  /** What it takes in memory. */
  readonly bytes: number;
  readonly #raw: Uint8Array;
  /** The same, with a comparison of its own. */
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #starts: number;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
    this.#buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
    this.#view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    this.bytes = raw.length;
    this.count = raw.length < 4 ? -1 : this.#view.getUint32(raw.length - 4, true);
    this.#starts = raw.length - 4 - 4 * this.count;
    if (this.count < 0 || this.#starts < 0) throw new CorruptBytesError('a block is cut short');
  }

  /** The place of the first entry whose key is not before this one; `count` where there is none. */
  lowerBound(key: Uint8Array): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(key: Uint8Array): Entry | undefined {
    const place = this.lowerBound(key);
    return place < this.count && this.#compare(place, key) === 0 ? this.at(place) : undefined;
  }

  keyAt(place: number): Uint8Array {
    const [start, end] = this.#keyRange(place);
    return this.#raw.subarray(start, end);
  }

  at(place: number): Entry {
    const [start, end] = this.#keyRange(place);
    const from = new ByteReader(this.#raw.subarray(end, this.#starts));
    const folded = from.varint();
    const sequence = Math.floor(folded / 2);
    return { key: this.#raw.subarray(start, end), sequence, value: folded % 2 === 0 ? undefined : from.bytes() };
  }

  #compare(place: number, key: Uint8Array): number {
    const [start, end] = this.#keyRange(place);
    return this.#buffer.compare(key, 0, key.length, start, end);
  }

  #keyRange(place: number): readonly [start: number, end: number] {
    let at = this.#view.getUint32(this.#starts + 4 * place, true);
    let length = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (at >= this.#starts || scale > 0x20_0000) throw new CorruptBytesError('an entry lies outside its block');
      const byte = this.#raw[at++] as number;
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (at + length > this.#starts) throw new CorruptBytesError('an entry is longer than its block');
    return [at, at + length];
  }
}
