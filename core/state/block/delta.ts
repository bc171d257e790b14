import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { ValueWriter } from '../../codec/value-codec.ts';
import { SPACE_KINDS, type Space } from './space.ts';

/**
 * What one commit changed, as bytes: a part for each space that changed, then all values.
 *
 *     format · [raw length · zstd of] ( length of parts · parts · values )
 *
 * 1. Equal changes made in one order give equal bytes.
 * 2. A value is its serializer's version and the value codec's bytes, and can be read by itself: what is applied is not
 *    decoded before it is looked up.
 * 3. Decoding takes no more than {@link MAX_DELTA_BYTES}, whatever the bytes say.
 */
const FORMAT = { plain: 1, zstd: 2 } as const;
/** Below so many bytes zstd saves less than a write unit costs. */
const COMPRESS_FROM = 512;
/** What a batch of 6 MB changes stays far below this. */
export const MAX_DELTA_BYTES = 256 * 1024 * 1024;
/** Where the parts end; a part begins with one more than its kind. */
const END = 0;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export class DeltaWriter {
  readonly parts = new ByteWriter();
  readonly values = new ByteWriter(1024);
  readonly #value = new ValueWriter(this.values);

  begin({ kind, uid, name }: Space): void {
    this.parts.byte(SPACE_KINDS.indexOf(kind) + 1);
    this.parts.text(uid);
    this.parts.text(name);
  }

  value(version: number, plain: unknown): void {
    this.values.varint(version);
    this.#value.forgetNames();
    this.#value.write(plain);
  }

  /** The delta, and its values alone, for those who keep pieces of them. Empty where nothing was begun. */
  finish(): { readonly delta: Uint8Array; readonly values: Uint8Array } {
    const values = this.values.take();
    if (this.parts.length === 0) return { delta: new Uint8Array(), values };
    this.parts.byte(END);
    const out = new ByteWriter(this.parts.length + values.length + 16);
    out.varint(this.parts.length);
    out.bytes(this.parts.take());
    out.bytes(values);
    return { delta: packed(out.take()), values };
  }
}

function packed(body: Uint8Array): Uint8Array {
  const out = new ByteWriter(body.length + 16);
  if (body.length < COMPRESS_FROM) {
    out.byte(FORMAT.plain);
    out.bytes(body);
    return out.take();
  }
  out.byte(FORMAT.zstd);
  out.varint(body.length);
  out.bytes(zstdCompressSync(body, LEVEL));
  return out.take();
}

export class DeltaReader {
  readonly parts: ByteReader;
  readonly #values: Uint8Array;
  #place = 0;

  /** @throws CorruptBytesError where nobody wrote these bytes */
  constructor(delta: Uint8Array) {
    const body = unpacked(delta);
    const head = new ByteReader(body);
    this.parts = new ByteReader(head.bytes());
    this.#values = body.subarray(head.place);
  }

  /** The space of the next part; undefined at the end. */
  next(): Space | undefined {
    const kind = this.parts.byte();
    if (kind === END) {
      if (this.parts.left > 0 || this.#place < this.#values.length) {
        throw new CorruptBytesError('bytes follow the last part of a delta');
      }
      return undefined;
    }
    const known = SPACE_KINDS[kind - 1];
    if (known === undefined) throw new CorruptBytesError(`${kind} is no kind of state`);
    return { kind: known, uid: this.parts.text(), name: this.parts.text() };
  }

  /** The next value, as it was written: a view. */
  value(length: number): Uint8Array {
    const end = this.#place + length;
    if (end > this.#values.length) throw new CorruptBytesError(`a value of ${length} bytes is cut short`);
    const value = this.#values.subarray(this.#place, end);
    this.#place = end;
    return value;
  }
}

function unpacked(delta: Uint8Array): Uint8Array {
  const head = new ByteReader(delta);
  const format = head.byte();
  if (format === FORMAT.plain) return delta.subarray(1);
  if (format !== FORMAT.zstd)
    throw new CorruptBytesError(`a delta has format ${format}, and this version knows 1 and 2`);
  const length = head.varint();
  if (length > MAX_DELTA_BYTES)
    throw new CorruptBytesError(`a delta claims ${length} bytes, more than ${MAX_DELTA_BYTES}`);
  return inflated(delta.subarray(head.place), length);
}

/** @throws CorruptBytesError where they are not `length` bytes compressed by zstd */
export function inflated(bytes: Uint8Array, length: number): Uint8Array {
  let raw: Uint8Array;
  try {
    raw = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch (error) {
    throw new CorruptBytesError(`the bytes are no whole zstd frame: ${error instanceof Error ? error.message : error}`);
  }
  if (raw.length !== length) throw new CorruptBytesError(`${raw.length} bytes came out, and ${length} were said`);
  return raw;
}
