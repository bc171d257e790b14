import { ByteReader } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { type Block, BlockWriter, type Entry } from './block.ts';
import { hashOf } from './entry-key.ts';
import { filterOf } from './filter.ts';
import { seal } from './seal.ts';

/**
 * A sorted piece of a run: blocks, then their index. Both are blocks, sealed; an entry of the index is a block's first key,
 * where it is, and a filter of its keys.
 */
export type SegmentRef = {
  readonly at:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'object'; readonly name: string };
  /** Of all of it, and where its index begins. */
  readonly length: number;
  readonly indexStart: number;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  readonly entries: number;
  /** Before compression. */
  readonly rawBytes: number;
};

export type BlockHandle = {
  readonly start: number;
  readonly length: number;
  readonly rawBytes: number;
  readonly filter: Uint8Array;
};

export type SegmentSizes = { readonly blockBytes: number; readonly segmentBytes: number };

/** Collects entries that come in order; `finish` gives the bytes and, but for where they are put, the reference. */
export class SegmentWriter {
  readonly #blockBytes: number;
  readonly #blocks: Uint8Array[] = [];
  #length = 0;
  readonly #index = new BlockWriter();
  #block = new BlockWriter();
  #hashes: number[] = [];
  #blockFirst = new Uint8Array();
  #first = new Uint8Array();
  #last = new Uint8Array();
  #entries = 0;
  #rawBytes = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  get length(): number {
    return this.#length;
  }

  get entries(): number {
    return this.#entries;
  }

  add(entry: Entry): void {
    if (this.#entries++ === 0) this.#first = entry.key.slice();
    if (this.#block.count === 0) this.#blockFirst = entry.key.slice();
    this.#last = entry.key as Uint8Array<ArrayBuffer>;
    this.#block.add(entry);
    this.#hashes.push(hashOf(entry.key));
    if (this.#block.bytes >= this.#blockBytes) this.#cut();
  }

  finish(): { readonly bytes: Uint8Array; readonly ref: Omit<SegmentRef, 'at'> } {
    this.#cut();
    const indexStart = this.#length;
    const bytes = Buffer.concat([...this.#blocks, seal(this.#index.finish())]);
    const ref = {
      length: bytes.length,
      indexStart,
      first: this.#first,
      last: this.#last.slice(),
      entries: this.#entries,
      rawBytes: this.#rawBytes,
    };
    return { bytes, ref };
  }

  #cut(): void {
    if (this.#block.count === 0) return;
    const raw = this.#block.finish();
    const sealed = seal(raw);
    const value = new ByteWriter();
    value.varint(this.#length);
    value.varint(sealed.length);
    value.varint(raw.length);
    value.bytes(filterOf(this.#hashes));
    this.#index.add({ key: this.#blockFirst, sequence: 0, value: value.take() });
    this.#blocks.push(sealed);
    this.#length += sealed.length;
    this.#rawBytes += raw.length;
    this.#block = new BlockWriter();
    this.#hashes = [];
  }
}

/** A block that an index names. (Not kept: as objects the handles of a large index would take many times its bytes.) */
export function handleAt(index: Block, place: number): BlockHandle {
  const value = index.at(place).value ?? new Uint8Array();
  const from = new ByteReader(value);
  const start = from.varint();
  const length = from.varint();
  return { start, length, rawBytes: from.varint(), filter: value.subarray(from.place) };
}
